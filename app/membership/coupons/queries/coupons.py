"""Questions about one person's coupons, and locking reads."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, and_, bindparam, func, or_, select
from sqlalchemy.engine import Connection
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.database import db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.coupons import rules
from app.membership.coupons.models import CodeRow, CouponRow, TemplateRow
from app.membership.coupons.queries.templates import terms_from
from app.membership.coupons.refusals import CouponUnknown

NOW = bindparam("now", type_=DateTime(timezone=True))
MOST_OFFERS = 100
_OWN = (
    "id", "customer_id", "template_id", "code", "state", "taken_at", "starts_at", "ends_before", "locked_until",
    "redeemed_at", "redeemed_store_id",
)  # fmt: skip
_TERMS = [
    column.label(f"t_{column.name}")
    for column in TemplateRow.__table__.c
    if column.name not in {"id", "code", "take_from", "take_before", "created_at"}
]
COUPON: Select[Any] = select(*CouponRow.__table__.c, *_TERMS).join(TemplateRow, TemplateRow.id == CouponRow.template_id)


def coupon_from(row: Mapping[Any, Any]) -> rules.Coupon:
    """A coupon with its terms from a row of `COUPON`."""
    terms = terms_from({name[2:]: value for name, value in row.items() if name.startswith("t_")})
    return rules.Coupon(**{name: row[name] for name in _OWN}, terms=terms)


def get_coupon(*, customer_id: int, coupon_id: int) -> rules.Coupon:
    """This customer's coupon. Raises CouponUnknown, also for somebody else's."""
    with reading() as connection:
        return _one(connection, customer_id, coupon_id)


def find_own_coupon(*, customer_id: int, coupon_id: int) -> rules.Coupon:
    """The same inside a transaction, which sees what it has written itself."""
    return _one(db.session.connection(), customer_id, coupon_id)


def _one(connection: Connection, customer_id: int, coupon_id: int) -> rules.Coupon:
    wanted = COUPON.where(CouponRow.customer_id == customer_id, CouponRow.id == coupon_id)
    row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise CouponUnknown
    return coupon_from(row)


def list_coupons(
    *, customer_id: int, now: dt.datetime, state: str = "usable", cursor: str | None = None, limit: int = 20
) -> Page[rules.Coupon]:
    """This customer's coupons of a shown state: usable (those in use and those still waiting too), redeemed, expired.

    What can still be used comes soonest end first, the rest newest first.
    """
    ascending = state == "usable"
    key = CouponRow.ends_before if ascending else CouponRow.taken_at
    wanted = COUPON.where(CouponRow.customer_id == customer_id, _shown_as(state, now))
    if cursor is not None:
        seen = _position(cursor)
        pair = func.row(key, CouponRow.id)
        wanted = wanted.where(pair > func.row(*seen) if ascending else pair < func.row(*seen))
    order = (key, CouponRow.id) if ascending else (key.desc(), CouponRow.id.desc())
    with reading() as connection:
        rows = connection.execute(wanted.order_by(*order).limit(limit + 1)).mappings().all()
    return page_of(
        [coupon_from(row) for row in rows],
        limit,
        lambda coupon: ((coupon.ends_before if ascending else coupon.taken_at).isoformat(), coupon.id),
    )


def list_offers(*, customer_id: int, now: dt.datetime) -> list[tuple[rules.Coupon, str]]:
    """What may still be used of this customer's coupons, with the state of its template; soonest end first."""
    wanted = COUPON.where(CouponRow.customer_id == customer_id, _shown_as("usable", now))
    with reading() as connection:
        rows = (
            connection.execute(wanted.order_by(CouponRow.ends_before, CouponRow.id).limit(MOST_OFFERS)).mappings().all()
        )
    return [(coupon_from(row), row["t_state"]) for row in rows]


def _shown_as(state: str, now: dt.datetime) -> ColumnElement[bool]:
    alive = and_(CouponRow.state == "usable", CouponRow.ends_before > now)
    if state == "usable":
        return or_(alive, CouponRow.state == "locked")
    if state == "expired":
        return or_(
            CouponRow.state.in_(["expired", "void"]), and_(CouponRow.state == "usable", CouponRow.ends_before <= now)
        )
    return CouponRow.state == "redeemed"


def _position(cursor: str) -> tuple[dt.datetime, int]:
    try:
        moment, coupon_id = decode_cursor(cursor)
        return dt.datetime.fromisoformat(moment), int(coupon_id)
    except (TypeError, ValueError):  # a cursor of another list
        raise CursorInvalid from None


def find_coupons(codes: Sequence[str]) -> list[tuple[str, int, int]]:
    """(code, customer_id, coupon_id) of the codes that exist."""
    found = select(CodeRow.code, CodeRow.customer_id, CodeRow.coupon_id).where(CodeRow.code.in_(codes))
    return [(row.code, row.customer_id, row.coupon_id) for row in db.session.execute(found)]


def lock_coupons(pairs: Sequence[tuple[int, int]]) -> list[Mapping[Any, Any]]:
    """Rows of `COUPON` for (customer_id, coupon_id), locked until the transaction ends, always in the same order."""
    if not pairs:
        return []
    wanted = COUPON.where(
        or_(
            *(and_(CouponRow.customer_id == customer_id, CouponRow.id == coupon_id) for customer_id, coupon_id in pairs)
        )
    ).order_by(CouponRow.customer_id, CouponRow.id)
    return list(db.session.execute(wanted.with_for_update(of=CouponRow)).mappings())


def summary_of(customer_id: ColumnElement[int], *, now: ColumnElement[dt.datetime] = NOW) -> LateralFromClause:
    """Somebody's coupons as a lateral subquery of one row, to be joined into a statement of others' rows.

    Columns: usable (how many may be used now), soonest_end (of those, None when there is none), in_use (kept for an unpaid
    order). `now` is a bound parameter of that name.
    """
    usable = and_(CouponRow.state == "usable", CouponRow.starts_at <= now, CouponRow.ends_before > now)
    return (
        select(
            func.count().filter(usable).label("usable"),
            func.min(CouponRow.ends_before).filter(usable).label("soonest_end"),
            func.count().filter(CouponRow.state == "locked").label("in_use"),
        )
        .where(CouponRow.customer_id == customer_id, or_(CouponRow.state == "usable", CouponRow.state == "locked"))
        .lateral("coupons")
    )
