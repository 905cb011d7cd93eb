"""What members do when orders announce."""

from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.membership.members.operations.growth import credit_orders
from app.trade.orders import OrderPaid, OrderRefunded


@reacts_to(OrderPaid)
def grow_by_paid_orders(facts: Sequence[OrderPaid]) -> None:
    """Paid orders of members bring growth."""
    credit_orders(facts=facts, now=facts[0].at)


@reacts_to(OrderRefunded)
def shrink_by_refunds(facts: Sequence[OrderRefunded]) -> None:
    """Refunds take growth back (M09)."""
    credit_orders(facts=facts, now=facts[0].at)
