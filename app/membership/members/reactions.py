"""What members do when orders announce, and when people become one or are set apart."""

from collections.abc import Sequence

from app.kernel.facts import announce, reacts_to
from app.membership.members.operations.growth import credit_orders
from app.membership.members.operations.merging import merge_members, separate_members
from app.people.identity import PeopleMerged, PeopleSeparated
from app.trade.orders import OrderPaid, OrderRefunded


@reacts_to(OrderPaid)
def grow_by_paid_orders(facts: Sequence[OrderPaid]) -> None:
    """Paid orders of members bring growth."""
    credit_orders(facts=facts, now=facts[0].at)


@reacts_to(OrderRefunded)
def shrink_by_refunds(facts: Sequence[OrderRefunded]) -> None:
    """Refunds take growth back (M09)."""
    credit_orders(facts=facts, now=facts[0].at)


@reacts_to(PeopleMerged)
def become_one_member(facts: Sequence[PeopleMerged]) -> None:
    """One card, the growth of both, never below the better tier (M10)."""
    announce(merge_members(facts))


@reacts_to(PeopleSeparated)
def become_two_members(facts: Sequence[PeopleSeparated]) -> None:
    """Each has their own card and standing again."""
    announce(separate_members(facts))
