"""Grants, windows, refusals and caps of people who were merged or set apart; peace after a refund."""

import datetime as dt
from collections.abc import Sequence

from app.kernel.facts import reacts_to
from app.kernel.policy import current
from app.outreach.messaging.models import MessagingPolicy
from app.outreach.messaging.operations import gathering, refusing
from app.outreach.messaging.operations.refusing import Peaceful
from app.outreach.messaging.reactions import merging as _deliveries_before  # noqa: F401  (what counts is counted of them)
from app.people.identity import PeopleMerged, PeopleSeparated
from app.trade.orders import OrderRefunded


@reacts_to(PeopleMerged)
def gather_what_limits_both(facts: Sequence[PeopleMerged]) -> None:
    """What either allowed, refused or has had holds for the one they are."""
    gathering.go_over([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(PeopleSeparated)
def give_each_their_own_limits(facts: Sequence[PeopleSeparated]) -> None:
    """Each has again what they allowed, refused and have had themselves."""
    gathering.go_over([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])


@reacts_to(OrderRefunded)
def leave_in_peace_after_a_refund(facts: Sequence[OrderRefunded]) -> None:
    """Marketing leaves them alone for some days (R03); of what was refunded long ago nothing follows."""
    days = dt.timedelta(days=current(MessagingPolicy).peace_days)
    for fact in facts:
        wish = Peaceful(fact.customer_id, fact.born_customer_id, f"refund:{fact.order_id}", fact.refunded_at + days)
        refusing.keep_peace([wish], now=fact.at)
