"""Writing into the stream: one statement for any number of events, doubles dropped by their key."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from app.kernel import carrier, policy
from app.kernel.database import Statement, db
from app.knowledge.tracking.models import Occurrence
from app.knowledge.tracking.operations import months
from app.knowledge.tracking.rules.kinds import TrackingPolicy, days_kept, key_of, unknown_kinds
from app.people import identity

Row = dict[str, Any]

# Keys in order, so that two calls with the same events never wait for each other in a circle.
_WRITE = Statement(
    lambda: text(
        """
        WITH given AS (
            SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS row (
                key uuid, kind text, customer_id bigint, born_id bigint, visitor uuid, at timestamptz,
                source text, data jsonb, forget_at timestamptz)
        ), fresh AS (
            INSERT INTO event_key (key, forget_at) SELECT key, forget_at FROM given ORDER BY key
            ON CONFLICT DO NOTHING RETURNING key
        ), written AS (
            INSERT INTO event (at, key, kind, source, customer_id, born_customer_id, visitor, received_at, data)
            SELECT at, key, kind, source, customer_id, born_id, visitor, :now, data FROM given JOIN fresh USING (key)
        )
        SELECT replace(CAST(key AS text), '-', '') AS key FROM given WHERE key NOT IN (SELECT key FROM fresh)
        """
    )
)


def write(*, rows: Sequence[Row], now: dt.datetime) -> set[str]:
    """Write rows with keys of their own; the keys that were told before and are dropped. Months are made as needed."""
    if not rows:
        return set()
    months.ensure([dt.datetime.fromisoformat(row["at"]) for row in rows])
    told = _WRITE.rows(db.session(), rows=json.dumps(rows), now=now)
    return {row["key"] for row in told}


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
    rows = {
        (key := key_of(one.kind, one.cause)): {
            "key": key,
            "kind": one.kind,
            "customer_id": present[self_id],
            "born_id": self_id,
            "at": (at := min(one.at, now)).isoformat(),
            "source": one.source,
            "data": one.data,
            "forget_at": (at + kept[one.kind]).isoformat(),
        }
        for one, self_id in zip(lasting, born, strict=True)
        if self_id in present
    }
    return len(rows) - len(write(rows=list(rows.values()), now=now))
