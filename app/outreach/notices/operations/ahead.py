"""What is about to happen, told ahead: each step tells at most `limit` people and remembers how far it came."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel import policy
from app.kernel.clock import BRAND_ZONE, brand_day
from app.kernel.database import db
from app.membership import bookings, coupons, members, points
from app.outreach.messaging import Wish
from app.outreach.notices.models import LookAhead
from app.outreach.notices.operations.telling import store_names, visit, want
from app.outreach.notices.rules import NoticesPolicy, date_words, day_ahead, money_words


@dataclass(frozen=True)
class Page:
    """What one look found: wishes, the id it came to, and whether there may be more."""

    wishes: Sequence[Wish]
    last_id: int
    more: bool


Look = Callable[[int], Page]


def points_due(*, now: dt.datetime, limit: int) -> int:
    """Tell of points that end in ⟨30, 7, 1⟩ days (M04); how many were looked at, 0 when nothing is left of today."""
    today = brand_day(now)
    for days in policy.current(NoticesPolicy).points_days:
        since, until = day_ahead(today, days=days, zone=BRAND_ZONE)

        def look(after: int, since: dt.datetime = since, until: dt.datetime = until, days: int = days) -> Page:
            # A lot that ends at midnight ends with the day before it.
            found = points.ending.list_ending(since=since, until=until, after_customer_id=after, limit=limit)
            wishes = [_points(one, until=until, days=days) for one in found]
            return Page(wishes, found[-1].customer_id if found else after, len(found) == limit)

        if count := _advance(f"points:{days}", today, look, now=now):
            return count
    return 0


def _points(ending: points.ending.Ending, *, until: dt.datetime, days: int) -> Wish:
    last_day = until - dt.timedelta(seconds=1)
    values = {"将过期积分": str(ending.points), "到期日": date_words(last_day, BRAND_ZONE), "剩余天数": str(days)}
    return Wish(
        purpose="points_expiring", occasion=f"{until.isoformat()}/{days}", values=values, customer_id=ending.customer_id
    )


def coupons_due(*, now: dt.datetime, limit: int) -> int:
    """Tell of usable coupons whose last day is ⟨3⟩ days ahead; how many, 0 when nothing is left of today."""
    today = brand_day(now)
    since, until = day_ahead(today, days=policy.current(NoticesPolicy).coupon_days, zone=BRAND_ZONE)

    def look(after: int) -> Page:
        found = coupons.listing.list_ending(since=since, until=until, after_id=after, limit=limit)
        names = coupons.listing.names_of({one.template_id for one in found})
        wishes = [_coupon(one, names[one.template_id]) for one in found]
        return Page(wishes, found[-1].coupon_id if found else after, len(found) == limit)

    return _advance("coupons", today, look, now=now)


def _coupon(ending: coupons.listing.EndingCoupon, name: str) -> Wish:
    return Wish(
        purpose="coupon_expiring",
        occasion=f"coupon:{ending.coupon_id}",
        values={"券名": name, "到期日": date_words(ending.ends_before - dt.timedelta(seconds=1), BRAND_ZONE)},
        customer_id=ending.customer_id,
        born_customer_id=ending.born_customer_id,
    )


def tiers_due(*, now: dt.datetime, limit: int) -> int:
    """Tell who would fall a tier in ⟨30⟩ days what is missing to keep it (M08); how many, 0 when nothing is left."""
    today = brand_day(now)
    since, until = day_ahead(today, days=policy.current(NoticesPolicy).tier_days, zone=BRAND_ZONE)
    names = {tier.level: tier.name for tier in members.list_tiers()}

    def look(after: int) -> Page:
        found = members.listing.list_falling(since=since, until=until, after_customer_id=after, limit=limit)
        wishes = [_tier(one, names[one.level]) for one in found]
        return Page(wishes, found[-1].customer_id if found else after, len(found) == limit)

    return _advance("tiers", today, look, now=now)


def _tier(falling: members.listing.Falling, name: str) -> Wish:
    # One yuan paid is one growth value: what is missing of it is what is to be bought.
    values = {
        "等级": name,
        "到期日": date_words(falling.until - dt.timedelta(seconds=1), BRAND_ZONE),
        "还差": money_words(falling.missing * 100),
    }
    return Wish(
        purpose="tier_falling",
        occasion=f"tier:{falling.level}/{falling.until.isoformat()}",
        values=values,
        customer_id=falling.customer_id,
        born_customer_id=falling.born_customer_id,
    )


def bookings_due(*, now: dt.datetime, limit: int) -> int:
    """Remind of tomorrow's bookings; how many, 0 when nothing is left of today."""
    today = brand_day(now)
    since, until = day_ahead(today, days=1, zone=BRAND_ZONE)

    def look(after: int) -> Page:
        found = bookings.list_starting(since=since, until=until, after_id=after, limit=limit)
        where = store_names({one.store_id for one in found})
        wishes = [
            Wish(
                purpose="booking_tomorrow",
                occasion=f"booking:{one.booking_id}/{one.starts_at.isoformat()}",
                values=visit(one.service_name, starts_at=one.starts_at, store_name=where[one.store_id]),
                customer_id=one.customer_id,
                born_customer_id=one.born_customer_id,
            )
            for one in found
        ]
        return Page(wishes, found[-1].booking_id if found else after, len(found) == limit)

    return _advance("bookings", today, look, now=now)


def _advance(name: str, day: dt.date, look: Look, *, now: dt.datetime) -> int:
    """One page further; how many were found. Nothing once the day is done; a twin waits for our row."""
    fresh = insert(LookAhead).values(name=name, day=day, after_id=0, done=False).on_conflict_do_nothing()
    db.session.execute(fresh)
    row = db.session.execute(
        select(LookAhead)
        .where(LookAhead.name == name, LookAhead.day == day)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if row.done:
        return 0
    page = look(row.after_id)
    want(page.wishes, now=now)
    row.after_id, row.done = page.last_id, not page.more
    db.session.flush()
    return len(page.wishes)
