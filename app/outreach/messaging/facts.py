"""What messaging asks those upstairs before it sends."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProposedDelivery:
    """One message that is about to leave, to a customer or to staff. `values`: what the occasion brought."""

    delivery_id: int
    dispatch_id: int
    customer_id: int | None
    born_customer_id: int | None
    staff_id: int | None
    occasion: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class SendingProposed:
    """Put to a hearing right before messages of one purpose leave: is each still wanted? Answers only, no changes.

    Who objects gives an Objection for each delivery that should stay: its code says why (shown as objected:<code>), its
    data names the `delivery_id`. One hearing for many deliveries: answer with one statement.
    """

    purpose: str
    deliveries: tuple[ProposedDelivery, ...]
    now: dt.datetime

    @property
    def occasion_by_delivery(self) -> dict[int, str]:
        """The occasion of each delivery."""
        return {one.delivery_id: one.occasion for one in self.deliveries}
