"""What nobody knows: messages whose answer was lost, for a person to decide about."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.outreach import materials
from app.outreach.messaging.operations import judging
from app.outreach.messaging.operations.counting import Counted, count
from app.outreach.messaging.refusals import NotInDoubt
from app.outreach.messaging.rules import ending

Verdict = Literal["sent", "not_sent", "again"]
_LIST = Statement(
    lambda: text(f"""
    SELECT it.id, it.customer_id, it.purpose_id, it.channel, it.account, it.sent_at AS since, attempt.code
    FROM delivery AS it LEFT JOIN delivery_attempt AS attempt
        ON attempt.delivery_id = it.id AND attempt.number = it.attempts
    WHERE it.state = 'in_doubt' AND it.reason = '{ending.WAIT_FOR_WORD}' ORDER BY it.sent_at, it.id LIMIT :limit""")  # noqa: S608
)
_LOCK = Statement(
    lambda: text(
        "SELECT id, dispatch_id, purpose_id FROM delivery WHERE id = :delivery_id AND state = 'in_doubt' FOR NO KEY UPDATE"
    )
)
_END = Statement(
    lambda: text(
        "UPDATE delivery SET state = :state, reason = :reason, due_at = coalesce(:due_at, due_at),"
        " expires_at = coalesce(:expires_at, expires_at), ended_at = :ended_at WHERE id = :delivery_id"
    )
)
# Else the next attempt would be taken for one more under the same id.
_FORGET_DOUBT = Statement(
    lambda: text(
        "UPDATE delivery_attempt SET outcome = 'later', code = 'settled' WHERE delivery_id = :delivery_id"
        " AND outcome = 'lost'"
    )
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A message of which nobody knows whether it arrived. `code`: why its answer was lost."""

    id: int
    customer_id: int | None
    purpose_id: int
    channel: str
    account: str
    since: dt.datetime
    code: str | None


def list_doubts(*, limit: int = 100) -> list[Doubt]:
    """Those that wait for a receipt or a person, the oldest first; those that are asked for again are not among them."""
    return [Doubt(**row) for row in _LIST.rows(db.session(), limit=limit)]


def decide(delivery_id: int, *, verdict: Verdict, now: dt.datetime) -> None:
    """A person knows, or decides: it was sent, it was not, or it is sent again although it may have arrived.

    Raises NotInDoubt where a receipt or somebody else was faster.
    """
    row = _LOCK.row(db.session(), delivery_id=delivery_id)
    if row is None:
        raise NotInDoubt(delivery_id=delivery_id)
    numbers: Counter[Counted] = Counter({(row["dispatch_id"], "in_doubt", ""): -1})
    if verdict == "sent":
        numbers[row["dispatch_id"], "sent", ""] += 1
        _end(delivery_id, "sent", reason="settled")
    else:
        judging.give_back([delivery_id], now=now)
        _FORGET_DOUBT.rows(db.session(), delivery_id=delivery_id)
        if verdict == "not_sent":
            numbers[row["dispatch_id"], "failed", "settled"] += 1
            _end(delivery_id, "failed", reason="settled", ended_at=now)
        else:
            valid = dt.timedelta(minutes=materials.purposes.get(row["purpose_id"]).valid_minutes)
            _end(delivery_id, "planned", reason="settled", due_at=now, expires_at=now + valid)
    count(numbers, now=now)


def _end(
    delivery_id: int,
    state: str,
    *,
    reason: str,
    due_at: dt.datetime | None = None,
    expires_at: dt.datetime | None = None,
    ended_at: dt.datetime | None = None,
) -> None:
    _END.rows(
        db.session(),
        delivery_id=delivery_id,
        state=state,
        reason=reason,
        due_at=due_at,
        expires_at=expires_at,
        ended_at=ended_at,
    )
