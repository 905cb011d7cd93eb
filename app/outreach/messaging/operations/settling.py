"""Answers written down, set-wise: what became of each delivery, what was reserved for nothing, how many came to what."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel import clock, failpoints
from app.kernel.database import Statement, db, in_one_trip
from app.knowledge import tracking
from app.outreach.messaging.operations import judging, learning
from app.outreach.messaging.operations.counting import Counted, count
from app.outreach.messaging.operations.receipts import APPLY, counted
from app.outreach.messaging.rules import ending

# Rows in order, so that workers, sweeps and receipts never wait for each other in a circle. A line about an earlier attempt
# than the newest is only noted, unless it ends a doubt.
_SETTLE = Statement(
    lambda: text("""
    WITH answer AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS bigint[]), CAST(:outcomes AS text[]),
            CAST(:codes AS text[]), CAST(:platform_ids AS text[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
            CAST(:due_ats AS timestamptz[]), CAST(:sent_ats AS timestamptz[]))
        AS row (id, number, outcome, code, platform_id, state, reason, due_at, sent_at)
    ), before AS (
        SELECT id, state, attempts FROM delivery WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id FOR NO KEY UPDATE
    ), noted AS (
        UPDATE delivery_attempt AS it SET ended_at = :now, outcome = answer.outcome, code = answer.code,
            platform_id = answer.platform_id
        FROM answer WHERE it.delivery_id = answer.id AND it.number = answer.number
    ), changed AS (
        UPDATE delivery AS it SET state = answer.state, reason = answer.reason, leased_until = NULL,
            due_at = coalesce(answer.due_at, it.due_at), platform_id = coalesce(answer.platform_id, it.platform_id),
            sent_at = coalesce(answer.sent_at, it.sent_at),
            ended_at = CASE WHEN answer.state = 'failed' THEN CAST(:now AS timestamptz) END
        FROM answer JOIN before USING (id) WHERE it.id = answer.id AND (
            (before.attempts = answer.number AND before.state IN ('sending', 'in_doubt'))
            OR (before.state = 'in_doubt' AND answer.outcome = 'accepted'))
        RETURNING it.id, it.dispatch_id, before.state AS was, it.customer_id, it.born_customer_id, it.account
    ) SELECT * FROM changed""")
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A call and its answer. `purpose`: its code; `reserved`: what the call had used up."""

    delivery_id: int
    purpose: str
    call: ending.Call
    answer: ending.Answer
    reserved: Mapping[str, Any]


def settle(answered: Sequence[Answered], *, now: dt.datetime) -> int:
    """Write down what these calls came to and what follows; how many deliveries changed by it.

    The same answer told twice, or long after a sweep gave up waiting, changes nothing that is known by then.
    """
    day_end = clock.end_of_day(clock.brand_day(now))
    follows = {one.delivery_id: ending.follow(one.call, one.answer, now=now, day_end=day_end) for one in answered}
    accepted = [one.answer.platform_id for one in answered if one.answer.platform_id]
    changed, early = in_one_trip(
        db.session(),
        (_SETTLE, {**_columns(answered, follows, now), "now": now}),
        # The platform may have told what became of a message before we have written that it took it.
        (APPLY, {"platform_ids": accepted}),
    )
    by_id = {one.delivery_id: one for one in answered}
    judging.give_back([row["id"] for row in changed if follows[row["id"]].gives_back], now=now)
    learning.learn([_refused(row, by_id[row["id"]]) for row in changed if by_id[row["id"]].answer.code], now=now)
    _tell([(row, by_id[row["id"]]) for row in changed if follows[row["id"]].state == "sent"], now)
    count(_numbers(changed, follows) + counted(early), now=now)
    failpoints.here("sending.settling")
    return len(changed)


def _refused(row: Mapping[str, Any], one: Answered) -> learning.Refused:
    return learning.Refused(row["customer_id"], row["account"], one.call.channel, one.answer.code or "", one.reserved)


def _columns(
    answered: Sequence[Answered], follows: Mapping[int, ending.Next], now: dt.datetime
) -> dict[str, list[Any]]:
    then = [follows[one.delivery_id] for one in answered]
    return {
        "ids": [one.delivery_id for one in answered],
        "numbers": [one.call.number for one in answered],
        "outcomes": ["later" if one.answer.kind in ending.LATER else one.answer.kind for one in answered],
        "codes": [one.answer.code for one in answered],
        "platform_ids": [one.answer.platform_id for one in answered],
        "states": [one.state for one in then],
        "reasons": [one.reason for one in then],
        "due_ats": [one.due_at for one in then],
        "sent_ats": [_sent_at(one.call, then.state, now) for one, then in zip(answered, then, strict=True)],
    }


def _sent_at(call: ending.Call, state: str, now: dt.datetime) -> dt.datetime | None:
    """Of one in doubt: when it may have been sent first, for so long the platform knows our id of it."""
    return {"sent": now, "in_doubt": call.doubted_since or call.started_at}.get(state)


def _numbers(changed: Sequence[Mapping[str, Any]], follows: Mapping[int, ending.Next]) -> Counter[Counted]:
    numbers: Counter[Counted] = Counter()
    for row in changed:
        then = follows[row["id"]]
        if row["was"] == "in_doubt":
            numbers[row["dispatch_id"], "in_doubt", ""] -= 1
        if then.state != "planned":
            reason = then.reason or "" if then.state == "failed" else ""
            numbers[row["dispatch_id"], then.state, reason] += 1
    return numbers


def _tell(sent: Sequence[tuple[Mapping[str, Any], Answered]], now: dt.datetime) -> None:
    """Each message that the platform took is an event of its person."""
    occurrences = [
        tracking.Occurrence(
            "message_sent",
            row["customer_id"],
            f"delivery:{row['id']}",
            now,
            {"purpose": one.purpose, "channel": one.call.channel},
            born_customer_id=row["born_customer_id"],
        )
        for row, one in sent
        if row["customer_id"] is not None
    ]
    if occurrences:
        tracking.record(occurrences, now=now)
