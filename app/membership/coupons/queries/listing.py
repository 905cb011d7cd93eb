"""Coupons of many people at once."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db

_ENDING = Statement(
    lambda: text(
        "SELECT id AS coupon_id, customer_id, born_customer_id, template_id, ends_before FROM coupon"
        " WHERE state = 'usable' AND ends_before > :since AND ends_before <= :until AND id > :after ORDER BY id LIMIT :limit"
    )
)
_USABLE = Statement(
    lambda: text(
        "SELECT id FROM coupon JOIN unnest(CAST(:customer_ids AS bigint[]), CAST(:coupon_ids AS bigint[]))"
        " AS asked (customer_id, id) USING (customer_id, id) WHERE state = 'usable' AND ends_before > :now"
    )
)
_NAMES = Statement(lambda: text("SELECT id, name FROM coupon_template WHERE id = ANY(:ids)"))


@dataclass(frozen=True, slots=True)
class EndingCoupon:
    """A usable coupon that ends in the time asked for."""

    coupon_id: int
    customer_id: int
    born_customer_id: int
    template_id: int
    ends_before: dt.datetime


def list_ending(*, since: dt.datetime, until: dt.datetime, after_id: int = 0, limit: int = 500) -> list[EndingCoupon]:
    """Usable coupons that end after `since` and not after `until`, by id, at most `limit` of those after this id."""
    rows = _ENDING.rows(db.session(), since=since, until=until, after=after_id, limit=limit)
    return [EndingCoupon(**row) for row in rows]


def which_are_usable(coupons: Sequence[tuple[int, int]], *, now: dt.datetime) -> set[int]:
    """Which of these coupons (customer, coupon) can still be used."""
    rows = _USABLE.rows(
        db.session(), customer_ids=[who for who, _ in coupons], coupon_ids=[coupon for _, coupon in coupons], now=now
    )
    return {row["id"] for row in rows}


def names_of(template_ids: Collection[int]) -> dict[int, str]:
    """What these templates are called."""
    return {row["id"]: row["name"] for row in _NAMES.rows(db.session(), ids=sorted(template_ids))}
