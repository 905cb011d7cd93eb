"""Writing into the stream: one statement for any number of events, doubles dropped by their key."""

import datetime as dt
import json
from collections.abc import Sequence

from sqlalchemy import ClauseElement, text

from app.kernel import carrier, policy
from app.kernel.database import Overtaken, Statement, db, in_one_trip
from app.knowledge.tracking import queries
from app.knowledge.tracking.models import Occurrence
from app.knowledge.tracking.operations import months
from app.knowledge.tracking.rules.kinds import TrackingPolicy, days_kept, key_of, unknown_kinds
from app.knowledge.tracking.rules.months import months_of, name_of
from app.people import identity

# Keys in order, so that two calls with the same events never wait for each other in a circle.
_WRITE = """
    fresh AS (
        INSERT INTO event_key (key, forget_at) SELECT key, {forget_at} FROM given ORDER BY key
        ON CONFLICT DO NOTHING RETURNING key
    ), written AS (
        INSERT INTO event (at, key, kind, source, customer_id, born_customer_id, visitor, received_at, data)
        SELECT at, key, kind, {source}, {customer_id}, {born_id}, {visitor}, :now, data FROM given JOIN fresh USING (key)
    )
"""
# Of many people, as rooms tell it: all of it, or nothing while a month is missing.
_GIVEN_OF_PEOPLE = """
    WITH told AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
            key uuid, kind text, at timestamptz, data jsonb, born_id bigint, source text, forget_at timestamptz)
        WHERE NOT EXISTS (SELECT FROM unnest(CAST(:names AS text[])) AS month (name) WHERE to_regclass(name) IS NULL)
    ), given AS (
        SELECT told.*, customer.id AS customer_id FROM told
        LEFT JOIN former_customer AS former ON former.id = told.born_id
        JOIN customer ON customer.id = coalesce(former.customer_id, told.born_id)
    ),
"""
_OWN = {name: name for name in ("forget_at", "source", "customer_id", "born_id")}
_COUNT = "SELECT count(*) AS count FROM fresh"
_TOLD = Statement(lambda: text(_GIVEN_OF_PEOPLE + _WRITE.format(**_OWN, visitor="NULL") + _COUNT))
# Of one phone: what is the same for all of a call is said once. Signing in also ends its anonymous stretch: whose visitor
# is known needs none, whose is cut loose must have none.
_VISIT = """
    UPDATE event SET customer_id = CAST(:customer_id AS bigint), born_customer_id = CAST(:born_id AS bigint),
        visitor = NULL
    WHERE visitor = CAST(:phone AS uuid) AND customer_id IS NULL AND at BETWEEN :since AND :now
"""


_GIVEN_OF_PHONE = """
    given AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (key uuid, kind text, at timestamptz, data jsonb)
    ),
"""
_DOUBLES = "SELECT replace(CAST(key AS text), '-', '') AS key FROM given WHERE key NOT IN (SELECT key FROM fresh)"


def _of_phone(before: str) -> ClauseElement:
    return text(
        before
        + _GIVEN_OF_PHONE
        + _WRITE.format(
            forget_at="CAST(:forget_at AS timestamptz)",
            source="CAST(:source AS text)",
            customer_id="CAST(:customer_id AS bigint)",
            born_id="CAST(:born_id AS bigint)",
            visitor="CAST(:visitor AS uuid)",
        )
        + _DOUBLES
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
    rows = []
    for key, (one, self_id) in {
        key_of(one.kind, one.cause): (one, of) for one, of in zip(lasting, born, strict=True)
    }.items():
        at = min(one.at, now)
        rows.append(
            {
                "key": key,
                "kind": one.kind,
                "born_id": self_id,
                "at": at.isoformat(),
                "source": one.source,
                "data": one.data,
                "forget_at": (at + kept[one.kind]).isoformat(),
            }
        )
    return _write(json.dumps(rows), born=born, wanted=months_of(min(one.at, now) for one in lasting), now=now)


def _write(rows: str, *, born: Sequence[int], wanted: Sequence[dt.date], now: dt.datetime) -> int:
    """In one trip: hold whose they are (see hold_present), ask for the months, write, and see that nobody moved."""
    hold = (identity.merging.HOLD_PRESENT, {"selves": sorted(set(born))})
    names = [name_of(month) for month in wanted]
    while True:
        _, before, missing, written, after = in_one_trip(
            db.session(),
            hold,
            hold,
            (queries.MISSING, {"names": names}),
            (_TOLD, {"rows": rows, "names": names, "now": now}),
            hold,
        )
        if before != after:
            raise Overtaken
        if not missing:
            return int(written[0]["count"])
        months.make(queries.months_in(missing))
