"""identity_febrl4: how well pairs are proposed on FEBRL4, F1 with its precision and recall; labels are for scoring only.

Two registers of the same 5,000 people are pooled and matched as our customers are, at the default threshold: a pair within
one register counts as wrong. The limit is 1: all true pairs and no other.
"""

import functools
import time
from typing import Any

from app.people.identity.rules import matching
from benchmarks._weak_people import Known, febrl
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result

NAMES = ("identity_febrl4", "identity_febrl4_precision", "identity_febrl4_recall")


def scored(known: Known) -> tuple[tuple[float, float, float], dict[str, Any]]:
    """F1, precision and recall of what is proposed, and how it was measured."""
    began = time.monotonic()
    pairs = matching.match(known.records)
    seconds = time.monotonic() - began
    precision, recall, f1 = known.scores(pairs)
    return (f1, precision, recall), {
        "records": len(known.records),
        "true_pairs": known.true_pairs,
        "proposed_pairs": len(pairs),
        "threshold": matching.THRESHOLD,
        "seconds": round(seconds, 1),
    }


@functools.cache
def figures() -> dict[str, Result]:
    """All three, measured once."""
    found, conditions = scored(febrl("dataset4a", "dataset4b"))
    return {name: share(value, conditions) for name, value in zip(NAMES, found, strict=True)}


def share(value: float, conditions: dict[str, Any]) -> Result:
    """A share of what is possible, which is its own ratio."""
    return Result(value, "share", 1.0, value, conditions)


def run(ground: Ground) -> dict[str, Result]:
    """The three lines."""
    return figures()
