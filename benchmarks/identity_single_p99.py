"""identity_single_p99: how long one observation takes at most, but for one in a hundred, with four at a time.

The limit is the mean of pgbench's four clients writing the rows of a new person: a bound that no 99th percentile reaches.
"""

import os
import subprocess
import sys

from benchmarks import _identity as it
from benchmarks import _observing
from benchmarks.harness.ground import ROOT, Ground
from benchmarks.harness.load import pgbench
from benchmarks.harness.pairs import Result, interleaved

CLIENTS, SECONDS = 4, 5


def run(ground: Ground) -> Result:
    """Four threads, so that what is measured is the operation and not the queue before it."""
    url = ground.clone(ground.database("nobody", sources=it.EMPTY_SOURCES, build=lambda _: None))
    it.bring_in(ground, url, it.file(ground, observations=100_000))
    words = [sys.executable, "-m", "benchmarks._observing", str(CLIENTS), str(SECONDS)]
    known = {**os.environ, **ground.variables(url)}

    def value() -> float:
        done = subprocess.run(words, cwd=ROOT, env=known, check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout.split()[-1]) / 1000

    pairs = interleaved(
        value, lambda: pgbench(url, [_observing.SCRIPT], clients=CLIENTS, seconds=SECONDS).latency / 1000, is_time=True
    )
    return pairs.result("seconds", clients=CLIENTS, known_before=100_000, limit_is="mean latency of pgbench")
