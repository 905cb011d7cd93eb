"""What people decided about people, and which values name nobody."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import insert, select, text, update

from app.kernel.database import Statement, db
from app.people.identity.models import BlockedId, Decision, DecisionSide


@dataclass(frozen=True)
class Verdict:
    """A decision that stands: "same" or "apart", and the ids of its two sides."""

    id: int
    verdict: str
    made_at: dt.datetime
    sides: tuple[frozenset[uuid.UUID], frozenset[uuid.UUID]]


_STANDING = Statement(
    lambda: text(
        "SELECT decision.id, decision.verdict, decision.made_at, side.side, side.token"
        " FROM identity_decision AS decision JOIN identity_decision_side AS side ON side.decision_id = decision.id"
        " WHERE decision.withdrawn_at IS NULL AND decision.id IN"
        " (SELECT decision_id FROM identity_decision_side WHERE token = ANY(CAST(:tokens AS uuid[])))"
        " ORDER BY decision.id"
    )
)


def find_verdicts(tokens: Collection[uuid.UUID]) -> list[Verdict]:
    """Decisions that stand and name any of these ids, oldest first."""
    found: dict[int, tuple[str, dt.datetime, tuple[set[uuid.UUID], set[uuid.UUID]]]] = {}
    rows = _STANDING.rows(db.session(), tokens=list(tokens)) if tokens else []
    for row in rows:
        _, _, sides = found.setdefault(row["id"], (row["verdict"], row["made_at"], (set(), set())))
        sides[row["side"]].add(row["token"])
    return [
        Verdict(number, verdict, made_at, (frozenset(sides[0]), frozenset(sides[1])))
        for number, (verdict, made_at, sides) in found.items()
    ]


def write_verdict(
    verdict: str, *, sides: tuple[Collection[uuid.UUID], Collection[uuid.UUID]], why: str, staff_id: int | None,
    now: dt.datetime,
) -> int:  # fmt: skip
    """Write down a decision about two sides that share no id; its number."""
    values = {"verdict": verdict, "why": why, "staff_id": staff_id, "made_at": now}
    number = db.session.execute(insert(Decision).values(**values).returning(Decision.id)).scalar_one()
    rows = [
        {"decision_id": number, "side": side, "token": token} for side, tokens in enumerate(sides) for token in tokens
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
