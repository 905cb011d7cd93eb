"""Pairs of customers whom weak evidence proposes, for somebody who reviews them."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.people.identity.rules import proposing

# Somebody decided, by ids the two have or had, that they are two people.
APART = """
    EXISTS (
        SELECT FROM identity AS ours
        JOIN identity_decision_side AS our_side ON our_side.token = ours.token
        JOIN identity_decision AS made
            ON made.id = our_side.decision_id AND made.verdict = 'apart' AND made.withdrawn_at IS NULL
        JOIN identity_decision_side AS their_side ON their_side.decision_id = made.id AND their_side.side <> our_side.side
        JOIN identity AS theirs ON theirs.token = their_side.token
        WHERE ours.customer_id = {one} AND theirs.customer_id = {other}
    )
"""


@dataclass(frozen=True)
class ProposalView:
    """Two customers (`first_id` < `second_id`) who may be one person: a probability, and what agrees in words."""

    first_id: int
    second_id: int
    score: float
    reasons: tuple[str, ...]
    source: str
    found_at: dt.datetime


_COLUMNS = """
    SELECT least(low_customer_id, high_customer_id) AS first_id, greatest(low_customer_id, high_customer_id) AS second_id,
           score, levels, source, found_at, low_born_id, high_born_id
    FROM identity_proposal AS proposal
"""
# Of several proposals about two people (their former selves were proposed too), the likeliest stands for all.
_WAITING = f"""
    settled_at IS NULL AND low_customer_id <> high_customer_id
    AND NOT {APART.format(one="low_customer_id", other="high_customer_id")}
    AND NOT EXISTS (
        SELECT FROM identity_proposal AS other
        WHERE ((other.low_customer_id = proposal.low_customer_id AND other.high_customer_id = proposal.high_customer_id)
            OR (other.low_customer_id = proposal.high_customer_id AND other.high_customer_id = proposal.low_customer_id))
          AND (other.settled_at IS NOT NULL OR (other.score, other.low_born_id, other.high_born_id)
                                             > (proposal.score, proposal.low_born_id, proposal.high_born_id))
    )
"""
_LIST = Statement(
    lambda: text(
        f"""
        {_COLUMNS} WHERE {_WAITING} AND score <= :score
          AND (score < :score OR (low_born_id, high_born_id) > (:low, :high))
        ORDER BY score DESC, low_born_id, high_born_id LIMIT :limit
        """
    )
)
_BETWEEN = Statement(
    lambda: text(
        f"""
        {_COLUMNS} WHERE {_WAITING} AND ((low_customer_id = :one AND high_customer_id = :other)
                                      OR (low_customer_id = :other AND high_customer_id = :one))
        """
    )
)
_COUNT = Statement(lambda: text(f"SELECT count(*) AS count FROM identity_proposal AS proposal WHERE {_WAITING}"))  # noqa: S608


def list_proposals(*, cursor: str | None = None, limit: int = 20) -> Page[ProposalView]:
    """Pairs that wait for somebody to decide, the likeliest first. Raises CursorInvalid."""
    score, low, high = _place(cursor)
    rows = _LIST.rows(db.session(), score=score, low=low, high=high, limit=limit + 1)
    page = page_of(rows, limit, lambda row: [row["score"], row["low_born_id"], row["high_born_id"]])
    return Page([_view(row) for row in page.items], page.next_cursor)


def count_proposals() -> int:
    """How many pairs wait."""
    row = _COUNT.row(db.session())
    return int(row["count"]) if row else 0


def find_proposal(one_id: int, other_id: int) -> ProposalView | None:
    """What is proposed of these two and waits, None for nothing."""
    row = _BETWEEN.row(db.session(), one=one_id, other=other_id)
    return _view(row) if row else None


def _view(row: dict[str, Any]) -> ProposalView:
    return ProposalView(
        first_id=row["first_id"],
        second_id=row["second_id"],
        score=row["score"],
        reasons=proposing.reasons_in_words(row["levels"]),
        source=row["source"],
        found_at=row["found_at"],
    )


def _place(cursor: str | None) -> tuple[float, int, int]:
    if cursor is None:
        return (1.0, 0, 0)
    values = decode_cursor(cursor)
    if len(values) != 3 or not all(isinstance(value, int | float) for value in values):
        raise CursorInvalid
    return (float(values[0]), int(values[1]), int(values[2]))
