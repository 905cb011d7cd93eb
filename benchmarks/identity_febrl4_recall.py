"""identity_febrl4_recall: one of the three figures of identity_febrl4."""

from benchmarks import identity_febrl4
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result


def run(ground: Ground) -> Result:
    """The line alone."""
    return identity_febrl4.figures()["identity_febrl4_recall"]
