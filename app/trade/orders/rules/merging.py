"""How reports add up to one order, whatever their order and however often each came.

Every part keeps the newest value told (by `reported_at`; told at the same moment, the greater text counts); buyers, coupon
codes and refunds only grow. So `merge` is a join of a semilattice: commutative, associative, idempotent.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.trade.orders.rules.reports import OrderReport, Refund

PARTS = (
    "store_code",
    "placed_at",
    "paid_at",
    "shipped_at",
    "received_at",
    "amounts",
    "lines",
    "in_store",
    "earns",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One value and when it was told."""

    reported_at: dt.datetime
    value: Any

    def newer(self, other: "Told") -> "Told":
        """Of two values the one that counts."""
        if self.value == other.value:
            return self if self.reported_at >= other.reported_at else other
        return max(self, other, key=lambda told: (told.reported_at, repr(told.value)))


@dataclass(slots=True)
class OrderState:
    """What all reports so far say about one order."""

    channel: str
    number: str
    parts: dict[str, Told] = field(default_factory=dict)
    refunds: dict[str, Told] = field(default_factory=dict)
    buyer_keys: frozenset[str] = frozenset()
    coupon_codes: frozenset[str] = frozenset()

    def get(self, part: str) -> Any:
        """The value of a part, None while nobody told it."""
        told = self.parts.get(part)
        return told.value if told else None

    @property
    def is_known(self) -> bool:
        """Whether the order itself was told, not only a refund of it (O03)."""
        return self.get("placed_at") is not None or self.get("paid_at") is not None

    @property
    def ordered_at(self) -> dt.datetime | None:
        """When it was placed, or paid where nobody tells more; None while only refunds are known."""
        return self.get("placed_at") or self.get("paid_at")  # type: ignore[no-any-return]

    @property
    def is_payable(self) -> bool:
        """Whether it is paid in full and one knows how much."""
        return self.get("paid_at") is not None and (self.get("amounts") or self.get("lines")) is not None


def merge(state: OrderState, report: OrderReport, buyer_keys: Iterable[str] = ()) -> OrderState:
    """The state with one more report. `buyer_keys` are the keys of the report's usable buyer ids."""
    parts, refunds, at = dict(state.parts), dict(state.refunds), report.reported_at
    for name in PARTS:
        if (value := getattr(report, name)) is not None:
            _put(parts, name, Told(at, value))
    for refund in report.refunds:
        _put(refunds, refund.number, Told(at, refund))
    return OrderState(
        state.channel,
        state.number,
        parts,
        refunds,
        state.buyer_keys | frozenset(buyer_keys),
        state.coupon_codes | frozenset(report.coupon_codes),
    )


def _put(kept: dict[str, Told], name: str, told: Told) -> None:
    former = kept.get(name)
    kept[name] = told if former is None else told.newer(former)


def refunds_in_order(state: OrderState) -> list[Refund]:
    """The refunds by the time they happened."""
    return sorted(
        (told.value for told in state.refunds.values()), key=lambda refund: (refund.refunded_at, refund.number)
    )
