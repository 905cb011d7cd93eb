"""What is in the stream."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, text, tuple_
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.database import Statement, db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.knowledge.tracking.models import Event, EventView
from app.knowledge.tracking.rules.kinds import BEHAVIOUR, KINDS
from app.knowledge.tracking.rules.months import month_named, name_of

_MONTHS = Statement(
    lambda: text(
        "SELECT relname AS name FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = CAST('event' AS regclass)"
    )
)
# Of these `names` of partitions those that are not there.
MISSING = Statement(
    lambda: text("SELECT name FROM unnest(CAST(:names AS text[])) AS wanted (name) WHERE to_regclass(name) IS NULL")
)


def known_months() -> set[dt.date]:
    """The months that have a partition, as this transaction sees it."""
    return months_in(_MONTHS.rows(db.session()))


def missing_months(wanted: Sequence[dt.date]) -> set[dt.date]:
    """Those of these months that have no partition, as this transaction sees it."""
    return months_in(MISSING.rows(db.session(), names=[name_of(month) for month in wanted]))


def months_in(rows: Sequence[Mapping[str, Any]]) -> set[dt.date]:
    """The months that rows with the names of partitions name."""
    return {month for row in rows if (month := month_named(row["name"])) is not None}


def list_events(
    customer_id: int, *, kinds: Sequence[str] | None = None, cursor: str | None = None, limit: int = 20
) -> Page[EventView]:
    """A person's timeline, newest first; of some kinds only, if they are named. Raises CursorInvalid."""
    query = _of(customer_id, kinds).order_by(Event.at.desc(), Event.key.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(tuple_(Event.at, Event.key) < tuple_(*_place(cursor)))
    with reading() as connection:
        rows = connection.execute(query).all()
    page = page_of(rows, limit, lambda row: (row.at.isoformat(), row.key.hex))
    shown = [EventView(row.at, row.kind, KINDS[row.kind].title, row.source, row.data) for row in page.items]
    return Page(shown, page.next_cursor)


def _of(customer_id: int, kinds: Sequence[str] | None) -> "Select[Any]":
    columns = (Event.at, Event.key, Event.kind, Event.source, Event.data)
    query = select(*columns).where(Event.customer_id == customer_id)
    return query if kinds is None else query.where(Event.kind.in_(kinds))


def _place(cursor: str) -> tuple[dt.datetime, uuid.UUID]:
    try:
        at, key = decode_cursor(cursor)
        return dt.datetime.fromisoformat(at), uuid.UUID(key)
    except (TypeError, ValueError, AttributeError):
        raise CursorInvalid from None


def count_events(customer_id: int, *, since: dt.datetime) -> dict[str, int]:
    """How many events of each kind a person has since then; kinds without any are left out."""
    query = (
        select(Event.kind, func.count()).where(Event.customer_id == customer_id, Event.at >= since).group_by(Event.kind)
    )
    with reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def last_visit_of(customer_id: ColumnElement[int]) -> LateralFromClause:
    """When somebody was last seen on a phone, as a lateral subquery of at most one row: columns at, kind."""
    return (
        select(Event.at, Event.kind)
        .where(Event.customer_id == customer_id, Event.kind.in_(BEHAVIOUR))
        .order_by(Event.at.desc())
        .limit(1)
        .lateral("last_visit")
    )
