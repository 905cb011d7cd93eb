"""What points do when orders or members announce something."""

from collections.abc import Sequence

from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import Statement, db
from app.kernel.facts import Objection, hears, reacts_to
from app.membership.members import MemberJoined, OldCardBound
from app.membership.points import queries
from app.membership.points.operations.adjusting import credit_opening_lots
from app.membership.points.operations.merging import merge
from app.membership.points.operations.orders import credit_orders
from app.membership.points.operations.parting import separate, shortages
from app.membership.points.refusals import SpentTogether
from app.people.identity import PeopleMerged, PeopleSeparated, SeparationProposed
from app.trade import orders
from app.trade.orders import OrderPaid, OrderReceived, OrderRefunded

_ADMIT = Statement(
    lambda: text(
        """
        WITH joined AS (
            SELECT * FROM unnest(CAST(:customer_ids AS bigint[]), CAST(:born AS bigint[]), CAST(:moments AS timestamptz[]))
                AS joined (customer_id, born_customer_id, earns_since)
        ), earner AS (
            INSERT INTO points_earner SELECT * FROM joined ON CONFLICT DO NOTHING
        )
        UPDATE points_account SET earns_since = coalesce(points_account.earns_since, joined.earns_since)
        FROM joined WHERE points_account.customer_id = joined.customer_id
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
    born = [carrier.born(customer_id) for customer_id in since]
    _ADMIT.rows(session, customer_ids=list(since), born=born, moments=list(since.values()))
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


@reacts_to(PeopleMerged)
def share_one_account(facts: Sequence[PeopleMerged]) -> None:
    """Who becomes one has one account; the orders of the two earn as one member's do."""
    merge(facts)


@hears(SeparationProposed)
def object_to_spent_points(proposal: SeparationProposed) -> list[Objection]:
    """What a side spent must have been its own; how much was not, by customer."""
    short = shortages(proposal)
    return [Objection(SpentTogether.code, {"short": {str(one): short[one] for one in short}})] if short else []


@reacts_to(PeopleSeparated)
def part_accounts(facts: Sequence[PeopleSeparated]) -> None:
    """Who is set apart again has the account they would have, had they never been merged."""
    separate(facts)
