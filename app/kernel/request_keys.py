"""`Idempotency-Key`: the same key of the same caller with the same body gets the first answer again.

The answer is stored in the transaction of its effect and kept 24 hours; refusals are not stored. A twin in flight is
refused at once by a try-lock, never queued.
"""

import datetime as dt
from typing import Any

from sqlalchemy import LargeBinary, delete, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db
from app.kernel.errors import Conflict, Unprocessable
from app.kernel.locks import try_lock

KEPT = dt.timedelta(hours=24)


class RequestKey(Base):
    """One answered request."""

    __tablename__ = "request_key"
    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    answer: Mapped[dict[str, Any]]
    answered_at: Mapped[dt.datetime] = mapped_column(index=True)


class StillInFlight(Conflict):
    code = "idempotency.in_flight"
    title = "上一次请求还在处理"
    advice = "稍等一秒，用同一个 Idempotency-Key 再试"


class KeyReused(Unprocessable):
    code = "idempotency.mismatch"
    title = "请求编号已用于另一个请求"
    advice = "换一个新的 Idempotency-Key"


def find_answer(*, caller: str, key: str, body_hash: bytes, now: dt.datetime) -> tuple[int, Any] | None:
    """The stored (status, answer), or None when this request is the first.

    Holds the key until the transaction ends. Raises StillInFlight for a twin, KeyReused for another body.
    """
    if not try_lock(db.session(), f"request:{caller}:{key}"):
        raise StillInFlight
    row = db.session.get(RequestKey, (caller, key))
    if row is None:
        return None
    if row.answered_at <= now - KEPT:
        db.session.delete(row)
        db.session.flush()
        return None
    if row.body_hash != body_hash:
        raise KeyReused
    return row.status, row.answer["body"]


def keep_answer(*, caller: str, key: str, body_hash: bytes, status: int, answer: Any, now: dt.datetime) -> None:
    """Store the answer beside its effect."""
    db.session.add(
        RequestKey(caller=caller, key=key, body_hash=body_hash, status=status, answer={"body": answer}, answered_at=now)
    )
    db.session.flush()


def forget_old_answers(*, now: dt.datetime, limit: int = 1000) -> int:
    """Delete up to `limit` answers older than 24 hours; how many."""
    old = select(RequestKey.caller, RequestKey.key).where(RequestKey.answered_at <= now - KEPT).limit(limit)
    gone = delete(RequestKey).where(tuple_(RequestKey.caller, RequestKey.key).in_(old)).returning(RequestKey.key)
    return len(db.session.execute(gone).all())
