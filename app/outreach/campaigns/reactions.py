"""What campaigns do when others announce, and what they answer right before their messages leave."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.facts import Objection, hears, reacts_to
from app.kernel.re_pointing import re_point
from app.outreach.campaigns.models import Campaign, CampaignOrder, Recipient
from app.outreach.campaigns.operations import following
from app.outreach.materials import WordsChangeProposed, purposes
from app.outreach.messaging import SendingProposed
from app.people import identity
from app.trade.orders import OrderPaid, OrderRefunded

reacts_to(OrderPaid)(following.note_orders)
reacts_to(OrderRefunded)(following.note_refunds)
TABLES = (Recipient, CampaignOrder)


@hears(SendingProposed)
def object_to_those_who_left(proposal: SendingProposed) -> Iterable[Objection]:
    """`stopped` where the campaign was stopped, `left_list` for who is not on its list any more."""
    if not proposal.purpose.startswith("campaign:") or proposal.purpose.endswith(":test"):
        return []
    purpose_id = purposes.find(proposal.purpose).id
    row = db.session.execute(
        select(Campaign.state, Campaign.list_id).where(Campaign.purpose_id == purpose_id)
    ).one_or_none()
    if row is None:
        return []
    if row.state == "stopped":
        return [Objection("stopped", {"delivery_id": one.delivery_id}) for one in proposal.deliveries]
    if row.list_id is None:
        return []
    people = [one.customer_id for one in proposal.deliveries]
    on_list = select(Recipient.customer_id).where(
        Recipient.list_id == row.list_id, Recipient.customer_id.in_(people), Recipient.left_at.is_(None)
    )
    still = set(db.session.scalars(on_list))
    return [
        Objection("left_list", {"delivery_id": one.delivery_id})
        for one in proposal.deliveries
        if one.customer_id not in still
    ]


@hears(WordsChangeProposed)
def object_to_other_words(proposal: WordsChangeProposed) -> Iterable[Objection]:
    """`campaign_under_way`: what was tested and released is what goes out (R04)."""
    under_way = select(Campaign.id).where(
        Campaign.purpose_id == proposal.purpose_id, Campaign.state.in_(["scheduled", "planning", "running", "paused"])
    )
    found = db.session.scalars(under_way).first()
    return [Objection("campaign_under_way", {"campaign_id": found})] if found is not None else []


@reacts_to(identity.PeopleMerged)
def gather_what_both_have(facts: Sequence[identity.PeopleMerged]) -> None:
    """Places on lists and orders go over to the survivor."""
    for table in TABLES:
        re_point(table, [(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])


@reacts_to(identity.PeopleSeparated)
def give_each_their_own(facts: Sequence[identity.PeopleSeparated]) -> None:
    """They go back to whom they were born to."""
    for table in TABLES:
        re_point(table, [(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])
