"""Who is asking and what they have: one statement for each set of parts, compiled once."""

import datetime as dt
import functools
import uuid
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ClauseElement, Uuid, bindparam, cast, select, true
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.clock import BRAND_ZONE
from app.kernel.database import Statement, db
from app.membership import bookings, coupons, members, points
from app.outreach.auto_replies.models import Conversation
from app.outreach.auto_replies.rules import answers
from app.outreach.auto_replies.rules.variables import COMPOSED
from app.people import identity, stores
from app.trade import orders

_TALK = "talk"


def _talk(token: Any) -> LateralFromClause:
    row = Conversation.__table__.c
    return (
        select(row.id.label("conversation_id"), row.customer_id.label("talk_customer_id"), row.silent_until)
        .where(row.openid_token == token, row.closed_at.is_(None))
        .lateral("talk")
    )


@functools.cache
def _statement(parts: frozenset[str]) -> Statement:
    return Statement(lambda: _composed(parts))


def _composed(parts: frozenset[str]) -> ClauseElement:
    who = select(cast(bindparam("token"), Uuid).label("token")).subquery("who")
    columns: list[Any] = []
    joined: Any = who
    if _TALK in parts:
        talk = _talk(who.c.token)
        joined = joined.outerjoin(talk, true())
        columns += talk.c
    if "life" in parts:
        life = identity.who.life_of(who.c.token)
        joined = joined.outerjoin(life, true())
        columns += life.c
        for part in sorted(parts & _OF_PERSON.keys()):
            beside = _OF_PERSON[part](life.c.customer_id)
            joined = joined.outerjoin(beside, true())
            columns += [beside.c[name] for name in _COLUMNS[part]]
            if part == "booking":
                columns.append(stores.name_of(beside.c.store_id).label("store_name"))
    return select(*columns).select_from(joined)


_OF_PERSON: Mapping[str, Callable[[Any], LateralFromClause]] = {
    "card": members.summary_of,
    "points": points.summary_of,
    "coupons": coupons.summary_of,
    "booking": bookings.next_of,
}
_COLUMNS = {
    "card": ("card_number", "tier_name", "level_until", "growth", "next_name", "next_threshold"),
    "points": ("spendable", "pending", "owed", "expiring", "expires_at"),
    "coupons": ("usable", "soonest_end"),
    "booking": ("booking_id", "service", "starts_at"),
}


def read(token: uuid.UUID, parts: frozenset[str], *, talk: bool, now: dt.datetime) -> dict[str, Any]:
    """What was asked for of whoever has this id, in one statement; nothing asked for is nothing read."""
    wanted = frozenset(parts & {*COMPOSED}) | ({_TALK} if talk else frozenset())
    if not wanted:
        return {}
    row = _statement(wanted).row(db.session(), token=str(token), now=now)
    return row or {}


def more_values(customer_id: int, parts: frozenset[str], *, now: dt.datetime) -> dict[str, str]:
    """What is no part of the one statement: lists of coupons and orders, the birthday."""
    values: dict[str, str] = {}
    if "coupon_list" in parts:
        page = coupons.list_coupons(customer_id=customer_id, now=now, limit=answers.MOST_LISTED)
        named = [(coupon.terms.name, coupon.ends_before) for coupon in page.items]
        values |= answers.of_coupons(named, zone=BRAND_ZONE)
    if "orders" in parts:
        found = orders.list_orders(customer_id, limit=answers.MOST_LISTED).items
        values |= answers.of_orders([_order(order) for order in found])
    if "birthday" in parts and members.are_members([customer_id]):
        values |= answers.of_birthday(members.get_member(customer_id).birthday)
    return values


def _order(order: orders.OrderView) -> answers.OrderLine:
    assert order.ordered_at is not None  # noqa: S101  (the list has no others)
    return answers.OrderLine(
        ordered_on=order.ordered_at.astimezone(BRAND_ZONE).date(),
        paid_fen=order.amounts.paid_fen if order.amounts else 0,
        first_item=order.lines[0].name if order.lines else "",
        items=sum(line.quantity for line in order.lines),
        standing=order.standing,
        shipped_on=order.shipped_at.astimezone(BRAND_ZONE).date() if order.shipped_at else None,
    )


def nearest_stores(place: tuple[float, float], *, now: dt.datetime) -> dict[str, str]:
    """The stores nearest to a place, with how far they are and when they are open today."""
    found = stores.nearest(place=stores.Place(*place), now=now, limit=answers.MOST_LISTED)
    return answers.of_stores([_store(store, now) for store in found.items])


def _store(store: stores.StoreView, now: dt.datetime) -> answers.StoreLine:
    zone = zoneinfo.ZoneInfo(store.zone)
    local = now.astimezone(zone)
    today = stores.hours_on(store, local.date())
    return answers.StoreLine(
        name=store.name,
        address=store.address,
        phone=store.phone,
        metres=store.distance_m or 0,
        hours=[(period.opens_at.astimezone(zone), period.closes_at.astimezone(zone)) for period in today],
        local=local,
    )
