"""Ids on which many hang, the phone of a shop: what comes last and may not join is held, however many hang there.

This is theorem 2 of rules.resolving: evidence that comes last among all that touches the two people it would join, and may
not join them, is held, and nothing else changes. So nothing else has to be looked at.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.people.identity import rules
from app.people.identity.operations import lives
from app.people.identity.operations.evidence import Sighting
from app.people.identity.operations.lives import LifeRow, NewLife
from app.people.identity.rules.resolving import Group, Life, gather, group_counts, too_many

# Evidence is taken by proof, then by weight, then by time: what weighs least comes after all of its proof that is older.
_LEAST = 2
_LATER = Statement(
    lambda: text(
        """
        WITH mine AS (SELECT * FROM unnest(CAST(:lows AS uuid[]), CAST(:highs AS uuid[])) AS mine (low, high))
        SELECT EXISTS (SELECT FROM identity_evidence AS known WHERE low = ANY(CAST(:tokens AS uuid[]))
                AND (proof = ANY(CAST(:weaker AS text[])) OR proof = :proof AND last_seen >= :seen)
                AND (low, high) NOT IN (SELECT low, high FROM mine))
            OR EXISTS (SELECT FROM identity_evidence AS known WHERE high = ANY(CAST(:tokens AS uuid[]))
                AND (proof = ANY(CAST(:weaker AS text[])) OR proof = :proof AND last_seen >= :seen)
                AND (low, high) NOT IN (SELECT low, high FROM mine)) AS later
        """
    )
)


@dataclass(frozen=True)
class Fresh:
    """New evidence about two lives."""

    sighting: Sighting
    one: Life
    other: Life


@dataclass(frozen=True)
class Hold:
    """What is held, and the group of ids of which a person would have too many."""

    sightings: tuple[Sighting, ...]
    group: Group


def find_hold(fresh: Sequence[Fresh], *, rows: Mapping[Life, LifeRow], new: Mapping[Life, NewLife]) -> Hold | None:
    """What of this evidence comes last and may not join its two people; None where all must be resolved to know.

    `rows`: the lives it is about that somebody has; `new`: those that nobody has, who become one person without it.
    """
    owner = {life: row.customer_id for life, row in rows.items()} | dict.fromkeys(new, 0)
    across = [one for one in fresh if owner[one.one] != owner[one.other]]
    inside = [one for one in fresh if owner[one.one] == owner[one.other]]
    if len(set(owner.values())) != 2 or not across or any(owner[one.one] for one in inside):
        return None
    weight = {life: rules.KINDS[row.kind].weight for life, row in rows.items()}
    weight |= {life: rules.KINDS[wanted.identifier.kind].weight for life, wanted in new.items()}
    if any(min(weight[one.one], weight[one.other]) != _LEAST for one in across) or 1 in weight.values():
        return None
    proofs = {one.sighting.proof for one in across}
    seen = min(one.sighting.first_seen for one in across)
    if len(proofs) > 1 or any(_is_later(one, proofs, weight) or one.sighting.first_seen > seen for one in inside):
        return None
    if len(gather([(one.one, one.other) for one in inside], alone=new)) > 1:
        return None
    customers = {number for number in owner.values() if number}
    if (group := _too_many(customers, new)) is None:
        return None
    last = not _is_any_later(lives.tokens_of(customers), across, proof=proofs.pop(), seen=seen)
    return Hold(tuple(one.sighting for one in across), group) if last else None


def _is_later(one: Fresh, proofs: Collection[str], weight: Mapping[Life, int]) -> bool:
    """Whether what makes the new ids one person is taken after what would join them to others."""
    if min(weight[one.one], weight[one.other]) <= _LEAST:
        return True
    return any(rules.stronger(one.sighting.proof, proof) != one.sighting.proof for proof in proofs)


def _too_many(customers: Collection[int], new: Mapping[Life, NewLife]) -> Group | None:
    sides = list(lives.counts_of(customers).values())
    if new:
        sides.append(group_counts(wanted.node for wanted in new.values()))
    one, other = sides
    limits = {group: lives.limit_of(group) for group in (*one, *other)}
    if new and any(count > limits[group] for group, count in sides[-1].items()):
        return None
    reason = too_many(one, other, limits)
    return reason[1:] if reason else None


def _is_any_later(tokens: set[uuid.UUID], across: Sequence[Fresh], *, proof: str, seen: object) -> bool:
    rank = rules.PROOFS.index(proof)
    row = _LATER.row(
        db.session(),
        tokens=list(tokens),
        lows=[one.sighting.low for one in across],
        highs=[one.sighting.high for one in across],
        weaker=list(rules.PROOFS[:rank]),
        proof=proof,
        seen=seen,
    )
    return bool(row and row["later"])
