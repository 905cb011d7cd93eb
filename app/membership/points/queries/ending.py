"""Whose points are about to end (M04)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db

_ENDING = Statement(
    lambda: text(
        "SELECT customer_id, sum(remaining)::bigint AS points, min(expires_at) AS first_at FROM points_lot"
        " WHERE remaining > 0 AND state = 'open' AND expires_at > :since AND expires_at <= :until"
        " AND customer_id > :after GROUP BY customer_id ORDER BY customer_id LIMIT :limit"
    )
)
_STILL = Statement(
    lambda: text(
        "SELECT customer_id, sum(remaining)::bigint AS points FROM points_lot WHERE customer_id = ANY(:customer_ids)"
        " AND remaining > 0 AND state = 'open' AND expires_at > :now AND expires_at <= :until GROUP BY customer_id"
    )
)


@dataclass(frozen=True, slots=True)
class Ending:
    """So many spendable points of a customer end in the time asked for, the first of them at `first_at`."""

    customer_id: int
    points: int
    first_at: dt.datetime


def list_ending(
    *, since: dt.datetime, until: dt.datetime, after_customer_id: int = 0, limit: int = 500
) -> list[Ending]:
    """Customers with points that end after `since` and not after `until`, by id, at most `limit` of those after this id."""
    rows = _ENDING.rows(db.session(), since=since, until=until, after=after_customer_id, limit=limit)
    return [Ending(**row) for row in rows]


def count_ending(customer_ids: Sequence[int], *, until: dt.datetime, now: dt.datetime) -> dict[int, int]:
    """How many points of these customers end by then; who has none is left out."""
    rows = _STILL.rows(db.session(), customer_ids=list(customer_ids), until=until, now=now)
    return {row["customer_id"]: row["points"] for row in rows}
