"""What outside companies tell us: stored before it is answered, handled by a worker after the commit, each once.

    taken = inbox.take_in(source="wechat", key=inbox.key_of(appid, "event", openid, …), payload=push, now=now)
    if taken.new: inbox.keep_answer(taken.id, "…")          # what was answered, for the same push when it comes again

A repeat is told by (source, key) and gets the stored answer; it waits for a first one that is still on its way. Rows are
leased like those of the outbox: a worker that dies leaves them to the next sweep. The payload is encrypted, since it is
what somebody said, and forgotten after a week.
"""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, delete, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel import crypto
from app.kernel.crypto import EncryptedText
from app.kernel.database import Base, LastStatement, Statement, db, in_one_trip, leave_for_last, reading
from app.kernel.personal import personal

LEASE = dt.timedelta(seconds=60)
KEPT = dt.timedelta(days=7)
# After this many failures a message stays and is shown to the operator instead of being tried for ever.
LAST_ATTEMPT = 12


class InboxRow(Base):
    """One message that came in. `answer`: what was answered at once, empty for a mere receipt. `done_at` empty and
    `attempts` under the last: still to be handled."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("uq_inbox_key", "source", "key", unique=True),
        Index("ix_inbox_due", "due_at", postgresql_where=text("done_at IS NULL")),
        Index("ix_inbox_received_at", "received_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str]
    key: Mapped[uuid.UUID]
    payload: Mapped[str] = mapped_column(
        EncryptedText, info=personal("answer, and understand what was said", "contract", "one week")
    )
    answer: Mapped[str | None] = mapped_column(
        EncryptedText, info=personal("answer a repeat like the first", "contract", "one week")
    )
    received_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime]
    leased_until: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    last_error: Mapped[str | None]
    done_at: Mapped[dt.datetime | None]


@dataclass(frozen=True)
class Taken:
    """`new`: it is here for the first time. `answer`: what the first one was answered, None for a mere receipt."""

    id: int
    new: bool
    answer: str | None


@dataclass(frozen=True)
class Message:
    """One stored message as its handler gets it."""

    id: int
    payload: dict[str, Any]
    received_at: dt.datetime


@dataclass(frozen=True)
class StuckMessage:
    """A message that could not be handled, for the operator: what was said is not shown."""

    id: int
    source: str
    received_at: dt.datetime
    attempts: int
    last_error: str | None


Handler = Callable[..., None]
_handlers: dict[str, Handler] = {}


def handles(source: str) -> Callable[[Handler], Handler]:
    """Register `handler(messages, *, now)` for a source: a batch in the order of arrival, in the worker's unit of work.

    A batch that fails is handled again message by message.
    """

    def register(handler: Handler) -> Handler:
        if source in _handlers:
            raise ValueError(f"source {source} has a handler already")
        _handlers[source] = handler
        return handler

    return register


def key_of(*parts: str) -> uuid.UUID:
    """The key of a message: sixteen bytes of a hash over what tells it from every other one of its source."""
    return uuid.UUID(bytes=hashlib.blake2b("\0".join(parts).encode(), digest_size=16).digest())


_STORE = Statement(
    lambda: text(
        "INSERT INTO inbox (source, key, payload, received_at, due_at) VALUES (:source, :key, :payload, :now, :now)"
        " ON CONFLICT (source, key) DO NOTHING RETURNING id"
    )
)
_FIRST = Statement(lambda: text("SELECT id, answer FROM inbox WHERE source = :source AND key = :key"))
_ANSWER = Statement(lambda: text("UPDATE inbox SET answer = :answer WHERE id = :id"))


def take_in(*, source: str, key: uuid.UUID, payload: dict[str, Any], now: dt.datetime) -> Taken:
    """Store a message unless it is there already. Raises KeyError for a source that nobody handles."""
    if source not in _handlers:
        raise KeyError(f"nobody handles {source}: register a handler with @handles")
    stored = crypto.encrypt(json.dumps(payload, ensure_ascii=False))
    session = db.session()
    [rows] = in_one_trip(session, (_STORE, {"source": source, "key": key, "payload": stored, "now": now}))
    if rows:
        return Taken(rows[0]["id"], new=True, answer=None)
    first = _FIRST.row(session, source=source, key=key)
    if first is None:  # forgotten between the two statements: a week passed
        raise LookupError(source)
    answer = first["answer"]
    return Taken(first["id"], new=False, answer=None if answer is None else crypto.decrypt(bytes(answer)))


def keep_answer(row_id: int, answer: str) -> None:
    """Remember what a message was answered, in the transaction that stores it; written together with its COMMIT."""
    sealed, session = crypto.encrypt(answer), db.session()
    written = f"UPDATE inbox SET answer = '\\x{sealed.hex()}' WHERE id = {int(row_id)}"  # noqa: S608  (hex and a number)
    if not leave_for_last(session, LastStatement(written, {})):
        _ANSWER.rows(session, id=row_id, answer=sealed)


def lease_due(*, now: dt.datetime, limit: int = 500) -> list[int]:
    """Lease messages that are due and that nobody holds; their ids in the order of arrival."""
    due = (
        select(InboxRow.id)
        .where(
            InboxRow.done_at.is_(None),
            InboxRow.due_at <= now,
            InboxRow.attempts < LAST_ATTEMPT,
            (InboxRow.leased_until.is_(None)) | (InboxRow.leased_until <= now),
        )
        .order_by(InboxRow.due_at, InboxRow.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    leased = update(InboxRow).where(InboxRow.id.in_(due)).values(leased_until=now + LEASE).returning(InboxRow.id)
    return sorted(db.session.execute(leased).scalars())


def perform(row_ids: Sequence[int], *, now: dt.datetime) -> int:
    """Handle these messages inside the caller's unit of work; how many. What is done, or in other hands, is left out."""
    rows = db.session.scalars(
        select(InboxRow)
        .where(InboxRow.id.in_(list(row_ids)), InboxRow.done_at.is_(None))
        .order_by(InboxRow.id)
        .with_for_update(skip_locked=True)
    ).all()
    for source in sorted({row.source for row in rows}):
        messages = [Message(row.id, json.loads(row.payload), row.received_at) for row in rows if row.source == source]
        _handlers[source](messages, now=now)
    done = update(InboxRow).where(InboxRow.id.in_([row.id for row in rows])).values(done_at=now, leased_until=None)
    db.session.execute(done.execution_options(synchronize_session=False))
    return len(rows)


