"""Composed questions about one person."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ClauseElement, bindparam, cast, func, select, true

from app.kernel.database import Statement, reading
from app.kernel.paging import Page
from app.membership import bookings, coupons, members, points
from app.people import identity, stores
from app.reports.profiles import rules


@dataclass(frozen=True)
class Card:
    """The member card: tier, growth and what is missing to the next tier (None at the top)."""

    card_number: str
    tier_name: str
    level: int
    level_until: dt.datetime
    growth: int
    next_tier_name: str | None
    growth_to_next: int | None


@dataclass(frozen=True)
class NextBooking:
    """The next visit."""

    booking_id: int
    service_name: str
    store_name: str
    starts_at: dt.datetime


@dataclass(frozen=True)
class MemberHome:
    """Everything the home shows. `card` is None for a guest (C01); points in points, times in UTC."""

    card: Card | None
    points: int
    points_pending: int
    points_owed: int
    points_expiring: int
    points_expire_at: dt.datetime | None
    coupons_usable: int
    coupons_next_end: dt.datetime | None
    next_booking: NextBooking | None


@dataclass(frozen=True)
class Person:
    """A member in a list. `shown_name` is the name they gave, or what stands for it; `phone` is masked (G08)."""

    customer_id: int
    shown_name: str
    phone: str | None
    card_number: str
    tier_name: str
    joined_at: dt.datetime
    points: int
    points_owed: int


@dataclass(frozen=True)
class PersonPage:
    """One member's page: the list's line and the home that the member sees."""

    person: Person
    home: MemberHome
    birthday: dt.date | None
    is_staff: bool
    identities: tuple[identity.HeldIdentity, ...]


def _home() -> ClauseElement:
    who = select(cast(bindparam("customer_id"), BigInteger).label("customer_id")).subquery("who")
    card = members.summary_of(who.c.customer_id)
    balance = points.summary_of(who.c.customer_id)
    mine = coupons.summary_of(who.c.customer_id)
    visit = bookings.next_of(who.c.customer_id)
    columns = (
        *(card.c[name] for name in ("card_number", "tier_name", "level", "level_until", "growth")),
        *(card.c[name] for name in ("next_name", "next_threshold")),
        *(balance.c[name] for name in ("spendable", "pending", "owed", "expiring", "expires_at")),
        *(mine.c[name] for name in ("usable", "soonest_end")),
        *(visit.c[name] for name in ("booking_id", "service", "starts_at")),
        stores.name_of(visit.c.store_id).label("store_name"),
    )
    joined = who.outerjoin(card, true()).outerjoin(balance, true()).outerjoin(mine, true()).outerjoin(visit, true())
    return select(*columns).select_from(joined)


_HOME = Statement(_home)


def get_home(*, customer_id: int, now: dt.datetime) -> MemberHome:
    """The member's home, or a guest's, in one statement."""
    with reading() as connection:
        row = _HOME.row(connection, customer_id=customer_id, now=now)
    if row is None:  # never: the statement's first table is one row made of its parameter
        raise LookupError(customer_id)
    return MemberHome(
        card=_card(row) if row["card_number"] else None,
        points=row["spendable"],
        points_pending=row["pending"],
        points_owed=row["owed"],
        points_expiring=row["expiring"],
        points_expire_at=row["expires_at"],
        coupons_usable=row["usable"],
        coupons_next_end=row["soonest_end"],
        next_booking=_visit(row) if row["booking_id"] else None,
    )


def _card(row: dict[str, Any]) -> Card:
    return Card(
        card_number=row["card_number"],
        tier_name=row["tier_name"],
        level=row["level"],
        level_until=row["level_until"],
        growth=row["growth"],
        next_tier_name=row["next_name"],
        growth_to_next=rules.growth_to_next(row["growth"], row["next_threshold"]),
    )


def _visit(row: dict[str, Any]) -> NextBooking:
    return NextBooking(row["booking_id"], row["service"], row["store_name"], row["starts_at"])


def _people() -> ClauseElement:
    who = select(func.unnest(cast(bindparam("customer_ids"), ARRAY(BigInteger))).label("customer_id")).subquery("who")
    card, balance = members.summary_of(who.c.customer_id), points.summary_of(who.c.customer_id)
    columns = (who.c.customer_id, card.c.tier_name, balance.c.spendable, balance.c.owed)
    return select(*columns).select_from(who).join(card, true()).join(balance, true())


_PEOPLE = Statement(_people)


def list_people(*, now: dt.datetime, cursor: str | None = None, limit: int = 50) -> Page[Person]:
    """Members for the console's list, the newest customers first. Raises CursorInvalid."""
    page = members.listing.list_members(cursor=cursor, limit=limit)
    return Page(_in_list(page.items, now=now), page.next_cursor)


_WORLDWIDE = ("phone", "card", "unionid", "email")


def find_person(wanted: str) -> int | None:
    """The member whose id this is, of the kinds that need no app, corp or shop beside them; None when it is nobody's.

    A second card, or an old one, is its holder's too: card numbers are ids.
    """
    if member := members.listing.find_by_card(wanted):
        return member.customer_id
    for kind in _WORLDWIDE:
        try:
            found = identity.find_customer(identity.identifier(kind, wanted))
        except identity.IdentifierInvalid:
            continue
        if found is not None and members.are_members([found]):
            return found
    return None


def get_person(customer_id: int, *, now: dt.datetime) -> PersonPage | None:
    """One member's page, also by the id of a self who was merged into them; None for a customer without a card."""
    customer_id = identity.who.find_present(customer_id) or customer_id
    if not members.are_members([customer_id]):
        return None
    member = members.get_member(customer_id)
    return PersonPage(
        person=_in_list([member], now=now)[0],
        home=get_home(customer_id=customer_id, now=now),
        birthday=member.birthday,
        is_staff=member.is_staff,
        identities=tuple(identity.list_identities(customer_id)),
    )


def _in_list(found: Sequence[members.MemberView], *, now: dt.datetime) -> list[Person]:
    ids = [member.customer_id for member in found]
    phones = identity.phones.phones_of(ids)
    with reading() as connection:
        standing = {row["customer_id"]: row for row in _PEOPLE.rows(connection, customer_ids=ids, now=now)}
    return [
        Person(
            customer_id=member.customer_id,
            shown_name=member.full_name or rules.name_for_card(member.card_number),
            phone=identity.phones.mask_phone(phones[member.customer_id]) if member.customer_id in phones else None,
            card_number=member.card_number,
            tier_name=standing[member.customer_id]["tier_name"] or "–",
            joined_at=member.joined_at,
            points=standing[member.customer_id]["spendable"],
            points_owed=standing[member.customer_id]["owed"],
        )
        for member in found
    ]
