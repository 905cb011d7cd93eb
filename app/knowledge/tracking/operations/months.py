"""Partitions: made ahead by a job, or in the transaction that first needs one."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import db
from app.kernel.locks import lock
from app.knowledge.tracking import queries
from app.knowledge.tracking.rules import months
from app.knowledge.tracking.rules.kinds import TrackingPolicy


def prepare_months_due(*, now: dt.datetime, limit: int) -> int:
    """Make the partitions of the past, the present and the next months that are missing, at most `limit`; how many."""
    wanted = months.months_ahead(now, policy.current(TrackingPolicy).months_ahead)
    return make(sorted(queries.missing_months(wanted))[:limit])


def make(wanted: Collection[dt.date]) -> int:
    """Make these months' partitions, one maker at a time; how many were still missing.

    Made apart and then attached: that disturbs neither readers nor writers of the stream, while CREATE … PARTITION OF
    would shut everybody out.
    """
    if not wanted:
        return 0
    lock(db.session(), "event:months")
    # Read from rows: what `to_regclass` remembers may be older than what we waited for.
    missing = sorted(set(wanted) - queries.known_months())
    for month in missing:
        name, start, end = months.name_of(month), months.start_of(month), months.start_of(months.next_month(month))
        db.session.execute(text(f"CREATE TABLE {name} (LIKE event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"))
        db.session.execute(
            text(
                f"ALTER TABLE event ATTACH PARTITION {name} FOR VALUES FROM ('{start.isoformat()}') TO ('{end.isoformat()}')"
            )
        )
    return len(missing)
