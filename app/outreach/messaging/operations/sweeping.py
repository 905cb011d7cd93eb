"""What was left behind: deliveries of workers that died, doubts that were to be asked again and were not in time, what a
stopped dispatch still had planned, receipts kept aside."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from app.kernel import failpoints
from app.kernel.database import Statement, db
from app.outreach import materials
from app.outreach.messaging.operations import receipts
from app.outreach.messaging.operations.counting import Counted, count
from app.outreach.messaging.operations.settling import Answered, settle
from app.outreach.messaging.rules import ending

_LEFT = Statement(
    lambda: text("""
    SELECT it.id, it.purpose_id, it.attempts, it.channel, attempt.started_at, attempt.reserved,
        attempt.delivery_id IS NOT NULL AND attempt.outcome IS NULL AS begun, before.tried, before.doubted_since
    FROM delivery AS it
    LEFT JOIN delivery_attempt AS attempt ON attempt.delivery_id = it.id AND attempt.number = it.attempts
    LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT channel) FILTER (WHERE outcome IN ('refused', 'invalid')) AS tried,
            min(started_at) FILTER (WHERE outcome = 'lost') AS doubted_since
        FROM delivery_attempt WHERE delivery_id = it.id AND number < it.attempts
    ) AS before ON it.attempts > 1
    WHERE it.state = 'sending' AND it.leased_until < :now
    ORDER BY it.id LIMIT :most FOR UPDATE OF it SKIP LOCKED""")
)
_PUT_BACK = Statement(
    lambda: text(
        "UPDATE delivery SET state = 'planned', leased_until = NULL, due_at = :now WHERE id = ANY(CAST(:ids AS bigint[]))"
    )
)
_CANCEL = Statement(
    lambda: text("""
    WITH left_over AS (
        SELECT due.id FROM dispatch CROSS JOIN LATERAL (
            SELECT it.id FROM delivery AS it WHERE it.dispatch_id = dispatch.id AND it.state = 'planned'
            ORDER BY it.due_at, it.id LIMIT :most FOR UPDATE OF it SKIP LOCKED
        ) AS due WHERE dispatch.state = 'stopped' LIMIT :most
    ), cancelled AS (
        UPDATE delivery SET state = 'cancelled', reason = 'stopped', ended_at = :now
        FROM left_over WHERE delivery.id = left_over.id RETURNING delivery.dispatch_id
    ) SELECT dispatch_id, count(*) AS number FROM cancelled GROUP BY dispatch_id""")
)
# The platform has forgotten our id of it meanwhile (nobody worked, or the dispatch was paused): a receipt or a person says.
_WAIT_FOR_WORD = Statement(
    lambda: text(f"""
    WITH overdue AS (
        SELECT id FROM delivery WHERE state = 'in_doubt' AND reason = '{ending.ASK_AGAIN}' AND sent_at <= :known_since
        ORDER BY sent_at LIMIT :most FOR UPDATE SKIP LOCKED
    ), left_alone AS (
        UPDATE delivery SET reason = '{ending.WAIT_FOR_WORD}' FROM overdue WHERE delivery.id = overdue.id RETURNING 1
    ) SELECT count(*) AS number FROM left_alone""")  # noqa: S608  (constants)
)


def sweep_due(*, now: dt.datetime, limit: int = 1000) -> int:
    """Put right what was left behind, at most `limit` of each kind; how many, 0 when nothing is left."""
    done = take_up(now=now, limit=limit) + give_up_asking(now=now, limit=limit) + cancel_stopped(now=now, limit=limit)
    done += receipts.match_aside(now=now, limit=limit)
    failpoints.here("sending.sweeping")
    return done


def take_up(*, now: dt.datetime, limit: int) -> int:
    """Deliveries whose worker has not been heard of: where a call may have been made, its answer is lost; else planned again."""
    left = _LEFT.rows(db.session(), now=now, most=limit)
    settle([_lost(row) for row in left if row["begun"]], now=now) if left else None
    _PUT_BACK.rows(db.session(), ids=[row["id"] for row in left if not row["begun"]], now=now)
    return len(left)


def _lost(row: Mapping[str, Any]) -> Answered:
    purpose = materials.purposes.get(row["purpose_id"])
    call = ending.Call(
        number=row["attempts"],
        channel=row["channel"],
        channels=purpose.channels,
        tried=row["tried"] or (),
        when_in_doubt=purpose.when_in_doubt,
        started_at=row["started_at"],
        doubted_since=row["doubted_since"],
    )
    return Answered(row["id"], purpose.code, call, ending.Answer("lost", "worker_gone"), row["reserved"])


def give_up_asking(*, now: dt.datetime, limit: int) -> int:
    """Doubts that can be asked again no more wait for a receipt or a person, and are shown to one; how many."""
    (row,) = _WAIT_FOR_WORD.rows(db.session(), known_since=now - ending.KNOWN_FOR, most=limit)
    return int(row["number"])


def cancel_stopped(*, now: dt.datetime, limit: int) -> int:
    """What stopped dispatches have planned is cancelled; how many."""
    rows = _CANCEL.rows(db.session(), now=now, most=limit)
    numbers: Counter[Counted] = Counter({(row["dispatch_id"], "cancelled", ""): row["number"] for row in rows})
    count(numbers, now=now)
    return sum(row["number"] for row in rows)
