"""Proposing pairs from weak evidence for a person to decide. Nobody is ever merged here.

What to match is handed in: names, birthdays and addresses belong to rooms upstairs (docs/decisions/0006).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from psycopg.types.json import Jsonb
from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.locks import try_lock
from app.people.identity.queries.proposals import APART
from app.people.identity.refusals import ProposalMissing
from app.people.identity.rules import matching
from app.people.identity.rules.matching import Bounds as Bounds
from app.people.identity.rules.matching import Pair as Pair
from app.people.identity.rules.proposing import WeakRecord as WeakRecord

A_BATCH = 1_000


@dataclass(frozen=True)
class Proposed:
    """What a run came to: pairs that are alike, those among them that nobody was asked about yet, and those withdrawn."""

    found: int
    new: int
    withdrawn: int


def propose(
    records: Iterable[WeakRecord], *, source: str, now: dt.datetime, bounds: Bounds | None = None
) -> Proposed | None:
    """Match all records of a source and write down the pairs that are likely one person; None while another run does.

    The same records again change nothing. A pair of this source that is not found any more is withdrawn unless somebody
    settled it. Pairs decided apart, settled or one person already are never proposed. Records of nobody's id are left out.
    """
    if not try_lock(db.session(), f"identity.propose:{source}"):
        return None
    return write_down(matching.match(records, bounds=bounds), source=source, now=now)


def write_down(pairs: Sequence[Pair], *, source: str, now: dt.datetime) -> Proposed:
    """All pairs that matching a source's records came to, the end of `propose`."""
    new = 0
    for start in range(0, len(pairs), A_BATCH):
        new += _write(pairs[start : start + A_BATCH], source=source, now=now)
    withdrawn = _WITHDRAW.rows(db.session(), source=source, now=now)
    return Proposed(len(pairs), new, len(withdrawn))


def settle_proposal(one_id: int, *, other_id: int, verdict: str, staff_id: int | None, now: dt.datetime) -> None:
    """Somebody looked at the pair: same, apart or unclear. It is not shown again; merging and keeping apart are decided
    elsewhere. Raises ProposalMissing when no proposal of the two waits."""
    settled = _SETTLE.rows(db.session(), one_id=one_id, other_id=other_id, verdict=verdict, staff_id=staff_id, now=now)
    if not settled:
        raise ProposalMissing


def re_point(moves: Sequence[tuple[int, int, Sequence[int]]]) -> None:
    """Proposals of (from, to, born ids): the side that is one of these former selves of `from` is `to` from now on."""
    selves = [(source, target, born) for source, target, born_ids in moves for born in born_ids]
    _RE_POINT.rows(
        db.session(),
        sources=[move[0] for move in selves],
        targets=[move[1] for move in selves],
        born=[move[2] for move in selves],
    )


# The customers stay who they are until our transaction ends; who was merged away meanwhile is nobody to propose.
_HOLD = Statement(lambda: text("SELECT id FROM customer WHERE id = ANY(:ids) ORDER BY id FOR KEY SHARE"))
_GIVEN = """
    WITH given AS (
        SELECT * FROM unnest(CAST(:lows AS bigint[]), CAST(:highs AS bigint[]), CAST(:scores AS float8[]),
                             CAST(:levels AS jsonb[])) AS given (low, high, score, levels)
    )
"""
_SAME_PAIR = """
    ((known.low_customer_id = given.low AND known.high_customer_id = given.high)
     OR (known.low_customer_id = given.high AND known.high_customer_id = given.low))
"""
_SEE_AGAIN = Statement(
    lambda: text(
        f"""
        {_GIVEN} UPDATE identity_proposal AS known SET seen_at = :now, score = given.score, levels = given.levels
        FROM given WHERE known.settled_at IS NULL AND {_SAME_PAIR}
        """  # noqa: S608  (texts of ours)
    )
)
_ADD = Statement(
    lambda: text(
        f"""
        {_GIVEN} INSERT INTO identity_proposal (low_born_id, high_born_id, low_customer_id, high_customer_id, score, levels,
                                                source, found_at, seen_at)
        SELECT low, high, low, high, score, levels, :source, :now, :now FROM given
        WHERE NOT EXISTS (SELECT FROM identity_proposal AS known WHERE {_SAME_PAIR})
          AND NOT {APART.format(one="given.low", other="given.high")}
        ON CONFLICT DO NOTHING RETURNING low_born_id
        """  # noqa: S608  (texts of ours)
    )
)
_WITHDRAW = Statement(
    lambda: text(
        "DELETE FROM identity_proposal WHERE source = :source AND settled_at IS NULL AND seen_at < :now"
        " RETURNING low_born_id"
    )
)
_SETTLE = Statement(
    lambda: text(
        """
        UPDATE identity_proposal SET settled_at = :now, verdict = :verdict, staff_id = CAST(:staff_id AS bigint)
        WHERE settled_at IS NULL AND ((low_customer_id = :one_id AND high_customer_id = :other_id)
           OR (low_customer_id = :other_id AND high_customer_id = :one_id))
        RETURNING low_born_id
        """
    )
)
_RE_POINT = Statement(
    lambda: text(
        """
        WITH moves AS (
            SELECT * FROM unnest(CAST(:sources AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))
                AS move (source, target, born)
        ), after AS (
            SELECT low_born_id, high_born_id, coalesce(low.target, low_customer_id) AS low_customer_id,
                   coalesce(high.target, high_customer_id) AS high_customer_id
            FROM identity_proposal
            LEFT JOIN moves AS low ON low.source = low_customer_id AND low.born = low_born_id
            LEFT JOIN moves AS high ON high.source = high_customer_id AND high.born = high_born_id
            WHERE low_customer_id = ANY(CAST(:sources AS bigint[])) OR high_customer_id = ANY(CAST(:sources AS bigint[]))
        )
        UPDATE identity_proposal AS known
        SET low_customer_id = after.low_customer_id, high_customer_id = after.high_customer_id
        FROM after WHERE known.low_born_id = after.low_born_id AND known.high_born_id = after.high_born_id
        """
    )
)


def _write(pairs: Sequence[Pair], *, source: str, now: dt.datetime) -> int:
    """Pairs of customers who are there, new ones counted."""
    session = db.session()
    held = _HOLD.rows(session, ids=sorted({who for pair in pairs for who in (pair.low, pair.high)}))
    there = {row["id"] for row in held}
    present = [pair for pair in pairs if pair.low in there and pair.high in there]
    given: Mapping[str, object] = {
        "lows": [pair.low for pair in present],
        "highs": [pair.high for pair in present],
        "scores": [pair.score for pair in present],
        "levels": [Jsonb(dict(pair.levels)) for pair in present],
    }
    _SEE_AGAIN.rows(session, now=now, **given)
    return len(_ADD.rows(session, source=source, now=now, **given))
