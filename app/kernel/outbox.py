"""Work that must not be lost: a row written in the transaction that wants it, done by a worker after the commit.

A row is leased, not taken: a worker that dies leaves it to the next sweep. The handler runs in one unit of work with the
row marked done, so its effect in the database happens exactly once, however often a message about it is delivered.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db

LEASE = dt.timedelta(seconds=60)
# After this many failures a row stays and is shown to the operator instead of being tried for ever.
LAST_ATTEMPT = 12
Handler = Callable[..., None]
_handlers: dict[str, Handler] = {}


class OutboxRow(Base):
    """One piece of work. `done_at` empty and `attempts` under the last: still to be done."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_due", "due_at", postgresql_where="done_at IS NULL"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    topic: Mapped[str]
    payload: Mapped[dict[str, Any]]
    due_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None]
    done_at: Mapped[dt.datetime | None]


def handles(topic: str) -> Callable[[Handler], Handler]:
    """Register `handler(payload, *, now)` for a topic; it runs inside the worker's unit of work."""

    def register(handler: Handler) -> Handler:
        if topic in _handlers:
            raise ValueError(f"topic {topic} has a handler already")
        _handlers[topic] = handler
        return handler

    return register


def post(topic: str, payload: dict[str, Any], *, due_at: dt.datetime) -> None:
    """Ask for work after the commit, not before `due_at`. Raises KeyError for a topic nobody handles."""
    if topic not in _handlers:
        raise KeyError(f"nobody handles {topic}: register a handler with @handles")
    db.session.add(OutboxRow(topic=topic, payload=payload, due_at=due_at))


def lease_due(*, now: dt.datetime, limit: int = 100) -> list[int]:
    """Lease rows that are due and that nobody holds; their ids, oldest first."""
    due = (
        select(OutboxRow.id)
        .where(
            OutboxRow.done_at.is_(None),
            OutboxRow.due_at <= now,
            OutboxRow.attempts < LAST_ATTEMPT,
            (OutboxRow.leased_until.is_(None)) | (OutboxRow.leased_until <= now),
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leased = update(OutboxRow).where(OutboxRow.id.in_(due)).values(leased_until=now + LEASE).returning(OutboxRow.id)
    return sorted(db.session.execute(leased).scalars())


def perform(row_id: int, *, now: dt.datetime) -> bool:
    """Do one row inside the caller's unit of work. False when it was done already or somebody is at it."""
    row = db.session.execute(
        select(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.done_at.is_(None)).with_for_update(skip_locked=True)
    ).scalar_one_or_none()
    if row is None:
        return False
    _handlers[row.topic](row.payload, now=now)
    row.done_at = now
    db.session.flush()
    return True


def note_failure(row_id: int, error: str, *, now: dt.datetime) -> None:
    """Remember why a row failed and try it again later, a little later each time. In a unit of work of its own."""
    row = db.session.execute(select(OutboxRow).where(OutboxRow.id == row_id).with_for_update()).scalar_one()
    if row.done_at is None:
        row.attempts += 1
        row.last_error = error[:2000]
        row.leased_until = None
        row.due_at = now + dt.timedelta(seconds=min(2**row.attempts, 3600))
