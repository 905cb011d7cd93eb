"""What people decided about people, and which values name nobody."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, select, text, update

from app.kernel.database import Statement, db
from app.people.identity.models import BlockedId, Decision, DecisionSide
from app.people.identity.rules.resolving import Life


@dataclass(frozen=True)
class Verdict:
    """A decision that stands: "same" or "apart", and the lives of ids on its two sides."""

    id: int
    verdict: str
    why: str
    staff_id: int | None
    sides: tuple[frozenset[Life], frozenset[Life]]


_STANDING = Statement(
    lambda: text(
        "SELECT decision.id, decision.verdict, decision.why, decision.staff_id, side.side, side.token, side.life"
        " FROM identity_decision AS decision JOIN identity_decision_side AS side ON side.decision_id = decision.id"
        " WHERE decision.withdrawn_at IS NULL AND decision.id IN"
        " (SELECT decision_id FROM identity_decision_side WHERE token = ANY(CAST(:tokens AS uuid[])))"
        " ORDER BY decision.id"
    )
)


def find_verdicts(tokens: Collection[uuid.UUID]) -> list[Verdict]:
    """Decisions that stand and name any of these ids, oldest first."""
    found: dict[int, tuple[tuple[str, str, int | None], tuple[set[Life], set[Life]]]] = {}
    rows = _STANDING.rows(db.session(), tokens=list(tokens)) if tokens else []
    for row in rows:
        _, sides = found.setdefault(row["id"], ((row["verdict"], row["why"], row["staff_id"]), (set(), set())))
        sides[row["side"]].add((row["token"], row["life"]))
    return [
        Verdict(number, *what, (frozenset(sides[0]), frozenset(sides[1]))) for number, (what, sides) in found.items()
    ]


def write_verdict(
    verdict: str, *, sides: tuple[Collection[Life], Collection[Life]], why: str, staff_id: int | None,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Write down a decision about two sides that share no life of an id; its number."""
    values = {"verdict": verdict, "why": why, "staff_id": staff_id, "made_at": now}
    number = db.session.execute(insert(Decision).values(**values).returning(Decision.id)).scalar_one()
    rows = [
        {"decision_id": number, "side": side, "token": token, "life": life}
        for side, named in enumerate(sides)
        for token, life in named
    ]
    db.session.execute(insert(DecisionSide), rows)
    return int(number)


def withdraw(numbers: Collection[int], *, now: dt.datetime) -> None:
    """A later decision stands in place of these."""
    db.session.execute(update(Decision).where(Decision.id.in_(numbers)).values(withdrawn_at=now))


def find_blocked(tokens: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these ids name nobody."""
    if not tokens:
        return set()
    return set(db.session.scalars(select(BlockedId.token).where(BlockedId.token.in_(list(tokens)))))


def blocked_values() -> dict[str, frozenset[str]]:
    """All values that somebody blocked, by kind: few, and known before a file is read."""
    found: dict[str, set[str]] = {}
    for kind, value in db.session.execute(select(BlockedId.kind, BlockedId.value)):
        found.setdefault(kind, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}
