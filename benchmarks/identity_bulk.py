"""identity_bulk: a million observations of about 390,000 people, chains and stars among them, into an empty database.

The value is `import-observations` on a CSV file: reading, normalising, hashing, encrypting, resolving, evidence, people, ids,
facts. The limit is COPY of the very rows it wrote into plain tables without index or constraint, and SciPy's connected
components over the same graph in memory.
"""

from benchmarks import _identity as it
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result, interleaved


def run(ground: Ground) -> Result:
    """Into nothing."""
    url = ground.clone(ground.database("nobody", sources=it.EMPTY_SOURCES, build=lambda _: None))
    path = it.file(ground, observations=it.OBSERVATIONS)
    it.bring_in(ground, url, path)
    raw, graph, people = it.rows(url), it.edges(url), it.people(url)

    def value() -> float:
        it.empty(url)
        rate = it.bring_in(ground, url, path)
        if it.people(url) != people:
            raise RuntimeError(f"{it.people(url)} people, {people} before")
        return rate

    pairs = interleaved(value, lambda: it.limit(url, raw, graph, it.OBSERVATIONS), rounds=3, warm=False)
    written = {table: round(len(content) / 1e6) for table, content in raw.items()}
    return pairs.result("observations/s", observations=it.OBSERVATIONS, people=people, written_mb=written)
