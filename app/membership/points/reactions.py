"""What points do when orders or members announce something."""

from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.facts import reacts_to
from app.membership.members import MemberJoined, OldCardBound
from app.membership.points import queries
from app.membership.points.operations.adjusting import credit_opening_lots
from app.membership.points.operations.orders import credit_orders
from app.trade import orders
from app.trade.orders import OrderPaid, OrderReceived, OrderRefunded

_ADMIT = Statement(
    lambda: text(
        """
        UPDATE points_account SET earns_since = coalesce(points_account.earns_since, joined.earns_since)
        FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:moments AS timestamptz[])) AS joined (customer_id, earns_since)
        WHERE points_account.customer_id = joined.customer_id
        """
    )
)


@reacts_to(MemberJoined)
def credit_the_past_of_new_members(facts: Sequence[MemberJoined]) -> None:
    """From now on their orders earn; those paid since their date earn at once.

    The account is locked before the orders are read: an order that arrives at the same time either is read here or finds
    a member.
    """
    session = db.session()
    since = {fact.customer_id: fact.earns_since for fact in facts}
    queries.lock_accounts(session, since)
    _ADMIT.rows(session, customer_ids=list(since), moments=list(since.values()))
    now = max(fact.at for fact in facts)
    past = orders.list_order_facts(list(since), paid_since=since, now=now)
    if past:
        credit_orders(past, now=now)


@reacts_to(OldCardBound)
def take_over_old_points(facts: Sequence[OldCardBound]) -> None:
    """Old cards bring their lots along (C08)."""
    credit_opening_lots(facts, now=max(fact.at for fact in facts))


@reacts_to(OrderPaid)
def reward_payments(facts: Sequence[OrderPaid]) -> None:
    """Paid orders of members earn (M01)."""
    credit_orders(facts, now=max(fact.at for fact in facts))


@reacts_to(OrderReceived)
def open_after_the_return_period(facts: Sequence[OrderReceived]) -> None:
    """What online orders earned becomes spendable some days after receipt (M02)."""
    credit_orders(facts, now=max(fact.at for fact in facts))


@reacts_to(OrderRefunded)
def take_back_after_refunds(facts: Sequence[OrderRefunded]) -> None:
    """A refunded order keeps what is left of it in proportion."""
    credit_orders(facts, now=max(fact.at for fact in facts))
