"""Evidence that waits because a room objected: it joins its people once nobody objects any more."""

import datetime as dt
import uuid

from sqlalchemy import ColumnElement, select

from app.kernel.database import db
from app.kernel.facts import ask
from app.people.identity.facts import MergeProposed
from app.people.identity.models import HeldEvidence
from app.people.identity.operations import lives, settling
from app.people.identity.operations.components import Crowded


def hear_objections_due(*, now: dt.datetime, limit: int) -> int:
    """Hear again who objected, oldest first; how much is held no longer, at most `limit`. What still is stays as it is."""
    settling.hold_people()
    waiting = select(HeldEvidence.low, HeldEvidence.high).where(*_waits())
    done = 0
    for low, high in db.session.execute(waiting.order_by(HeldEvidence.found_at, HeldEvidence.low)).all():
        if done < limit and _is_over(low, high, now=now):
            done += 1
    return done


def _waits() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (HeldEvidence.reason == "objection", HeldEvidence.settled_at.is_(None))


def _is_over(low: uuid.UUID, high: uuid.UUID, *, now: dt.datetime) -> bool:
    pair = (HeldEvidence.low == low, HeldEvidence.high == high)
    owners = sorted({row.customer_id for rows in lives.find_lives([low, high]).values() for row in rows[-1:]})
    if len(owners) == 2 and [*ask(MergeProposed(*owners)), *ask(MergeProposed(*reversed(owners)))]:
        return False
    try:
        settling.settle({low, high}, new={}, by=settling.By({"rule": "evidence"}), now=now)
    except Crowded:
        return False
    return db.session.execute(select(HeldEvidence.low).where(*pair, *_waits())).first() is None
