"""A campaign from release to end: planned page by page, paused, resumed, stopped, ended."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, literal, select

from app.kernel import outbox
from app.kernel.database import db
from app.kernel.policy import current
from app.outreach import materials
from app.outreach.campaigns.models import Campaign, CampaignsPolicy
from app.outreach.campaigns.queries import listing
from app.outreach.campaigns.refusals import CampaignMoved, NotTested, SecondPersonNeeded
from app.outreach.campaigns.rules import Wave, shares_of
from app.outreach.messaging import dispatching, touching

UNDER_WAY = ("scheduled", "planning", "running", "paused")
HASH_SEED = 7
PLAN_NOW = "campaigns.plan"
PAGE = 50_000


def release(campaign_id: int, *, staff_id: int, now: dt.datetime) -> None:
    """A second person's yes (R04). Raises CampaignUnknown, CampaignMoved, SecondPersonNeeded for whoever made it."""
    row = listing.find(campaign_id, lock=True)
    if row.state != "draft":
        raise CampaignMoved(state=row.state)
    if staff_id == row.made_by:
        raise SecondPersonNeeded(**_large(row))
    row.released_by, row.released_at = staff_id, now
    db.session.flush()


def start(campaign_id: int, *, now: dt.datetime) -> None:
    """Let it go at its time. Raises CampaignUnknown, CampaignMoved, NotTested, SecondPersonNeeded."""
    row = listing.find(campaign_id, lock=True)
    if row.state != "draft":
        raise CampaignMoved(state=row.state)
    view = listing.view_of(row)
    if not view.is_tested:
        raise NotTested
    large = _large(row)
    if large["people"] > large["limit"] and view.released_by is None:
        raise SecondPersonNeeded(**large)
    row.state, row.starts_at = "scheduled", _not_before(now, row.starts_at)
    outbox.post(PLAN_NOW, {}, due_at=row.starts_at)
    db.session.flush()


def pause(campaign_id: int, *, now: dt.datetime) -> None:
    """Nothing more leaves until it goes on. Raises CampaignUnknown, CampaignMoved."""
    row = listing.find(campaign_id, lock=True)
    if row.state not in ("scheduled", "planning", "running"):
        raise CampaignMoved(state=row.state)
    row.state = "paused"
    _with_dispatches(row, dispatching.pause, now)


def resume(campaign_id: int, *, now: dt.datetime) -> None:
    """Let it go on; planning goes on where it was. Raises CampaignUnknown, CampaignMoved."""
    row = listing.find(campaign_id, lock=True)
    if row.state != "paused":
        raise CampaignMoved(state=row.state)
    row.state = "planning" if row.started_at else "scheduled"
    if row.started_at is None:
        row.starts_at = _not_before(now, row.starts_at)
    outbox.post(PLAN_NOW, {}, due_at=now)
    _with_dispatches(row, dispatching.resume, now)


def _not_before(now: dt.datetime, starts_at: dt.datetime | None) -> dt.datetime:
    """A message is valid from its time on: counted from one that is past, it would be too late for everybody."""
    return max(starts_at or now, now)


def stop(campaign_id: int, *, now: dt.datetime) -> None:
    """For good. What was sent stays sent. Raises CampaignUnknown, CampaignMoved."""
    row = listing.find(campaign_id, lock=True)
    if row.state not in UNDER_WAY:
        raise CampaignMoved(state=row.state)
    row.state, row.ended_at = "stopped", now
    _with_dispatches(row, dispatching.stop, now)


def plan_due(*, now: dt.datetime, limit: int) -> int:
    """Plan the next `limit` people of the campaign that is due first; how many were looked at, 0 when nothing is left."""
    due = (
        select(Campaign)
        .where(Campaign.state.in_(["scheduled", "planning"]), Campaign.starts_at <= now)
        .order_by(Campaign.starts_at, Campaign.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    row = db.session.scalars(due).one_or_none()
    if row is None:
        return 0
    if not row.dispatch_ids:
        _open(row, now)
    people, reached = listing.people_of(row, after_id=row.planned_after_id, limit=limit)
    if reached == row.planned_after_id:
        row.state = "running"
        db.session.flush()
        return 1  # somebody else may be due
    named = people.subquery("named")
    part = func.abs(func.hashint8extended(named.c.customer_id, HASH_SEED)) % 100
    waves = [Wave(**wave) for wave in row.waves]
    for dispatch_id, wave, (begins, ends) in zip(row.dispatch_ids, waves, shares_of(waves), strict=True):
        of_wave = select(named.c.customer_id).where(part >= literal(begins), part < literal(ends))
        due_at = (row.starts_at or now) + dt.timedelta(minutes=wave.after_minutes)
        row.planned += dispatching.plan(dispatch_id, people=of_wave, occasion="campaign", due_at=due_at, now=now)
    row.planned_after_id = reached
    db.session.flush()
    return limit


@outbox.handles(PLAN_NOW)
def plan_on(payload: dict[str, Any], *, now: dt.datetime) -> None:
    """Plan a page at once, and ask for the next one: nobody who pressed start waits for the minute. The job makes up for it."""
    if plan_due(now=now, limit=PAGE):
        outbox.post(PLAN_NOW, {}, due_at=now)


def end_due(*, now: dt.datetime, limit: int) -> int:
    """End campaigns of which nothing is left to send; always 0, as all are looked at in one go."""
    rows = db.session.scalars(
        select(Campaign).where(Campaign.state == "running").order_by(Campaign.id).with_for_update(skip_locked=True)
    )
    for row in rows:
        if not touching.is_anything_left(row.dispatch_ids):
            row.state, row.ended_at = "ended", now
    db.session.flush()
    return 0


def _open(row: Campaign, now: dt.datetime) -> None:
    code = materials.purposes.get(row.purpose_id).code
    row.dispatch_ids = [
        dispatching.open(
            f"{code}:{number}", purpose=code, name=f"{row.name} · 第 {number} 批", now=now,
            control_percent=row.control_percent, control_salt=code,
        )
        for number in range(1, len(row.waves) + 1)
    ]  # fmt: skip
    row.state, row.started_at = "planning", now


def _with_dispatches(row: Campaign, change: Callable[..., None], now: dt.datetime) -> None:
    for dispatch_id in row.dispatch_ids:
        change(dispatch_id, now=now)
    db.session.flush()


def _large(row: Campaign) -> dict[str, int]:
    return {"people": listing.view_of(row).people, "limit": current(CampaignsPolicy).second_person_above}
