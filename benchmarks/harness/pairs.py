"""Interleaved measurements: the value and its limit in turn, the median pair quoted."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pair:
    """One measurement of the value and the limit beside it; `ratio` is 1 at the limit, more is better."""

    value: float
    limit: float
    ratio: float


@dataclass(frozen=True)
class Result:
    """What a bench found. `unit` tells what `value` and `limit` count; `conditions` how it was measured."""

    value: float
    unit: str
    limit: float
    ratio: float
    conditions: dict[str, Any] = field(default_factory=dict)

    def line(self, bench: str, conditions: dict[str, Any]) -> dict[str, Any]:
        """The bench's line; its own conditions stand before the ground's."""
        return {
            "bench": bench,
            "value": _short(self.value),
            "unit": self.unit,
            "limit": _short(self.limit),
            "ratio": round(self.ratio, 3),
            "conditions": self.conditions | conditions,
        }


@dataclass(frozen=True)
class Pairs:
    """All pairs of a bench and the one that is quoted."""

    median: Pair
    all: tuple[Pair, ...]

    def result(self, unit: str, **conditions: Any) -> Result:
        """The result that quotes the median pair; the spread of the ratios goes into the conditions."""
        ratios = [round(pair.ratio, 3) for pair in self.all]
        known = {**conditions, "pairs": len(ratios), "ratios": ratios}
        return Result(self.median.value, unit, self.median.limit, self.median.ratio, known)


def interleaved(
    value: Callable[[], float], limit: Callable[[], float], *, rounds: int = 3, is_time: bool = False, warm: bool = True
) -> Pairs:
    """Measure both `rounds` times in turn, the order swapped every time, after one unmeasured turn of each.

    Both give a rate (more is better), or a time in seconds with `is_time`. An even number of rounds is made odd,
    so that the median is a pair that was really measured.
    """
    if warm:
        value(), limit()
    pairs = []
    for number in range(rounds if rounds % 2 else rounds + 1):
        if number % 2:
            bound = limit()
            reached = value()
        else:
            reached = value()
            bound = limit()
        if reached <= 0 or bound <= 0:
            raise ValueError(f"a measurement of nothing: value {reached}, limit {bound}")
        pairs.append(Pair(reached, bound, bound / reached if is_time else reached / bound))
    ordered = sorted(pairs, key=lambda pair: pair.ratio)
    return Pairs(ordered[len(ordered) // 2], tuple(pairs))


def _short(number: float) -> float:
    return round(number, 1) if number >= 100 else float(f"{number:.4g}")
