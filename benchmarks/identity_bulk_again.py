"""identity_bulk_again: the million of identity_bulk once more, all known: looked up, and nothing to be written.

The limit is that of identity_bulk: what it took to know all this, COPY of the rows and connected components.
"""

from benchmarks import _identity as it
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result, interleaved


def run(ground: Ground) -> Result:
    """All known."""
    url = ground.clone(ground.database("nobody", sources=it.EMPTY_SOURCES, build=lambda _: None))
    path = it.file(ground, observations=it.OBSERVATIONS)
    it.bring_in(ground, url, path)
    raw, graph, people = it.rows(url), it.edges(url), it.people(url)
    pairs = interleaved(
        lambda: it.bring_in(ground, url, path, "--again"),
        lambda: it.limit(url, raw, graph, it.OBSERVATIONS), rounds=3, warm=False,
    )  # fmt: skip
    if it.people(url) != people:
        raise RuntimeError("the same again changed people")
    return pairs.result("observations/s", observations=it.OBSERVATIONS, people=people)
