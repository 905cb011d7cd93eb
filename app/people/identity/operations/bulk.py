"""Many observations at once: looked up, joined and written set-wise.

Why whole components may be joined without looking at each piece of evidence: resolution takes evidence one by one, in its
order, and refuses a piece only where joining would break a limit or a decision. If the union of everybody in a component
breaks none, no piece was ever refused, and what resolving all evidence from scratch gives is the component, in any order
(theorem 1 of rules.resolving). Everything else is left to `observing`: a limit that the union breaks, a room that objects to
a merge, held evidence, a decision, an id that ended or is blocked, a weak id that leads to several.
"""

import datetime as dt
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from sqlalchemy import text

from app.kernel import copying
from app.kernel.database import db
from app.people.identity.models import Identifier
from app.people.identity.operations import bulk_merging, bulk_writing, lives, observing, settling
from app.people.identity.operations.bulk_judging import Known, judge, look_up
from app.people.identity.operations.gathering import Flags, Gathered
from app.people.identity.rules import PROOFS

LEFT_AT_ONCE = 200
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Written:
    """What came of a part. `left`: rows whose people had to be judged one by one."""

    new_ids: int
    new_people: int
    merged: int
    left: int


_BRING = text(
    "CREATE TEMP TABLE IF NOT EXISTS bulk_id (place bigint NOT NULL, token uuid NOT NULL) ON COMMIT DELETE ROWS;"
    "CREATE TEMP TABLE IF NOT EXISTS bulk_pair (low uuid NOT NULL, high uuid NOT NULL, source text NOT NULL,"
    " proof text NOT NULL, first_seen timestamptz NOT NULL, last_seen timestamptz NOT NULL) ON COMMIT DELETE ROWS;"
    "TRUNCATE bulk_id, bulk_pair"
)
_NEWEST = text(
    "SELECT (SELECT coalesce(max(id), 0) FROM identity) AS ids, (SELECT coalesce(max(id), 0) FROM customer) AS people,"
    " (SELECT coalesce(max(id), 0) FROM identity_merge) AS merges"
)
_SINCE = text(
    "SELECT (SELECT count(*) FROM identity WHERE id > :ids), (SELECT count(*) FROM customer WHERE id > :people),"
    " (SELECT count(*) FROM identity_merge WHERE id > :merges)"
)


def observe_all(part: Gathered, *, now: dt.datetime) -> Written:
    """Take in what a part says. In one transaction; nobody else observes or decides between its look and its end."""
    session = db.session()
    session.flush()
    session.execute(_BRING)
    ids = {"place": copying.bigints(np.arange(len(part))), "token": copying.fixed(part.tokens)}
    copying.copy_in(session, "bulk_id", ids, len(part))
    session.execute(text("ANALYZE bulk_id"))
    lives.hold_alone()
    settling.hold_people()
    newest = session.execute(_NEWEST).one()._asdict()
    known = look_up()
    with ThreadPoolExecutor(1) as thread:  # while the database is busy with evidence and people
        left = _write(part, known, thread.submit(bulk_writing.encrypted, part, known=known), now)
    new_ids, new_people, merged = session.execute(_SINCE, newest).one()
    return Written(new_ids, new_people, merged, left)


def _write(part: Gathered, known: Known, ready: "Future[bulk_writing.Ready]", now: dt.datetime) -> int:
    judged = judge(part, known=known)
    unions = bulk_merging.plan_merges(part, judged=judged)
    bulk_writing.write_evidence(part, simple=judged.simple)
    bulk_writing.raise_proofs(part, known=known, simple=judged.simple)
    bulk_merging.carry_out(unions, now=now)
    people = bulk_writing.create_people(part, judged=judged, now=now)
    bulk_writing.give_ids(part, judged=judged, people=people, ready=ready.result())
    return _observe_one_by_one(part, ~judged.simple, now=now)


def _observe_one_by_one(part: Gathered, left: Flags, *, now: dt.datetime) -> int:
    """What is not simple, as if it came alone; how many rows."""
    mentions = np.flatnonzero(left[part.ids])
    mentions = mentions[np.argsort(part.rows[mentions], kind="stable")]
    rows = part.rows[mentions]
    starts = np.flatnonzero(np.diff(rows, prepend=-1))
    waiting = []
    for places in np.split(mentions, starts[1:]) if len(mentions) else []:
        waiting.append(_observation(part, int(part.rows[places[0]]), part.ids[places].tolist()))
        if len(waiting) == LEFT_AT_ONCE:
            observing.observe_all(waiting, now=now)
            waiting = []
    if waiting:
        observing.observe_all(waiting, now=now)
    return len(starts)


def _observation(part: Gathered, row: int, ids: list[int]) -> observing.Observation:
    columns = (part.columns[part.column[one]] for one in ids)
    return observing.Observation(
        tuple(
            Identifier(column.kind, column.scope, part.values[one]) for column, one in zip(columns, ids, strict=True)
        ),
        source=part.sources[part.seen.source[row]],
        seen_at=_EPOCH + dt.timedelta(microseconds=int(part.seen.seen_at[row])),
        proof=PROOFS[part.seen.proof[row]],
    )
