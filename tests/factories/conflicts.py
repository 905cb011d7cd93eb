"""Evidence and conflicts as resolution writes them down, where a test needs one without its history."""

import datetime as dt

from sqlalchemy import insert

from app.kernel.database import db
from app.people.identity.models import Evidence, HeldEvidence, Identifier


def seen_together(
    one: Identifier, other: Identifier, *, now: dt.datetime, source: str = "pos", proof: str = "stated"
) -> None:
    """Two ids were seen together."""
    low, high = sorted((one.token, other.token))
    db.session.execute(
        insert(Evidence).values(low=low, high=high, source=source, proof=proof, first_seen=now, last_seen=now)
    )


def held(one: Identifier, other: Identifier, *, now: dt.datetime, **more: object) -> None:
    """They were seen together, and that waits for somebody."""
    low, high = sorted((one.token, other.token))
    source = str(more.get("source", "pos"))
    seen_together(one, other, now=now, source=source)
    values = {"reason": "limit", "data": {"kind": "phone", "scope": ""}, "source": source, "found_at": now} | more
    db.session.execute(insert(HeldEvidence).values(low=low, high=high, **values))
