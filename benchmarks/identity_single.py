"""identity_single: observations one at a time through the operation, every second of a person who is new.

The value is `observing.observe` in its unit of work, in two processes of eight threads. The limit is pgbench in simple mode
with sixteen clients writing the rows of a new person: look, lock, person with two ids, evidence.
"""

from benchmarks import _identity as it
from benchmarks import _observing
from benchmarks.harness.ground import Ground
from benchmarks.harness.load import operations, pgbench
from benchmarks.harness.pairs import Result, interleaved

SECONDS = 5


def run(ground: Ground) -> Result:
    """A hundred thousand observations are known before."""
    url = ground.clone(ground.database("nobody", sources=it.EMPTY_SOURCES, build=lambda _: None))
    it.bring_in(ground, url, it.file(ground, observations=100_000))
    variables = ground.variables(url)
    pairs = interleaved(
        lambda: operations("benchmarks._observing:prepare", variables, processes=2, threads=8, seconds=SECONDS),
        lambda: pgbench(url, [_observing.SCRIPT], clients=16, seconds=SECONDS).rate,
    )
    return pairs.result("observations/s", clients=16, known_before=100_000, new_people="every second observation")