def note_failure(row_id: int, error: str, *, now: dt.datetime) -> None:
    """Remember why a message could not be handled, and try again later, a little later each time. In its own transaction."""
    row = db.session.execute(select(InboxRow).where(InboxRow.id == row_id).with_for_update()).scalar_one()
    if row.done_at is None:
        row.attempts += 1
        row.last_error = error[:2000]
        row.leased_until = None
        row.due_at = now + dt.timedelta(seconds=min(2**row.attempts, 3600))


def list_stuck(*, limit: int = 100) -> list[StuckMessage]:
    """Messages that failed and are not handled yet, the most often tried first."""
    columns = (InboxRow.id, InboxRow.source, InboxRow.received_at, InboxRow.attempts, InboxRow.last_error)
    waiting = select(*columns).where(InboxRow.done_at.is_(None), InboxRow.attempts > 0)
    with reading() as connection:
        rows = connection.execute(waiting.order_by(InboxRow.attempts.desc(), InboxRow.id).limit(limit)).all()
    return [StuckMessage(**row._mapping) for row in rows]


def count_waiting() -> int:
    """How many messages are not handled yet."""
    with reading() as connection:
        return connection.execute(select(func.count()).where(InboxRow.done_at.is_(None))).scalar_one()


def forget_due(*, now: dt.datetime, limit: int = 5_000) -> int:
    """Delete messages that came in more than a week ago, handled or not; how many."""
    old = select(InboxRow.id).where(InboxRow.received_at < now - KEPT).order_by(InboxRow.received_at).limit(limit)
    return len(db.session.execute(delete(InboxRow).where(InboxRow.id.in_(old)).returning(InboxRow.id)).all())
