"""Questions to the tables themselves, past every room: what no operation may ever leave behind."""

import datetime as dt

from sqlalchemy import text

from app.kernel.database import db

_BROKEN = {
    "a movement whose entries do not sum to zero": (
        "SELECT movement_id FROM points_entry GROUP BY customer_id, movement_id HAVING sum(amount) <> 0"
    ),
    "open lots that are not what is spendable": (
        "SELECT customer_id FROM points_account a WHERE spendable <> (SELECT coalesce(sum(remaining), 0) FROM points_lot l"
        " WHERE l.customer_id = a.customer_id AND l.state = 'open')"
    ),
    "two bookings in one seat": (
        "SELECT a.id FROM booking a JOIN booking b ON a.resource_id = b.resource_id AND a.id < b.id"
        " WHERE a.state IN ('held', 'confirmed', 'redeemed') AND b.state IN ('held', 'confirmed', 'redeemed')"
        " AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at"
    ),
    "a coupon used twice": (
        "SELECT coupon_id FROM coupon_use WHERE given_back_at IS NULL GROUP BY customer_id, coupon_id HAVING count(*) > 1"
    ),
    "a cause that moved twice": (
        "SELECT cause FROM points_movement GROUP BY customer_id, born_customer_id, cause HAVING count(*) > 1"
    ),
}  # fmt: skip


_ALL = text(" UNION ALL ".join(f"SELECT '{what}' WHERE EXISTS ({query})" for what, query in _BROKEN.items()))


def broken() -> list[str]:
    """What is broken, in words."""
    return list(db.session.execute(_ALL).scalars())


def coupon_states(now: dt.datetime) -> dict[str, str]:
    """Every coupon's state by its code, as its holder sees it."""
    rows = db.session.execute(
        text(
            "SELECT code, CASE WHEN state = 'usable' AND ends_before <= :now THEN 'expired' ELSE state END FROM coupon"
        ),
        {"now": now},
    )
    return {key: value for key, value in rows}  # noqa: C416  (a result is no mapping)


def counters() -> dict[int, int]:
    """What the templates' counters say."""
    rows = db.session.execute(text("SELECT template_id, taken FROM coupon_stock"))
    return {key: value for key, value in rows}  # noqa: C416  (a result is no mapping)


def levels() -> dict[int, int]:
    """Every member's tier."""
    rows = db.session.execute(text("SELECT customer_id, greatest(earned_level, given_level) FROM member"))
    return {key: value for key, value in rows}  # noqa: C416  (a result is no mapping)


def booking_states() -> dict[int, tuple[str, dt.datetime, int]]:
    """Every booking: state, beginning, seat."""
    rows = db.session.execute(text("SELECT id, state, starts_at, resource_id FROM booking"))
    return {booking_id: (state, starts_at, seat) for booking_id, state, starts_at, seat in rows}
