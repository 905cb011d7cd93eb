"""A nonce is spent once: stored in the transaction of what it was sent with, so that the same request cannot act twice."""

import datetime as dt

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db


class SpentNonce(Base):
    """One request of one caller."""

    __tablename__ = "spent_nonce"
    caller: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str] = mapped_column(primary_key=True)
    spent_at: Mapped[dt.datetime] = mapped_column(index=True)


def spend(*, caller: str, nonce: str, now: dt.datetime) -> bool:
    """Spend a nonce; False when it was spent before. Waits for a twin under way to commit or fail."""
    once = insert(SpentNonce).values(caller=caller, nonce=nonce, spent_at=now).on_conflict_do_nothing()
    return db.session.execute(once.returning(SpentNonce.nonce)).first() is not None


def forget_due(*, before: dt.datetime, limit: int = 10_000) -> int:
    """Delete nonces whose requests have long expired; how many, 0 when none is left."""
    old = select(SpentNonce.caller, SpentNonce.nonce).where(SpentNonce.spent_at < before).limit(limit).subquery()
    gone = delete(SpentNonce).where(SpentNonce.caller == old.c.caller, SpentNonce.nonce == old.c.nonce)
    return int(db.session.execute(gone).rowcount)  # type: ignore[attr-defined]
