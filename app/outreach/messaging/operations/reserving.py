"""What a message uses up besides the account's quota: grants, windows, caps. Each limit is kept by the statement that uses it."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.database import Statement, db, in_one_trip
from app.outreach.messaging.queries.standing import WINDOW_MARGIN

_NAMED = "unnest(CAST(:deliveries AS bigint[]), CAST(:people AS bigint[]), CAST(:uses AS jsonb[]))"
# Rows in the order of their keys, so that two chunks never wait for each other in a circle.
_USE_GRANTS = Statement(
    lambda: text(f"""
    WITH wanted AS (
        SELECT delivery_id, known.customer_id, known.openid_token, known.template_id, known.born_customer_id
        FROM {_NAMED} AS asked (delivery_id, customer_id, uses) JOIN message_grant AS known
        ON known.customer_id = asked.customer_id AND known.openid_token = CAST(uses ->> 'token' AS uuid)
            AND known.template_id = uses ->> 'template_id' AND known.born_customer_id = CAST(uses ->> 'born' AS bigint)
        ORDER BY known.customer_id, known.openid_token, known.template_id FOR UPDATE OF known
    )
    UPDATE message_grant AS it SET used = it.used + 1, changed_at = :now FROM wanted
    WHERE it.customer_id = wanted.customer_id AND it.openid_token = wanted.openid_token
        AND it.template_id = wanted.template_id AND it.born_customer_id = wanted.born_customer_id
        AND it.used < it.given AND it.refused_at IS NULL
    RETURNING wanted.delivery_id""")  # noqa: S608  (constants)
)
_USE_WINDOWS = Statement(
    lambda: text(f"""
    WITH wanted AS (
        SELECT delivery_id, known.customer_id, known.openid_token, known.opened_by, known.born_customer_id
        FROM {_NAMED} AS asked (delivery_id, customer_id, uses) JOIN service_window AS known
        ON known.customer_id = asked.customer_id AND known.openid_token = CAST(uses ->> 'token' AS uuid)
            AND known.opened_by = uses ->> 'opened_by' AND known.born_customer_id = CAST(uses ->> 'born' AS bigint)
        ORDER BY known.customer_id, known.openid_token, known.opened_by FOR UPDATE OF known
    )
    UPDATE service_window AS it SET remaining = it.remaining - 1 FROM wanted
    WHERE it.customer_id = wanted.customer_id AND it.openid_token = wanted.openid_token
        AND it.opened_by = wanted.opened_by AND it.born_customer_id = wanted.born_customer_id
        AND it.remaining > 0 AND it.closes_at > :until
    RETURNING wanted.delivery_id""")  # noqa: S608  (constants)
)
_COUNT = Statement(
    lambda: text("""
    INSERT INTO reach_count AS known (customer_id, period, scope, number)
    SELECT customer_id, period, scope, 1
    FROM unnest(CAST(:people AS bigint[]), CAST(:periods AS text[]), CAST(:scopes AS text[]))
        AS asked (customer_id, period, scope)
    WHERE CAST(CAST(:caps AS jsonb) ->> (left(period, 1) || scope) AS bigint) > 0
    ORDER BY customer_id, period, scope
    ON CONFLICT (customer_id, period, scope) DO UPDATE SET number = known.number + 1
    WHERE known.number < CAST(CAST(:caps AS jsonb) ->> (left(known.period, 1) || known.scope) AS bigint)
    RETURNING customer_id, period, scope""")
)
_UNCOUNT = Statement(
    lambda: text("""
    UPDATE reach_count AS it SET number = greatest(it.number - asked.times, 0)
    FROM (SELECT customer_id, period, scope, count(*) AS times
        FROM unnest(CAST(:people AS bigint[]), CAST(:periods AS text[]), CAST(:scopes AS text[]))
            AS asked (customer_id, period, scope) GROUP BY customer_id, period, scope) AS asked
    WHERE it.customer_id = asked.customer_id AND it.period = asked.period AND it.scope = asked.scope""")
)
# What was switched off meanwhile stays void.
_RETURN_GRANTS = Statement(
    lambda: text(f"""
    UPDATE message_grant AS it SET used = it.used - 1,
        given = it.given - CASE WHEN it.refused_at IS NULL THEN 0 ELSE 1 END, changed_at = :now
    FROM {_NAMED} AS asked (delivery_id, customer_id, uses)
    WHERE it.customer_id = asked.customer_id AND it.openid_token = CAST(uses ->> 'token' AS uuid)
        AND it.template_id = uses ->> 'template_id' AND it.born_customer_id = CAST(uses ->> 'born' AS bigint)
        AND it.used > 0""")  # noqa: S608  (constants)
)
_RETURN_WINDOWS = Statement(
    lambda: text(f"""
    UPDATE service_window AS it SET remaining = it.remaining + 1
    FROM {_NAMED} AS asked (delivery_id, customer_id, uses)
    WHERE it.customer_id = asked.customer_id AND it.openid_token = CAST(uses ->> 'token' AS uuid)
        AND it.opened_by = uses ->> 'opened_by' AND it.born_customer_id = CAST(uses ->> 'born' AS bigint)""")  # noqa: S608
)
# Once, however often it is asked: the attempt's own row says what it still holds.
_LET_GO = Statement(
    lambda: text("""
    WITH held AS (
        SELECT attempt.delivery_id, attempt.number, attempt.reserved, delivery.customer_id
        FROM delivery_attempt AS attempt JOIN delivery ON delivery.id = attempt.delivery_id
        WHERE attempt.delivery_id = ANY(CAST(:deliveries AS bigint[])) AND attempt.reserved <> '{}'
            AND attempt.number = (SELECT max(number) FROM delivery_attempt WHERE delivery_id = delivery.id)
        ORDER BY attempt.delivery_id FOR UPDATE OF attempt
    ), emptied AS (
        UPDATE delivery_attempt AS it SET reserved = '{}' FROM held
        WHERE it.delivery_id = held.delivery_id AND it.number = held.number AND it.reserved <> '{}'
        RETURNING it.delivery_id
    )
    SELECT held.delivery_id, held.customer_id, held.reserved FROM held JOIN emptied USING (delivery_id)""")
)

# A period and a scope: see ReachCount.
Counted = tuple[str, str]


@dataclass(frozen=True)
class Asked:
    """What one delivery would use up."""

    delivery_id: int
    customer_id: int
    counts: tuple[Counted, ...]
    uses: Mapping[str, Any]

    @property
    def reserved(self) -> dict[str, Any]:
        """As it stands in the attempt."""
        counts = {"counts": [list(one) for one in self.counts]} if self.counts else {}
        return {**counts, **self.uses}


def take(asked: Sequence[Asked], *, caps: Mapping[str, int], now: dt.datetime) -> dict[int, str]:
    """Use it all up, or nothing of it, for each delivery; those for which something is not there, and what.

    `caps`: how many by the period's first letter and scope. Says counts:<scope>:<d or m>, grant or window.
    """
    trips: dict[str, tuple[Statement, dict[str, Any]]] = {}
    counting = [one for one in asked if one.counts]
    if counting:
        trips["counts"] = (_COUNT, {**_counts_of(counting), "caps": json.dumps(caps)})
    for kind, statement, limit in (("grant", _USE_GRANTS, {"now": now}), ("window", _USE_WINDOWS, _until(now))):
        if using := [one for one in asked if kind in one.uses]:
            trips[kind] = (statement, {**_uses_of(using, kind), **limit})
    if not trips:
        return {}
    db.session.flush()
    got = dict(zip(trips, in_one_trip(db.session(), *trips.values()), strict=True))
    return _undo_halves(asked, got, now)


def _until(now: dt.datetime) -> dict[str, Any]:
    return {"until": now + WINDOW_MARGIN}


def _undo_halves(asked: Sequence[Asked], got: Mapping[str, list[dict[str, Any]]], now: dt.datetime) -> dict[int, str]:
    counted = {(row["customer_id"], row["period"], row["scope"]) for row in got.get("counts", ())}
    used = {kind: {row["delivery_id"] for row in got.get(kind, ())} for kind in ("grant", "window")}
    failed: dict[int, str] = {}
    halves: list[tuple[int, int, dict[str, Any]]] = []
    for one in asked:
        missing = [pair for pair in one.counts if (one.customer_id, *pair) not in counted]
        without = [kind for kind in one.uses if one.delivery_id not in used[kind]]
        if not missing and not without:
            continue
        failed[one.delivery_id] = f"counts:{missing[-1][1]}:{missing[-1][0][0]}" if missing else without[0]
        kept: dict[str, Any] = {kind: what for kind, what in one.uses.items() if kind not in without}
        kept["counts"] = [pair for pair in one.counts if pair not in missing]
        halves.append((one.delivery_id, one.customer_id, kept))
    _give(halves, now)
    return failed


def give_back(deliveries: Collection[int], *, now: dt.datetime) -> None:
    """What the newest attempts of these deliveries hold is free again, once: their calls were surely not carried out."""
    if not deliveries:
        return
    db.session.flush()
    rows = _LET_GO.rows(db.session(), deliveries=list(deliveries))
    _give([(row["delivery_id"], row["customer_id"], row["reserved"]) for row in rows], now)


def _give(held: Iterable[tuple[int, int, Mapping[str, Any]]], now: dt.datetime) -> None:
    held = list(held)
    counts = [Asked(delivery, person, tuple(map(tuple, what.get("counts", ()))), {}) for delivery, person, what in held]
    if any(one.counts for one in counts):
        _UNCOUNT.rows(db.session(), **_counts_of(counts))
    for kind, statement, more in (("grant", _RETURN_GRANTS, {"now": now}), ("window", _RETURN_WINDOWS, {})):
        using = [Asked(delivery, person, (), what) for delivery, person, what in held if kind in what]
        if using:
            statement.rows(db.session(), **_uses_of(using, kind), **more)


def _counts_of(asked: Sequence[Asked]) -> dict[str, list[Any]]:
    rows = [(one.customer_id, *pair) for one in asked for pair in one.counts]
    return {
        "people": [row[0] for row in rows],
        "periods": [row[1] for row in rows],
        "scopes": [row[2] for row in rows],
    }


def _uses_of(asked: Sequence[Asked], kind: str) -> dict[str, list[Any]]:
    return {
        "deliveries": [one.delivery_id for one in asked],
        "people": [one.customer_id for one in asked],
        "uses": [json.dumps(one.uses[kind]) for one in asked],
    }
