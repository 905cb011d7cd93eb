"""Treated against control: the difference of two rates, with an interval."""

import math
from dataclasses import dataclass

Z_95 = 1.959964
# Below so many people in either group a difference says nothing (field rules, part 3).
FEWEST = 30


@dataclass(frozen=True, slots=True)
class Effect:
    """Rates between 0 and 1. `difference` is treated − control, `low` and `high` its 95 % interval; all three are None where
    there is no control group, or either group is too small."""

    treated_rate: float | None
    control_rate: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None


def effect_of(*, treated: int, bought: int, control: int, control_bought: int) -> Effect:
    """The effect on buying, of people counted once.

    The interval is Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10), which holds for small
    rates, where the usual one goes below zero.
    """
    rate = bought / treated if treated else None
    base = control_bought / control if control else None
    if rate is None or base is None or min(treated, control) < FEWEST:
        return Effect(rate, base)
    low, high = _wilson(bought, treated)
    base_low, base_high = _wilson(control_bought, control)
    difference = rate - base
    return Effect(
        rate,
        base,
        difference,
        difference - math.hypot(rate - low, base_high - base),
        difference + math.hypot(high - rate, base - base_low),
    )


def _wilson(count: int, total: int) -> tuple[float, float]:
    rate, square = count / total, Z_95**2
    middle = (rate + square / (2 * total)) / (1 + square / total)
    half = Z_95 * math.sqrt(rate * (1 - rate) / total + square / (4 * total**2)) / (1 + square / total)
    return middle - half, middle + half
