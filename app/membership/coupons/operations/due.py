"""What time does to coupons, and the proof of the counters."""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text

from app.kernel.clock import brand_day
from app.kernel.database import db
from app.membership import members
from app.membership.coupons.models import CouponRow
from app.membership.coupons.operations.bulk import grant_many
from app.membership.coupons.operations.stock import find_shipped

BIRTHDAY = "birthday"
log = logging.getLogger("guiyi.coupons")


@dataclass(frozen=True)
class Difference:
    """A counter that is not what the coupons say. `what`: stock, promised_fen or holding."""

    what: str
    template_id: int
    customer_id: int | None
    stored: int
    counted: int


def expire_due(*, now: dt.datetime, limit: int) -> int:
    """End coupons whose last day is over (K04), at most `limit`; how many. They show as expired from the moment itself."""
    return _count(
        "UPDATE coupon SET state = 'expired', ended_at = :now FROM ("
        " SELECT customer_id, id FROM coupon WHERE state = 'usable' AND ends_before <= :now"
        " ORDER BY ends_before LIMIT :limit FOR UPDATE SKIP LOCKED) AS due"
        " WHERE coupon.customer_id = due.customer_id AND coupon.id = due.id RETURNING coupon.id",
        now=now,
        limit=limit,
    )


def lock_release_due(*, now: dt.datetime, limit: int) -> int:
    """Free coupons whose unpaid order kept them too long (K04: ⟨30 min⟩), at most `limit`; how many."""
    return _count(
        "UPDATE coupon SET state = CASE WHEN ends_before > :now THEN 'usable' ELSE 'expired' END,"
        " ended_at = CASE WHEN ends_before > :now THEN NULL ELSE CAST(:now AS timestamptz) END,"
        " locked_until = NULL, locked_for = NULL, locked_by = NULL FROM ("
        " SELECT customer_id, id FROM coupon WHERE state = 'locked' AND locked_until <= :now"
        " ORDER BY locked_until LIMIT :limit FOR UPDATE SKIP LOCKED) AS due"
        " WHERE coupon.customer_id = due.customer_id AND coupon.id = due.id RETURNING coupon.id",
        now=now,
        limit=limit,
    )


def grant_birthday_due(*, now: dt.datetime, limit: int) -> int:
    """Give 生日券 to at most `limit` members who have their birthday today and none this calendar year yet (C11); how many.

    0 when nobody is left, or when the template gives no more: that is logged.
    """
    template_id = find_shipped(BIRTHDAY)
    if template_id is None:
        log.warning("birthday coupons not granted: the programme has not been shipped")
        return 0
    day = brand_day(now)
    cause = f"{BIRTHDAY}:{day.year}"
    after = 0
    while people := members.listing.list_birthdays(day, after_customer_id=after, limit=limit):
        if waiting := _without(people, cause):
            return grant_many(template_id=template_id, wishes=[(who, cause) for who in waiting], now=now)
        after = people[-1]
    return 0


def _without(people: Sequence[int], cause: str) -> list[int]:
    had = select(CouponRow.customer_id).where(CouponRow.customer_id.in_(people), CouponRow.cause == cause)
    given = set(db.session.execute(had).scalars())
    return [who for who in people if who not in given]


_STOCK = text(
    "SELECT * FROM (SELECT s.template_id, s.taken AS stored, s.promised_fen, count(c.id) AS counted,"
    " count(c.id) * CASE WHEN t.kind = 'discount' THEN COALESCE(t.cap_fen, 0) ELSE t.value_fen END AS promised"
    " FROM coupon_stock s JOIN coupon_template t ON t.id = s.template_id"
    " LEFT JOIN coupon c ON c.template_id = s.template_id AND c.state <> 'void'"
    " WHERE s.total IS NOT NULL OR s.budget_fen IS NOT NULL GROUP BY s.template_id, t.id) AS compared"
    " WHERE stored <> counted OR promised_fen <> promised ORDER BY template_id"
)
_HOLDINGS = text(
    "SELECT customer_id, template_id, COALESCE(h.taken, 0) AS stored, COALESCE(c.counted, 0) AS counted"
    " FROM (SELECT * FROM coupon_holding WHERE CAST(:customer_id AS bigint) IS NULL OR customer_id = :customer_id) AS h"
    " FULL JOIN (SELECT customer_id, template_id, count(*) AS counted FROM coupon WHERE taken AND state <> 'void'"
    " AND (CAST(:customer_id AS bigint) IS NULL OR customer_id = :customer_id) GROUP BY customer_id, template_id) AS c"
    " USING (customer_id, template_id) WHERE COALESCE(h.taken, 0) <> COALESCE(c.counted, 0)"
    " ORDER BY customer_id, template_id"
)


def recount(*, customer_id: int | None = None, repair: bool = False) -> list[Difference]:
    """Compare the counters with the coupons, set-wise; with `repair`, set them right. One customer: holdings only."""
    holdings = db.session.execute(_HOLDINGS, {"customer_id": customer_id}).all()
    found = [Difference("holding", row.template_id, row.customer_id, row.stored, row.counted) for row in holdings]
    stocks = [] if customer_id is not None else db.session.execute(_STOCK).all()
    for row in stocks:
        if row.stored != row.counted:
            found.append(Difference("stock", row.template_id, None, row.stored, row.counted))
        if row.promised_fen != row.promised:
            found.append(Difference("promised_fen", row.template_id, None, row.promised_fen, row.promised))
    if repair:
        _repair(found)
    return found


def _repair(found: list[Difference]) -> None:
    statements = {
        "holding": "INSERT INTO coupon_holding (customer_id, template_id, taken) VALUES (:customer_id, :template_id, :counted)"
        " ON CONFLICT (customer_id, template_id) DO UPDATE SET taken = excluded.taken",
        "stock": "UPDATE coupon_stock SET taken = :counted WHERE template_id = :template_id",
        "promised_fen": "UPDATE coupon_stock SET promised_fen = :counted WHERE template_id = :template_id",
    }
    for difference in found:
        db.session.execute(text(statements[difference.what]), vars(difference))


def _count(statement: str, **values: object) -> int:
    return len(db.session.execute(text(statement), values).all())
