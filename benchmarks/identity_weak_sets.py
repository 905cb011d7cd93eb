"""identity_weak_sets: the same model on other people, F1 each: FEBRL's sets with doubles, FEBRL4 without its number, and
a made-up Chinese register (homophones, pinyin, slips, moved homes, families of one home). Nothing is set anew for any."""

from collections.abc import Callable

from benchmarks._weak_people import Known, febrl, made_up
from benchmarks.harness.ground import Ground
from benchmarks.harness.pairs import Result
from benchmarks.identity_febrl4 import scored, share

SETS: dict[str, Callable[[], Known]] = {
    "identity_weak_febrl1": lambda: febrl("dataset1"),
    "identity_weak_febrl2": lambda: febrl("dataset2"),
    "identity_weak_febrl3": lambda: febrl("dataset3"),
    "identity_weak_febrl3_no_number": lambda: febrl("dataset3", with_number=False),
    "identity_weak_febrl4_no_number": lambda: febrl("dataset4a", "dataset4b", with_number=False),
    "identity_weak_chinese": made_up,
}


def run(ground: Ground) -> dict[str, Result]:
    """A line a set; precision and recall stand in its conditions."""
    lines = {}
    for name, known in SETS.items():
        (f1, precision, recall), conditions = scored(known())
        shares = {"precision": round(precision, 4), "recall": round(recall, 4)}
        lines[name] = share(f1, conditions | shares)
    return lines
