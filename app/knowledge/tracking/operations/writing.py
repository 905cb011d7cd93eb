"""Writing into the stream: one statement for any number of events, doubles dropped by their key."""

import datetime as dt
import json
from collections.abc import Sequence

from sqlalchemy import ClauseElement, text

from app.kernel import carrier, policy
from app.kernel.database import Statement, db
from app.knowledge.tracking import queries
from app.knowledge.tracking.models import Occurrence
from app.knowledge.tracking.operations import months
from app.knowledge.tracking.rules.kinds import TrackingPolicy, days_kept, key_of, unknown_kinds
from app.knowledge.tracking.rules.months import months_of
from app.people import identity

# Keys in order, so that two calls with the same events never wait for each other in a circle.
_WRITE = """
    {before}given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
            key uuid, kind text, at timestamptz, data jsonb{columns})
    ), fresh AS (
        INSERT INTO event_key (key, forget_at) SELECT key, {forget_at} FROM given ORDER BY key
        ON CONFLICT DO NOTHING RETURNING key
    ), written AS (
        INSERT INTO event (at, key, kind, source, customer_id, born_customer_id, visitor, received_at, data)
        SELECT at, key, kind, {source}, {customer_id}, {born_id}, {visitor}, :now, data FROM given JOIN fresh USING (key)
    )
    SELECT replace(CAST(key AS text), '-', '') AS key FROM given WHERE key NOT IN (SELECT key FROM fresh)
"""
_TOLD = Statement(
    lambda: text(
        _WRITE.format(
            before="WITH ",
            columns=", customer_id bigint, born_id bigint, source text, forget_at timestamptz",
            **{name: name for name in ("forget_at", "source", "customer_id", "born_id")},
            visitor="NULL",
        )
    )
)
# Of one phone: what is the same for all of a call is said once. Signing in also ends its anonymous stretch: whose visitor
# is known needs none, whose is cut loose must have none.
_VISIT = """
    UPDATE event SET customer_id = CAST(:customer_id AS bigint), born_customer_id = CAST(:born_id AS bigint),
        visitor = NULL
    WHERE visitor = CAST(:phone AS uuid) AND customer_id IS NULL AND at BETWEEN :since AND :now
"""


def _of_phone(before: str) -> ClauseElement:
    return text(
        _WRITE.format(
            before=before,
            columns="",
            forget_at="CAST(:forget_at AS timestamptz)",
            source="CAST(:source AS text)",
            customer_id="CAST(:customer_id AS bigint)",
            born_id="CAST(:born_id AS bigint)",
            visitor="CAST(:visitor AS uuid)",
        )
    )


VISITED = Statement(lambda: _of_phone("WITH "))
SIGNED_IN = Statement(lambda: _of_phone(f"WITH stretch AS ({_VISIT}), "))


def record(occurrences: Sequence[Occurrence], *, now: dt.datetime) -> int:
    """Write what happened to known people, each (kind, cause) once; how many were new.

    What lies further back than its kind is kept is left out; what lies ahead is dated now. Raises ValueError for a kind
    that the stream does not know.
    """
    if unknown := unknown_kinds([one.kind for one in occurrences]):
        raise ValueError(f"no kinds of events: {unknown}")
    settings = policy.current(TrackingPolicy)
    kept = {one.kind: dt.timedelta(days=days_kept(one.kind, settings)) for one in occurrences}
    lasting = [one for one in occurrences if one.at > now - kept[one.kind]]
    if not lasting:
        return 0
    born = [one.born_customer_id or carrier.born(one.customer_id) for one in lasting]
    present = identity.merging.hold_present(born)
    rows = {}
    for one, self_id in zip(lasting, born, strict=True):
        if self_id in present:
            at = min(one.at, now)
            rows[key_of(one.kind, one.cause)] = {
                "kind": one.kind,
                "customer_id": present[self_id],
                "born_id": self_id,
                "at": at.isoformat(),
                "source": one.source,
                "data": one.data,
                "forget_at": (at + kept[one.kind]).isoformat(),
            }
    if not rows:
        return 0
    months.make(queries.missing_months(months_of(min(one.at, now) for one in lasting)))
    told = json.dumps([{"key": key} | row for key, row in rows.items()])
    return len(rows) - len(_TOLD.rows(db.session(), rows=told, now=now))
