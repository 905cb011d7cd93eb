"""Pairs of people whom evidence would join and who wait for somebody to decide."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.facts import Objection, ask
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.people.identity.facts import MergeProposed, SeparationProposed
from app.people.identity.queries.shown import ShownId, ids_of, newest_lives
from app.people.identity.rules import reasons


@dataclass(frozen=True)
class Conflict:
    """Two people (`first_id` < `second_id`) whom evidence would join: since when it waits, and why, in words."""

    first_id: int
    second_id: int
    found_at: dt.datetime
    later_until: dt.datetime | None
    reasons: tuple[str, ...]
    sources: tuple[str, ...]
    objections: tuple[Objection, ...] = ()


@dataclass(frozen=True)
class Tie:
    """Two ids were seen together. `held`: it waits for a decision."""

    one: ShownId | None
    other: ShownId | None
    source: str
    proof: str
    first_seen: dt.datetime
    last_seen: dt.datetime
    held: bool = False


_PAIRS = """
    SELECT * FROM (
        SELECT least(low.customer_id, high.customer_id) AS first_id,
               greatest(low.customer_id, high.customer_id) AS second_id,
               min(held.found_at) AS found_at, max(held.later_until) AS later_until,
               jsonb_agg(DISTINCT jsonb_build_object('reason', held.reason, 'data', held.data)) AS reasons,
               array_agg(DISTINCT held.source) AS sources
        FROM identity_held_evidence AS held
        JOIN identity AS low ON low.token = held.low AND low.until IS NULL
        JOIN identity AS high ON high.token = held.high AND high.until IS NULL
        WHERE held.settled_at IS NULL AND held.reason <> 'apart' AND low.customer_id <> high.customer_id
        {only}
        GROUP BY 1, 2
    ) AS pair
"""
_LIST = Statement(
    lambda: text(
        _PAIRS.format(only="")
        + """
        WHERE (later_until IS NULL OR later_until <= :now)
          AND (found_at, first_id, second_id) > (CAST(:found_at AS timestamptz), :first_id, :second_id)
        ORDER BY found_at, first_id, second_id LIMIT :limit
        """
    )
)
_ONE = Statement(
    lambda: text(
        _PAIRS.format(
            only="AND least(low.customer_id, high.customer_id) = :first_id"
            " AND greatest(low.customer_id, high.customer_id) = :second_id"
            " AND (held.low = ANY(CAST(:tokens AS uuid[])) OR held.high = ANY(CAST(:tokens AS uuid[])))"
        )
    )
)
_WAITING = " WHERE later_until IS NULL OR later_until <= :now"
_COUNT = Statement(
    lambda: text("SELECT count(*) AS count FROM (" + _PAIRS.format(only="") + _WAITING + ") AS waiting")  # noqa: S608
)
_BETWEEN = Statement(
    lambda: text(
        """
        SELECT seen.*, EXISTS (SELECT FROM identity_held_evidence AS held WHERE held.low = seen.low
            AND held.high = seen.high AND held.settled_at IS NULL) AS held
        FROM identity_evidence AS seen
        WHERE (seen.low = ANY(CAST(:ours AS uuid[])) AND seen.high = ANY(CAST(:theirs AS uuid[])))
           OR (seen.low = ANY(CAST(:theirs AS uuid[])) AND seen.high = ANY(CAST(:ours AS uuid[])))
        ORDER BY seen.first_seen, seen.low, seen.high, seen.source, seen.proof LIMIT :limit
        """
    )
)
_BEGINNING = ("-infinity", 0, 0)


def list_conflicts(*, now: dt.datetime, cursor: str | None = None, limit: int = 20) -> Page[Conflict]:
    """Pairs that wait, oldest first, without those put off until later than now. Raises CursorInvalid."""
    found_at, first_id, second_id = _place(cursor)
    rows = _LIST.rows(db.session(), now=now, found_at=found_at, first_id=first_id, second_id=second_id, limit=limit + 1)
    return page_of(
        [_conflict(row) for row in rows], limit, key=lambda pair: (pair.found_at, pair.first_id, pair.second_id)
    )


def count_conflicts(*, now: dt.datetime) -> int:
    """How many pairs wait."""
    row = _COUNT.row(db.session(), now=now)
    return int(row["count"]) if row else 0


def find_conflict(one_id: int, other_id: int) -> Conflict | None:
    """What waits between two people, put off or not; None for nothing. The rooms' objections are asked anew."""
    first_id, second_id = sorted((one_id, other_id))
    tokens = [one.token for one in ids_of([first_id])[first_id]]
    row = _ONE.row(db.session(), first_id=first_id, second_id=second_id, tokens=tokens)
    return replace(_conflict(row), objections=tuple(hear_merge(one_id, other_id))) if row else None


def hear_merge(one_id: int, other_id: int) -> list[Objection]:
    """What rooms object to making these two one, whoever of them stays. Nothing is written."""
    return _once([*ask(MergeProposed(one_id, other_id)), *ask(MergeProposed(other_id, one_id))])


def hear_separation(*, merge_id: int, from_id: int, to_id: int, born_ids: Sequence[int]) -> list[Objection]:
    """What rooms object to undoing a merge. Nothing is written."""
    return _once(ask(SeparationProposed(merge_id, from_id, to_id, tuple(born_ids))))


def list_ties_between(one_id: int, other_id: int, *, limit: int = 100) -> list[Tie]:
    """What was seen of both together, oldest first."""
    ids = ids_of([one_id, other_id])
    ours, theirs = ({one.token: one for one in ids[who]} for who in (one_id, other_id))
    rows = _BETWEEN.rows(db.session(), ours=list(ours), theirs=list(theirs), limit=limit)
    return ties(rows, known=ours | theirs)


def ties(rows: Sequence[dict[str, Any]], *, known: dict[uuid.UUID, ShownId]) -> list[Tie]:
    """Rows of evidence with their ids; those that are not known are looked up."""
    missing = {row[end] for row in rows for end in ("low", "high")} - set(known)
    known = known | (newest_lives(missing) if missing else {})
    return [
        Tie(
            one=known.get(row["low"]),
            other=known.get(row["high"]),
            source=row["source"],
            proof=row["proof"],
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            held=row["held"],
        )
        for row in rows
    ]


def _conflict(row: dict[str, Any]) -> Conflict:
    said = dict.fromkeys(reasons.in_words(one["reason"], one["data"]) for one in row["reasons"])
    return Conflict(
        first_id=row["first_id"],
        second_id=row["second_id"],
        found_at=row["found_at"],
        later_until=row["later_until"],
        reasons=tuple(said),
        sources=tuple(row["sources"]),
    )


def _place(cursor: str | None) -> tuple[str, int, int]:
    if cursor is None:
        return _BEGINNING
    values = decode_cursor(cursor)
    if [type(value) for value in values] != [str, int, int]:
        raise CursorInvalid
    return (values[0], values[1], values[2])


def _once(objections: Sequence[Objection]) -> list[Objection]:
    return [one for place, one in enumerate(objections) if one not in objections[:place]]
