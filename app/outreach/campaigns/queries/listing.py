"""Campaigns and lists as pages show them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, func, select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.campaigns.models import Campaign, Recipient, RecipientList
from app.outreach.campaigns.refusals import CampaignUnknown, ListUnknown
from app.outreach.campaigns.rules import Wave
from app.people import identity


@dataclass(frozen=True)
class CampaignView:
    """A campaign as others see it. `people`: how many it goes to as far as is known now; `words_ready`: each of its channels
    that has words; `is_tested`, `released_by`: as the words are now."""

    id: int
    name: str
    purpose: materials.PurposeView
    list_id: int | None
    list_name: str | None
    people: int
    state: str
    starts_at: dt.datetime | None
    waves: Sequence[Wave]
    control_percent: int
    goal_days: int
    dispatch_ids: Sequence[int]
    planned: int
    made_by: int
    made_at: dt.datetime
    is_tested: bool
    words_ready: bool
    released_by: int | None
    started_at: dt.datetime | None
    ended_at: dt.datetime | None


def list_campaigns(*, limit: int = 50) -> list[CampaignView]:
    """The newest campaigns first."""
    rows = db.session.scalars(select(Campaign).order_by(Campaign.id.desc()).limit(limit))
    return [view_of(row) for row in rows]


def get_campaign(campaign_id: int) -> CampaignView:
    """One campaign. Raises CampaignUnknown."""
    return view_of(find(campaign_id))


def find(campaign_id: int, *, lock: bool = False) -> Campaign:
    """The row. Raises CampaignUnknown."""
    row = db.session.get(Campaign, campaign_id, with_for_update=lock, populate_existing=True)
    if row is None:
        raise CampaignUnknown
    return row


def view_of(row: Campaign) -> CampaignView:
    """A row as others see it."""
    purpose = materials.purposes.get(row.purpose_id)
    words = materials.words.list_words([row.purpose_id])
    changed = [one.changed_at for one in words.values() if one.changed_at is not None]
    told = {name: getattr(row, name) for name in _SAME}
    if row.released_at is None or any(row.released_at < moment for moment in changed):
        told["released_by"] = None  # somebody released something else
    told["waves"] = [Wave(**wave) for wave in row.waves]
    listed = db.session.get(RecipientList, row.list_id) if row.list_id is not None else None
    return CampaignView(
        **told,
        purpose=purpose,
        list_name=listed.name if listed else None,
        people=listed.found if listed else identity.who.count_everybody(),
        is_tested=row.tested_at is not None and all(row.tested_at >= moment for moment in changed),
        words_ready={channel for _, channel, _ in words} >= set(purpose.channels) and bool(words),
    )


_SAME = (
    "id", "name", "list_id", "state", "starts_at", "control_percent", "goal_days", "dispatch_ids", "planned", "made_by",
    "made_at", "released_by", "started_at", "ended_at",
)  # fmt: skip


def list_lists(*, limit: int = 50) -> list[RecipientList]:
    """The newest lists first."""
    return list(db.session.scalars(select(RecipientList).order_by(RecipientList.id.desc()).limit(limit)))


def get_list(list_id: int) -> RecipientList:
    """One list. Raises ListUnknown."""
    row = db.session.get(RecipientList, list_id)
    if row is None:
        raise ListUnknown
    return row


def sample_of(campaign_id: int, *, number: int) -> list[int]:
    """So many of a campaign's people chosen by chance, all where they are fewer. Raises CampaignUnknown."""
    row = find(campaign_id)
    if row.list_id is None:
        return identity.who.some_of_everybody(number)
    on_list = (
        select(Recipient.customer_id)
        .where(Recipient.list_id == row.list_id, Recipient.left_at.is_(None))
        .distinct()
        .subquery()
    )
    return list(db.session.scalars(select(on_list.c.customer_id).order_by(func.random()).limit(number)))


def people_of(row: Campaign, *, after_id: int, limit: int) -> tuple[Select[int], int]:
    """The next people of a campaign, by customer, as a SELECT of `customer_id`; and the id it reaches, `after_id` when nobody
    is left."""
    if row.list_id is None:
        return identity.who.everybody(after_id=after_id, limit=limit)
    on_list = (
        select(Recipient.customer_id)
        .where(Recipient.list_id == row.list_id, Recipient.left_at.is_(None), Recipient.customer_id > after_id)
        .order_by(Recipient.customer_id)
        .distinct()
        .limit(limit)
    )
    reached = db.session.execute(select(func.max(on_list.subquery().c.customer_id))).scalar_one()
    upto = after_id if reached is None else int(reached)
    page = (
        select(Recipient.customer_id.label("customer_id"))
        .where(Recipient.list_id == row.list_id, Recipient.left_at.is_(None))
        .where(Recipient.customer_id > after_id, Recipient.customer_id <= upto)
        .distinct()
    )
    return page, upto
