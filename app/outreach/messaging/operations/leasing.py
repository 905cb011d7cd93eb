"""Taking what is due: judged, reserved and marked in one transaction, some dozens at a time, before anything is called."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel import failpoints
from app.kernel.database import Statement, db, in_one_trip
from app.outreach import materials
from app.outreach.messaging.operations import judging
from app.outreach.messaging.operations.counting import Counted, count
from app.outreach.messaging.operations.judging import Candidate, Go, Hold, Verdict, Wait
from app.outreach.messaging.rules import ending

CHUNK = 32
# A call takes ten seconds at most; a worker that has not written its answer by then is believed dead.
LEASE = dt.timedelta(seconds=30)
# Nothing of a purpose can go through an account now: its other deliveries need not be looked at, one by one, until then.
ACCOUNT_WAITS = "quota_"
SHORT_WAITS = ("quota_minute", "quota_lost")
# Looked at again at least so often, in case an operator has raised the quota.
LONGEST_REST = dt.timedelta(minutes=1)

# Their rows stay locked until the end of the transaction, and their people with them: a person whose lock another worker
# holds is being given something at this moment. Whoever waits here would wait for nothing: skip, there are others.
_PERSON = "pg_try_advisory_xact_lock(hashint8extended(coalesce(customer_id, -staff_id), 7251))"
_FREE = """NOT EXISTS (SELECT FROM delivery AS other WHERE other.customer_id = {it}.customer_id AND other.state = 'sending')"""
_DUE = f"""
    SELECT due.*, dispatch.priority FROM dispatch CROSS JOIN LATERAL (
        SELECT it.id, it.customer_id, it.staff_id FROM delivery AS it
        WHERE it.dispatch_id = dispatch.id AND it.state = 'planned' AND it.due_at <= :now AND {_FREE.format(it="it")}
        ORDER BY it.due_at, it.id LIMIT :most {{locked}}
    ) AS due
    WHERE dispatch.state = 'running' AND dispatch.id <> ALL(CAST(:resting AS bigint[]))
    ORDER BY dispatch.priority, dispatch.id LIMIT :most"""  # noqa: S608
_ASK_AGAIN = f"""
    SELECT it.id, it.customer_id, it.staff_id FROM delivery AS it JOIN dispatch ON dispatch.id = it.dispatch_id
    WHERE it.state = 'in_doubt' AND it.sent_at > :known_since AND it.reason = '{ending.ASK_AGAIN}'
    AND it.due_at <= :now AND dispatch.state = 'running' AND {_FREE.format(it="it")}
    ORDER BY it.sent_at LIMIT :most {{locked}}"""  # noqa: S608
_LOCKED = "FOR UPDATE OF it SKIP LOCKED"
_PICK = f"WITH due AS MATERIALIZED ({{due}}) SELECT id, customer_id, staff_id FROM due WHERE {_PERSON}"  # noqa: S608
PLANNED = Statement(lambda: text(_PICK.format(due=_DUE.format(locked=_LOCKED))))
DOUBTED = Statement(lambda: text(_PICK.format(due=_ASK_AGAIN.format(locked=_LOCKED))))
_COUNT_DUE = Statement(
    lambda: text(
        f"SELECT (SELECT count(*) FROM ({_DUE.format(locked='')}) AS planned)"  # noqa: S608
        f" + (SELECT count(*) FROM ({_ASK_AGAIN.format(locked='')}) AS doubted) AS count"
    )
)
# A statement of its own behind the locks: it sees what whoever held them before has done.
_READ = Statement(
    lambda: text(f"""
    SELECT it.id, it.dispatch_id, it.purpose_id, it.customer_id, it.born_customer_id, it.staff_id, it.occasion,
        it.values, it.due_at, it.expires_at, it.attempts, it.state, it.reason, it.channel,
        dispatch.control_percent, dispatch.control_salt, dispatch.priority, before.tried, before.doubted_since
    FROM delivery AS it JOIN dispatch ON dispatch.id = it.dispatch_id LEFT JOIN LATERAL (
        SELECT array_agg(DISTINCT channel) FILTER (WHERE outcome IN ('refused', 'invalid')) AS tried,
            min(started_at) FILTER (WHERE outcome = 'lost') AS doubted_since
        FROM delivery_attempt WHERE delivery_id = it.id AND it.attempts > 0
    ) AS before ON it.attempts > 0
    WHERE it.id = ANY(CAST(:ids AS bigint[])) AND {_FREE.format(it="it")}
    ORDER BY dispatch.priority, dispatch.id, it.due_at, it.id""")  # noqa: S608
)
_MARK = Statement(
    lambda: text("""
    WITH go AS (
        SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:numbers AS bigint[]), CAST(:channels AS text[]),
            CAST(:accounts AS text[]), CAST(:templates AS text[]), CAST(:reserved AS text[]))
        AS row (id, number, channel, account, template_id, reserved)
    ), written AS (
        INSERT INTO delivery_attempt (delivery_id, number, channel, account, template_id, started_at, reserved)
        SELECT id, number, channel, account, template_id, :now, CAST(reserved AS jsonb) FROM go
    ) UPDATE delivery SET state = 'sending', leased_until = :until, attempts = go.number, channel = go.channel,
        account = go.account
    FROM go WHERE delivery.id = go.id""")
)
_HOLD = Statement(
    lambda: text("""
    UPDATE delivery SET state = held.state, reason = held.reason, detail = CAST(held.detail AS jsonb), ended_at = :now
    FROM unnest(CAST(:ids AS bigint[]), CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:details AS text[]))
        AS held (id, state, reason, detail)
    WHERE delivery.id = held.id""")
)
_WAIT = Statement(
    lambda: text("""
    UPDATE delivery SET due_at = waits.until, reason = waits.reason
    FROM unnest(CAST(:ids AS bigint[]), CAST(:untils AS timestamptz[]), CAST(:reasons AS text[]))
        AS waits (id, until, reason)
    WHERE delivery.id = waits.id""")
)
_STAY_IN_DOUBT = Statement(
    lambda: text(
        f"UPDATE delivery SET reason = '{ending.WAIT_FOR_WORD}' WHERE id = ANY(CAST(:ids AS bigint[]))"  # noqa: S608
    )
)
_PUT_OFF = Statement(
    lambda: text(
        "UPDATE delivery SET due_at = CAST(:now AS timestamptz) + interval '5 minutes',"
        " reason = CASE WHEN state = 'in_doubt' THEN reason ELSE :reason END WHERE id = ANY(CAST(:ids AS bigint[]))"
    )
)


@dataclass(frozen=True, slots=True)
class Flight:
    """A delivery that is marked as being sent: what was judged, where it goes, and which attempt it is."""

    candidate: Candidate
    go: Go
    number: int
    started_at: dt.datetime
    doubted_since: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Leased:
    """What one look brought. `looked_at`: how many were due; `rests`: dispatches whose accounts take nothing until then."""

    flights: Sequence[Flight]
    looked_at: int
    rests: Mapping[int, dt.datetime]


def count_due(*, now: dt.datetime, most: int) -> int:
    """How many deliveries of running dispatches could be looked at now; `most` where there are more."""
    values = {"now": now, "most": most, "resting": [], "known_since": now - ending.KNOWN_FOR}
    (row,) = _COUNT_DUE.rows(db.session(), **values)
    return min(int(row["count"]), most)


def lease(*, now: dt.datetime, limit: int = CHUNK, resting: Collection[int] = (), doubted: bool = False) -> Leased:
    """Take due deliveries, the most pressing first: judge them, mark those that go, hold back and put off the others.

    One of a person at a time. `resting`: dispatches to leave alone. `doubted`: take those whose answer was lost and which
    the platform knows by our id.
    """
    rows = _take(now, limit, resting, doubted)
    if not rows:
        return Leased((), 0, {})
    if doubted:  # they go under the reservation that they have: given back and taken anew
        judging.give_back([row["id"] for row in rows], now=now)
    candidates = [_candidate(row) for row in rows]
    verdicts = judging.judge(candidates, now=now)
    flights, left = [], []
    for row, candidate, verdict in zip(rows, candidates, verdicts, strict=True):
        if isinstance(verdict, Go):
            flights.append(Flight(candidate, verdict, row["attempts"] + 1, now, row["doubted_since"]))
        else:
            left.append((row, verdict))
    rests = {} if doubted else _rests(candidates, verdicts, now)
    left = [(row, verdict) for row, verdict in left if row["dispatch_id"] not in rests]
    _write(flights, left, now=now, doubted=doubted)
    failpoints.here("sending.leasing")
    return Leased(flights, len(rows), rests)


def put_off(*, now: dt.datetime, reason: str, resting: Collection[int] = (), doubted: bool = False) -> None:
    """Leave what `lease` takes next for five minutes: it cannot be judged, and others wait behind it."""
    rows = _take(now, 1, resting, doubted)
    _PUT_OFF.rows(db.session(), ids=[row["id"] for row in rows], now=now, reason=reason)


def _take(now: dt.datetime, limit: int, resting: Collection[int], doubted: bool) -> list[dict[str, Any]]:
    if doubted:
        picked = DOUBTED.rows(db.session(), now=now, most=limit, known_since=now - ending.KNOWN_FOR)
    else:
        picked = PLANNED.rows(db.session(), now=now, most=limit, resting=list(resting))
    # Of a person with several the first in line; the others are looked at when that one is through.
    first = {(row["customer_id"], row["staff_id"]): row["id"] for row in reversed(picked)}
    return _READ.rows(db.session(), ids=list(first.values())) if picked else []


def _candidate(row: Mapping[str, Any]) -> Candidate:
    purpose = materials.purposes.get(row["purpose_id"])
    tried = set(row["tried"] or ())
    if row["state"] == "in_doubt":  # the platform knows our id by this channel alone
        tried = set(purpose.channels) - {row["channel"]}
    return Candidate(
        delivery_id=row["id"],
        customer_id=row["customer_id"],
        born_customer_id=row["born_customer_id"],
        staff_id=row["staff_id"],
        purpose=purpose,
        dispatch_id=row["dispatch_id"],
        control_percent=row["control_percent"],
        control_salt=row["control_salt"],
        occasion=row["occasion"],
        values=row["values"],
        due_at=row["due_at"],
        expires_at=row["expires_at"],
        tried=tuple(sorted(tried)),
    )


def _rests(candidates: Sequence[Candidate], verdicts: Sequence[Verdict], now: dt.datetime) -> dict[int, dt.datetime]:
    """Dispatches of which everything waits for its account: what was looked at does, and there is no other way or account.

    Where there is, those behind may be reached by it until the day ends for these; a minute is worth nobody's while.
    """
    if not any(isinstance(verdict, Wait) for verdict in verdicts):
        return {}
    untils: dict[int, dt.datetime] = {}
    others = set()
    places = Counter(key[0] for key in materials.words.list_words({one.purpose.id for one in candidates}))
    for candidate, verdict in zip(candidates, verdicts, strict=True):
        alone = places[candidate.purpose.id] == 1
        if isinstance(verdict, Wait) and verdict.reason.startswith(ACCOUNT_WAITS if alone else SHORT_WAITS):
            until = untils.get(candidate.dispatch_id, now + LONGEST_REST)
            untils[candidate.dispatch_id] = min(until, verdict.until)
        else:
            others.add(candidate.dispatch_id)
    return {dispatch_id: until for dispatch_id, until in untils.items() if dispatch_id not in others}


def _write(
    flights: Sequence[Flight],
    left: Sequence[tuple[Mapping[str, Any], Verdict]],
    *,
    now: dt.datetime,
    doubted: bool,
) -> None:
    """Nobody else can have changed these rows: they are locked."""
    asked: list[tuple[Statement, Mapping[str, Any]]] = []
    if flights:
        asked.append((_MARK, {**_columns(flights), "now": now, "until": now + LEASE}))
    held = [_held(row, verdict) for row, verdict in left if isinstance(verdict, Hold)]
    waits = [verdict for _, verdict in left if isinstance(verdict, Wait)]
    if doubted:  # what may have arrived is never held back: it stays in doubt
        asked.append((_STAY_IN_DOUBT, {"ids": [one[0] for one in held]}))
        held = []
    if held:
        ids, _, states, reasons, details = map(list, zip(*held, strict=True))
        asked.append((_HOLD, {"ids": ids, "states": states, "reasons": reasons, "details": details, "now": now}))
    if waits:
        columns = {
            "ids": [one.delivery_id for one in waits],
            "untils": [max(one.until, now + dt.timedelta(seconds=1)) for one in waits],
            "reasons": [ending.ASK_AGAIN if doubted else one.reason for one in waits],
        }
        asked.append((_WAIT, columns))
    in_one_trip(db.session(), *asked)
    numbers: Counter[Counted] = Counter((dispatch, state, reason) for _, dispatch, state, reason, _ in held)
    if doubted:
        numbers.subtract((one.candidate.dispatch_id, "in_doubt", "") for one in flights)
    count(numbers, now=now)


def _columns(flights: Sequence[Flight]) -> dict[str, list[Any]]:
    return {
        "ids": [one.go.delivery_id for one in flights],
        "numbers": [one.number for one in flights],
        "channels": [one.go.channel for one in flights],
        "accounts": [one.go.account for one in flights],
        "templates": [one.go.rendered.template_id for one in flights],
        "reserved": [json.dumps(one.go.reserved) for one in flights],
    }


def _held(row: Mapping[str, Any], verdict: Hold) -> tuple[int, int, str, str, str | None]:
    """What a channel refused and no other could take has failed; the rest never left."""
    detail = json.dumps(verdict.data) if verdict.data else None
    if row["tried"] and verdict.reason in ending.NOTHING_LEFT:
        return row["id"], row["dispatch_id"], "failed", row["reason"] or verdict.reason, detail
    return row["id"], row["dispatch_id"], "held_back", verdict.reason, detail
