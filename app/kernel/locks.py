"""Advisory locks of PostgreSQL, by name. They end with the transaction, or with the connection for a leader."""

import hashlib
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from app.kernel.database import Overtaken, Statement

_LOCK_MANY = Statement(
    lambda: text(
        "SELECT CASE WHEN alone THEN CAST(pg_advisory_xact_lock(number) AS text)"
        " ELSE CAST(pg_advisory_xact_lock_shared(number) AS text) END"
        " FROM unnest(CAST(:numbers AS bigint[]), CAST(:alone AS boolean[])) AS wanted (number, alone)"
    )
)


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def lock(session: Session, name: str) -> None:
    """Wait for the lock; it is held until the transaction ends."""
    session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _number(name)})


def lock_person(session: Session, name: str, *, customer_id: int) -> None:
    """`lock` for what concerns one customer; until the transaction ends they are not merged either, nor set apart.

    Raises Overtaken where they have been merged into somebody else.
    """
    kept = text("SELECT pg_advisory_xact_lock(:number) FROM customer WHERE id = :customer_id FOR KEY SHARE")
    if session.execute(kept, {"number": _number(name), "customer_id": customer_id}).first() is None:
        raise Overtaken


def lock_many(session: Session, names: Mapping[str, bool]) -> None:
    """Wait for several locks: alone where the name says True, together with others who do not want it alone elsewhere.

    In the order of the names, so that two who want the same never wait for each other in a circle. Until the transaction
    ends.
    """
    order = sorted(names)
    _LOCK_MANY.rows(session, numbers=[_number(name) for name in order], alone=[names[name] for name in order])


def try_lock(session: Session, name: str) -> bool:
    """Take the lock until the transaction ends, or say no at once."""
    taken = session.execute(text("SELECT pg_try_advisory_xact_lock(:number)"), {"number": _number(name)})
    return bool(taken.scalar())


def try_lead(connection: Connection, name: str) -> bool:
    """Become leader for as long as the connection lives, or say no at once. A courtesy: never the only guarantee."""
    return bool(connection.execute(text("SELECT pg_try_advisory_lock(:number)"), {"number": _number(name)}).scalar())
