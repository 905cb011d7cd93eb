"""Members as lists show them."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select, text

from app.kernel import policy
from app.kernel.clock import BRAND_ZONE
from app.kernel.crypto import decrypt
from app.kernel.database import Statement, db
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.members.models import Member
from app.membership.members.queries.members import MemberView, view_of
from app.membership.members.rules import joining


def list_members(*, cursor: str | None = None, limit: int = 50) -> Page[MemberView]:
    """All members, the newest customers first. Raises CursorInvalid."""
    wanted = select(Member).order_by(Member.customer_id.desc()).limit(limit + 1)
    if cursor is not None:
        wanted = wanted.where(Member.customer_id < _position(cursor))
    rows = [view_of(row) for row in db.session.scalars(wanted)]
    return page_of(rows, limit, lambda member: [member.customer_id])


def members_of(customer_ids: Collection[int]) -> dict[int, MemberView]:
    """Who of these customers is a member."""
    rows = db.session.scalars(select(Member).where(Member.customer_id.in_(customer_ids)))
    return {row.customer_id: view_of(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Addressed:
    """What a message to a member may say of them. `level` counts (M10); its name is in `list_tiers`."""

    customer_id: int
    card_number: str
    full_name: str | None
    birthday: dt.date | None
    member_since: dt.date
    level: int
    growth: int


_ADDRESSED = Statement(
    lambda: select(
        Member.customer_id,
        Member.card_number,
        Member.full_name,
        Member.birthday,
        Member.member_since,
        func.greatest(Member.earned_level, Member.given_level, 0).label("level"),
        Member.growth,
    ).where(Member.customer_id == any_(bindparam("customer_ids", type_=ARRAY(BigInteger))))
)


def addressed(customer_ids: Collection[int]) -> dict[int, Addressed]:
    """Of those who are members, what a message may say of them; one plain statement, for many at once."""
    rows = _ADDRESSED.rows(db.session(), customer_ids=list(customer_ids))
    said = (row | {"full_name": decrypt(row["full_name"]) if row["full_name"] else None} for row in rows)
    return {row["customer_id"]: Addressed(**row) for row in said}


def find_by_card(card_number: str) -> MemberView | None:
    """The member who holds this card."""
    row = db.session.scalars(select(Member).where(Member.card_number == card_number)).one_or_none()
    return view_of(row) if row else None


def holders_of_cards(card_numbers: Collection[str]) -> list[int]:
    """The members who hold these cards, one for each number that is a card's."""
    known = select(Member.card_number, Member.customer_id).where(Member.card_number.in_(set(card_numbers)))
    found = {row.card_number: row.customer_id for row in db.session.execute(known)}
    return [found[number] for number in card_numbers if number in found]


@dataclass(frozen=True, slots=True)
class Told:
    """What a member said of themselves, as far as they did."""

    customer_id: int
    full_name: str | None
    birthday: dt.date | None


def list_told(*, after_customer_id: int = 0, limit: int = 500) -> list[Told]:
    """Names and birthdays of members who gave either, by id, at most `limit` of those after this id."""
    wanted = (
        select(Member.customer_id, Member.full_name, Member.birthday)
        .where(Member.customer_id > after_customer_id)
        .where(Member.full_name.is_not(None) | Member.birthday.is_not(None))
        .order_by(Member.customer_id)
        .limit(limit)
    )
    return [Told(*row) for row in db.session.execute(wanted)]


_BORN = text(
    "SELECT customer_id, birthday, birthday_set_at FROM member WHERE birthday IS NOT NULL"
    " AND EXTRACT(month FROM birthday) = :month AND EXTRACT(day FROM birthday) = ANY(CAST(:days AS numeric[]))"
    " AND customer_id > :after ORDER BY customer_id LIMIT :limit"
)


def list_birthdays(day: dt.date, *, after_customer_id: int = 0, limit: int = 500) -> list[int]:
    """Members who are due a birthday gift on a day of the brand's (C11), by id, at most `limit` of those after this id."""
    wait_days = policy.current(joining.MembersPolicy).birthday_wait_days
    month, days = joining.born_on(day)
    due: list[int] = []
    after = after_customer_id
    while len(due) < limit:
        rows = db.session.execute(_BORN, {"month": month, "days": days, "after": after, "limit": limit}).all()
        due += [
            row.customer_id
            for row in rows
            if joining.birthday_gift_due(row.birthday, row.birthday_set_at.astimezone(BRAND_ZONE), day, wait_days)
        ]
        if len(rows) < limit:
            break
        after = rows[-1].customer_id
    return due[:limit]


@dataclass(frozen=True, slots=True)
class Falling:
    """A member whose tier will fall at `until` unless their growth reaches its keep line: `missing` is left to it (M08)."""

    customer_id: int
    born_customer_id: int
    level: int
    until: dt.datetime
    missing: int


_FALLING = text(
    "SELECT customer_id, born_customer_id, earned_level AS level, earned_until AS until, tier.keep - growth AS missing"
    " FROM member JOIN tier ON tier.level = earned_level"
    " WHERE review_at <= :until AND earned_until > :since AND earned_until <= :until AND earned_level > 0"
    " AND growth < tier.keep AND customer_id > :after ORDER BY customer_id LIMIT :limit"
)


def list_falling(
    *, since: dt.datetime, until: dt.datetime, after_customer_id: int = 0, limit: int = 500
) -> list[Falling]:
    """Members whose earned tier ends after `since` and not after `until`, below its keep line as of now, by id."""
    given = {"since": since, "until": until, "after": after_customer_id, "limit": limit}
    return [Falling(**row._mapping) for row in db.session.execute(_FALLING, given)]


def _position(cursor: str) -> int:
    try:
        (customer_id,) = decode_cursor(cursor)
        return int(customer_id)
    except (TypeError, ValueError):
        raise CursorInvalid from None
