"""What a profile says of the figures it shows, and how two people compare."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class Compared:
    """One line of two people side by side. `state`: agrees, differs, or plain where there is nothing to compare."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    state: str
    scope: str = ""


def state_of(left: Collection[Hashable], right: Collection[Hashable]) -> str:
    """Two sets of values agree where they share one, differ where each has its own, else nothing can be said."""
    if set(left) & set(right):
        return "agrees"
    return "differs" if left and right else "plain"


def growth_to_next(growth: int, next_threshold: int | None) -> int | None:
    """What is missing to the next tier, None at the top, never below 0."""
    return None if next_threshold is None else max(next_threshold - growth, 0)


def name_for_card(card_number: str) -> str:
    """What stands for a name that was not given."""
    return f"会员 {card_number[-4:]}"
