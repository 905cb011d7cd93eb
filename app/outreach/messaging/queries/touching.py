"""Whom dispatches touched: who got a message, who was held back as control, and whether anything is still to come."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db

_TOUCHES = Statement(
    lambda: text(
        "SELECT customer_id, dispatch_id, coalesce(sent_at, ended_at) AS at, sent_at IS NULL AS control FROM delivery"
        " WHERE customer_id = ANY(CAST(:customer_ids AS bigint[])) AND (sent_at >= :since"
        " OR (state = 'held_back' AND reason = 'control' AND ended_at >= :since))"
    )
)
_LEFT = Statement(
    lambda: text(
        "SELECT EXISTS (SELECT FROM delivery WHERE dispatch_id = ANY(CAST(:dispatch_ids AS bigint[])) AND state = 'planned')"
        " OR EXISTS (SELECT FROM delivery WHERE dispatch_id = ANY(CAST(:dispatch_ids AS bigint[])) AND state = 'sending')"
        " AS found"
    )
)


@dataclass(frozen=True, slots=True)
class Touch:
    """A dispatch reached a customer at a time, or held them back then as `control`."""

    customer_id: int
    dispatch_id: int
    at: dt.datetime
    control: bool


def touches_of(customer_ids: Collection[int], *, since: dt.datetime) -> list[Touch]:
    """What reached these customers since then, or was kept from them as control group."""
    rows = _TOUCHES.rows(db.session(), customer_ids=list(customer_ids), since=since)
    return [Touch(**row) for row in rows]


def is_anything_left(dispatch_ids: Collection[int]) -> bool:
    """Whether any delivery of these dispatches is still to be sent."""
    found = _LEFT.row(db.session(), dispatch_ids=list(dispatch_ids))
    return bool(found and found["found"])
