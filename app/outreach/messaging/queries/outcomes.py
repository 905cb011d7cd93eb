"""What came of deliveries: counted from the rows, which are the truth; the curve from what was counted minute by minute."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import text

from app.kernel.database import Statement, db

_STATES = Statement(
    lambda: text(
        "SELECT state, coalesce(reason, '') AS reason, count(*) AS number, count(sent_at) AS sent, count(opened_at) AS opened"
        " FROM delivery WHERE dispatch_id = ANY(CAST(:dispatch_ids AS bigint[])) GROUP BY state, reason"
    )
)
_CURVE = Statement(
    lambda: text(
        "SELECT minute, what, sum(number)::bigint AS number FROM dispatch_minute"
        " WHERE dispatch_id = ANY(CAST(:dispatch_ids AS bigint[])) GROUP BY minute, what ORDER BY minute, what"
    )
)


@dataclass(frozen=True)
class Counts:
    """How many deliveries stand where. `sent`: all that left, whatever became of them; `planned`: still to go, those under
    way included; `held_back` and `failed` by reason."""

    planned: int = 0
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    in_doubt: int = 0
    cancelled: int = 0
    held_back: Mapping[str, int] = field(default_factory=dict)
    failed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Point:
    """In this minute so many deliveries came to `what` (models.DispatchMinute)."""

    minute: dt.datetime
    what: str
    number: int


def of_dispatches(dispatch_ids: Collection[int]) -> Counts:
    """Where the deliveries of these dispatches stand now, together."""
    rows = _STATES.rows(db.session(), dispatch_ids=list(dispatch_ids))
    states, reasons = Counter[str](), {"held_back": Counter[str](), "failed": Counter[str]()}
    for row in rows:
        states[row["state"]] += row["number"]
        if row["state"] in reasons:
            reasons[row["state"]][row["reason"]] += row["number"]
    return Counts(
        planned=states["planned"] + states["sending"],
        sent=sum(row["sent"] for row in rows if row["state"] in ("sent", "delivered", "failed")),
        delivered=states["delivered"],
        opened=sum(row["opened"] for row in rows),
        in_doubt=states["in_doubt"],
        cancelled=states["cancelled"],
        held_back=dict(reasons["held_back"]),
        failed=dict(reasons["failed"]),
    )


def curve(dispatch_ids: Collection[int]) -> list[Point]:
    """What became of these dispatches' deliveries, minute by minute."""
    return [Point(**row) for row in _CURVE.rows(db.session(), dispatch_ids=list(dispatch_ids))]
