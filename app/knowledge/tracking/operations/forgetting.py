"""Each kind is kept for its time. The nights go along the stream once: what they have passed they do not look at again."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.kernel import policy
from app.kernel.database import Statement, db
from app.kernel.locks import lock
from app.knowledge.tracking import queries
from app.knowledge.tracking.rules import months
from app.knowledge.tracking.rules.kinds import KINDS, TrackingPolicy, days_kept

# In the order of time, so that the next batch begins where this one ended; events of the same moment may need both.
_DELETE = Statement(
    lambda: text(
        """
        WITH old AS (
            SELECT at, key FROM event
            WHERE at >= :since AND at < :before AND kind = ANY(CAST(:kinds AS text[]))
            ORDER BY at LIMIT :limit
        ), gone AS (
            DELETE FROM event USING old WHERE event.at = old.at AND event.key = old.key
                AND event.at >= :since AND event.at < :before
        )
        SELECT count(*) AS count, max(at) AS last FROM old
        """
    )
)
_PASS = Statement(
    lambda: text(
        """
        INSERT INTO event_forgotten (kind, until) SELECT kind, :until FROM unnest(CAST(:kinds AS text[])) AS of (kind)
        ON CONFLICT (kind) DO UPDATE SET until = excluded.until
        """
    )
)
_DELETE_KEYS = Statement(
    lambda: text(
        """
        WITH gone AS (
            DELETE FROM event_key WHERE key IN (
                SELECT key FROM event_key WHERE forget_at <= :now ORDER BY forget_at LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING 1
        )
        SELECT count(*) AS count FROM gone
        """
    )
)


_ERASE = Statement(
    lambda: text(
        "WITH gone AS (DELETE FROM event WHERE customer_id = :customer_id AND kind = ANY(CAST(:kinds AS text[]))"
        " RETURNING 1) SELECT count(*) AS count FROM gone"
    )
)


def erase(*, customer_id: int, kinds: Sequence[str]) -> int:
    """Delete a person's events of these kinds at once: they took back what allowed us to keep them (L04). How many.

    Their keys stay, so that a late repeat does not bring them back.
    """
    rows = _ERASE.rows(db.session(), customer_id=customer_id, kinds=list(kinds))
    return int(rows[0]["count"])


def forget_due(*, now: dt.datetime, limit: int) -> int:
    """Delete events whose kind's time is over and keys that are not needed any more, at most `limit`; drop a month that is
    empty and over for every kind. How many were deleted or dropped, 0 when nothing is left to do."""
    lock(db.session(), "event:forgetting")
    done = _forget_events(now=now, limit=limit)
    if done < limit:
        row = _DELETE_KEYS.row(db.session(), now=now, limit=limit - done)
        done += row["count"] if row else 0
    return done or _drop_month()


def _forget_events(*, now: dt.datetime, limit: int) -> int:
    settings = policy.current(TrackingPolicy)
    passed, beginning = _passed(), _beginning()
    groups: dict[tuple[dt.datetime, dt.datetime], list[str]] = defaultdict(list)
    for kind in KINDS:
        before = now - dt.timedelta(days=days_kept(kind, settings))
        groups[passed.get(kind) or beginning or before, before].append(kind)
    done = 0
    for (since, before), kinds in groups.items():
        if since > before:  # kept longer by now than when the nights passed there
            _PASS.rows(db.session(), kinds=kinds, until=before)
        elif since < before and done < limit:
            done += _forget_kinds(kinds, since=since, before=before, limit=limit - done)
    return done


def _forget_kinds(kinds: list[str], *, since: dt.datetime, before: dt.datetime, limit: int) -> int:
    row = _DELETE.row(db.session(), kinds=kinds, since=since, before=before, limit=limit)
    count = row["count"] if row else 0
    until = before if row is None or count < limit else row["last"]
    _PASS.rows(db.session(), kinds=kinds, until=until)
    return int(count)


def _passed() -> dict[str, dt.datetime]:
    return {row.kind: row.until for row in db.session.execute(text("SELECT kind, until FROM event_forgotten"))}


def _beginning() -> dt.datetime | None:
    known = queries.known_months()
    return months.start_of(min(known)) if known else None


def _drop_month() -> int:
    """One empty month that every kind has passed. Whoever uses the stream at this moment goes first: then another night."""
    passed = _passed()
    over = min((passed[kind] for kind in KINDS if kind in passed), default=None)
    if over is None or set(passed) < set(KINDS):
        return 0
    for month in sorted(queries.known_months()):
        if months.start_of(months.next_month(month)) > over:
            break
        if _drop_if_empty(months.name_of(month)):
            return 1
    return 0


def _drop_if_empty(name: str) -> bool:
    if db.session.execute(text(f"SELECT EXISTS (SELECT FROM {name})")).scalar():  # noqa: S608  (a table of ours)
        return False
    try:
        with db.session.begin_nested():
            db.session.execute(text("SET LOCAL lock_timeout = '1s'"))
            db.session.execute(text(f"DROP TABLE {name}"))
    except OperationalError as error:
        if isinstance(error.orig, psycopg.errors.LockNotAvailable):
            return False
        raise
    return True
