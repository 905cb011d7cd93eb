"""Observation → resolution: what was seen together becomes evidence, and evidence becomes people.

Most of what is seen is known already and costs two look-ups. What is new joins people at once where that satisfies every
limit, which is what resolving everything anew would give (rules.resolving); else everything that hangs together with it is
resolved anew.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from sqlalchemy import update

from app.kernel.database import Overtaken, db
from app.people.identity import rules
from app.people.identity.models import Identifier, IdentityRow
from app.people.identity.operations import crowds, decisions, evidence, lives, settling
from app.people.identity.operations.components import Crowded
from app.people.identity.operations.evidence import Sighting
from app.people.identity.operations.lives import LifeRow, NewLife
from app.people.identity.rules.resolving import Life, gather, group_counts, lives_between

MOST_IDS = 20
# Seen again within it, in the same life: nothing is written. Coarser than any question that is asked of it.
NOT_WORTH_WRITING = dt.timedelta(days=1)
_TRIES = 8


@dataclass(frozen=True)
class Observation:
    """These ids were seen together, by this source, at this time. `proof`: how sure it is that they belong together."""

    identifiers: tuple[Identifier, ...]
    source: str
    seen_at: dt.datetime
    proof: str = "proven"


@dataclass(frozen=True)
class Refused:
    """An id that was left out of an observation: `reason` is blocked or receiver (O01)."""

    kind: str
    reason: str


@dataclass(frozen=True)
class Observed:
    """What came of an observation: who holds its first usable id (None where none was), how many other people its ids
    still belong to, for review, and what was left out."""

    customer_id: int | None
    held: int
    refused: tuple[Refused, ...]


@dataclass
class _Batch:
    """A batch on its way: usable ids by token, their mentions by observation, and what is known of them."""

    usable: list[tuple[Observation, list[Identifier]]]
    known: dict[uuid.UUID, list[LifeRow]] = field(default_factory=dict)
    new: dict[Life, NewLife] = field(default_factory=dict)
    fresh: list[Sighting] = field(default_factory=list)
    raised: dict[int, str] = field(default_factory=dict)
    pairs: list[tuple[Life, Life]] = field(default_factory=list)

    def tokens(self) -> set[uuid.UUID]:
        return {one.token for _, ids in self.usable for one in ids}

    def life_at(self, token: uuid.UUID, seen: dt.datetime) -> Life:
        (number,) = lives_between(lives.ended_of(self.known.get(token, [])), seen, seen)
        return (token, number)

    def row_of(self, life: Life) -> LifeRow | None:
        rows = self.known.get(life[0], [])
        return rows[life[1]] if life[1] < len(rows) else None


def observe(observation: Observation, *, now: dt.datetime) -> Observed:
    """One observation. Raises ValueError for none or too many ids."""
    return observe_all([observation], now=now)[0]


def observe_all(observations: Sequence[Observation], *, now: dt.datetime) -> list[Observed]:
    """Observations in one transaction; the people are the same as one by one, in any order.

    Locks are taken in one order: ids, the right to merge (`settling.hold_people`), people. Raises Overtaken when one of the
    ids was blocked meanwhile.
    """
    refused = []
    usable = []
    blocked = decisions.find_blocked({one.token for seen in observations for one in seen.identifiers})
    for seen in observations:
        if not 0 < len(seen.identifiers) <= MOST_IDS:
            raise ValueError(f"one to {MOST_IDS} identifiers")
        left, out = _usable(seen, blocked)
        usable.append((seen, left))
        refused.append(tuple(out))
    batch = _Batch(usable)
    _take(batch, now=now)
    return [_outcome(batch, *one) for one in zip(usable, refused, strict=True)]


def _usable(seen: Observation, blocked: set[uuid.UUID]) -> tuple[list[Identifier], list[Refused]]:
    left: dict[uuid.UUID, Identifier] = {}
    out = []
    for one in seen.identifiers:
        if one.token in blocked or rules.is_blocked(one.kind, one.value):
            out.append(Refused(one.kind, "blocked"))
        elif rules.is_receivers(one.kind, source=seen.source, proof=seen.proof):
            out.append(Refused(one.kind, "receiver"))
        else:
            left[one.token] = one
    return sorted(left.values(), key=lambda one: (-rules.KINDS[one.kind].first, one.token)), out


def _take(batch: _Batch, *, now: dt.datetime) -> None:
    _look_up(batch)
    if not _anything_new(batch):
        return
    lives.hold(batch.tokens())
    if decisions.find_blocked(batch.tokens()):  # while we waited
        raise Overtaken
    for _ in range(_TRIES):
        _look_up(batch)
        groups = _groups(batch)
        exact = [group for group in groups if _needs_resolving(batch, group)]
        whole = bool(exact)
        if whole:
            settling.hold_people()
        if _lock_people(batch, groups, whole=whole):
            break
        lives.let_go()
    else:
        raise RuntimeError("people were merged away under our hands, again and again")
    evidence.write(batch.fresh)
    _raise_proofs(batch)
    simple = [group for group in groups if group not in exact]
    _give(batch, simple, now=now)
    for group in exact:
        _resolve(batch, group, now=now)
    batch.known = lives.find_lives(batch.tokens())


def _look_up(batch: _Batch) -> None:
    batch.known = lives.find_lives(batch.tokens())
    batch.new, batch.raised, batch.pairs = {}, {}, []
    seen_now: dict[evidence.Pair, Sighting] = {}
    for seen, ids in batch.usable:
        for one in ids:
            _mention(batch, one, seen)
        for one, other in combinations(ids, 2):
            low, high = sorted((one.token, other.token))
            pair = (low, high, seen.source, seen.proof)
            known = seen_now.setdefault(pair, Sighting(*pair, seen.seen_at, seen.seen_at))
            known.first_seen = min(known.first_seen, seen.seen_at)
            known.last_seen = max(known.last_seen, seen.seen_at)
    stored = evidence.find_pairs(seen_now.values())
    batch.fresh = [one for one in seen_now.values() if not _covered(batch, one, stored.get(one.pair))]
    for sighting in batch.fresh:
        if _tells_nothing_new(batch, sighting, stored.get(sighting.pair)):
            continue
        for moment in {sighting.first_seen, sighting.last_seen}:
            batch.pairs.append((batch.life_at(sighting.low, moment), batch.life_at(sighting.high, moment)))


def _mention(batch: _Batch, one: Identifier, seen: Observation) -> None:
    life = batch.life_at(one.token, seen.seen_at)
    row = batch.row_of(life)
    if row is None:
        new = batch.new.setdefault(life, NewLife(one, life, seen.proof, seen.seen_at, seen.source))
        new.proof = rules.stronger(new.proof, seen.proof)
        new.since, new.source = min((new.since, new.source), (seen.seen_at, seen.source))
    elif rules.stronger(row.proof, seen.proof) != row.proof:
        batch.raised[row.id] = rules.stronger(batch.raised.get(row.id, row.proof), seen.proof)


def _covered(batch: _Batch, one: Sighting, stored: Sighting | None) -> bool:
    """Whether writing it down would tell nothing: known already, for the same lives, no earlier and hardly later."""
    if stored is None or one.first_seen < stored.first_seen or one.last_seen > stored.last_seen + NOT_WORTH_WRITING:
        return False
    return one.last_seen <= stored.last_seen or _tells_nothing_new(batch, one, stored)


def _tells_nothing_new(batch: _Batch, one: Sighting, stored: Sighting | None) -> bool:
    """Whether it is worth a later time, but takes its place among all evidence where it was, between the same lives."""
    if stored is None or one.first_seen < stored.first_seen:
        return False
    return all(batch.life_at(end, one.last_seen) == batch.life_at(end, stored.last_seen) for end in (one.low, one.high))


def _anything_new(batch: _Batch) -> bool:
    return bool(batch.new or batch.fresh or batch.raised)


def _groups(batch: _Batch) -> list[set[Life]]:
    """The lives of the batch that may become one person, by what is new about them and whose they are."""
    touched = {life for pair in batch.pairs for life in pair} | set(batch.new)
    touched |= {row.life for rows in batch.known.values() for row in rows if row.id in batch.raised}
    owned = [(life, row.customer_id) for life in touched if (row := batch.row_of(life)) is not None]
    gathered = gather([*batch.pairs, *owned], alone=touched)
    return [{life for life in group if isinstance(life, tuple)} for group in gathered]


def _is_weak(batch: _Batch, life: Life) -> bool:
    row = batch.row_of(life)
    return rules.KINDS[row.kind if row else batch.new[life].identifier.kind].weight == 1


def _customers(batch: _Batch, group: set[Life]) -> set[int]:
    return {row.customer_id for life in group if (row := batch.row_of(life)) is not None}


def _needs_resolving(batch: _Batch, group: set[Life]) -> bool:
    """Whether the group is more than ids that one person, known or new, may simply be given."""
    customers = _customers(batch, group)
    weak = [life for life in group if _is_weak(batch, life)]
    if len(customers) > 1 or len(weak) > 1 or (weak and (len(group) > 2 or weak[0] not in batch.new)):
        return True
    nodes = [batch.new[life].node for life in group if life in batch.new]
    raised = [row for rows in batch.known.values() for row in rows if row.id in batch.raised and row.life in group]
    nodes += [lives.node_of(row.life, kind=row.kind, scope=row.scope, proof=batch.raised[row.id],
                            ended=row.until is not None) for row in raised if row.node.group is None]  # fmt: skip
    more = group_counts(nodes)
    if more:
        held = next(iter(lives.counts_of(customers).values()), {})
        return any(count + held.get(limited, 0) > lives.limit_of(limited) for limited, count in more.items())
    return False


def _lock_people(batch: _Batch, groups: Sequence[set[Life]], *, whole: bool) -> bool:
    """Lock whose ids these are; False when things are no longer as they were judged."""
    customers = {customer_id for group in groups for customer_id in _customers(batch, group)}
    if not lives.lock_customers(customers, whole=whole):
        return False
    now = lives.find_lives(batch.tokens())
    owners = {row.id: row.customer_id for rows in batch.known.values() for row in rows}
    if {row.id: row.customer_id for rows in now.values() for row in rows} != owners:
        return False
    return whole or not any(_needs_resolving(batch, group) for group in groups)


def _raise_proofs(batch: _Batch) -> None:
    for row_id, proof in batch.raised.items():
        db.session.execute(update(IdentityRow).where(IdentityRow.id == row_id).values(proof=proof))


def _give(batch: _Batch, groups: Sequence[set[Life]], *, now: dt.datetime) -> None:
    """Each of these groups is one person: somebody new, or whoever was known, who is given what is new."""
    nobody = [group for group in groups if not _customers(batch, group)]
    sources = [min((batch.new[life].since, batch.new[life].source) for life in group)[1] for group in nobody]
    created = dict(zip(map(id, nobody), lives.create_customers(sources, now=now), strict=True))
    given: dict[Life, tuple[int, int]] = {}
    for group in groups:
        rows = [row for life in group if (row := batch.row_of(life)) is not None]
        # What is new came with one of these ids, and is born to the self to which that was given.
        carrier = max(rows, key=lambda row: (rules.KINDS[row.kind].first, -row.id), default=None)
        own = created.get(id(group), 0)
        holder = (carrier.customer_id, carrier.born_customer_id) if carrier else (own, own)
        given |= {life: holder for life in group if life in batch.new}
    lives.tell(lives.write_lives(given, new=batch.new))


def _resolve(batch: _Batch, group: set[Life], *, now: dt.datetime) -> None:
    """Everything that hangs together with the group is resolved anew; where that is too much, people look at it."""
    new = {life: batch.new[life] for life in group if life in batch.new}
    if (hold := _find_hold(batch, group, new)) is not None:
        _give(batch, [set(new)] if new else [], now=now)
        data = dict(zip(("kind", "scope"), hold.group, strict=True))
        settling.write_held({(one.low, one.high): ("limit", data, one.source) for one in hold.sightings}, now=now)
        return
    try:
        settling.settle({life[0] for life in group}, new=new, by=settling.By({"rule": "evidence"}), now=now)
    except Crowded:
        _set_aside(batch, group, now=now)


def _find_hold(batch: _Batch, group: set[Life], new: dict[Life, NewLife]) -> crowds.Hold | None:
    """What comes last of all and may not join; not where anything else is new than two ids seen together once."""
    rows = {life: row for life in group if (row := batch.row_of(life)) is not None}
    if any(row.id in batch.raised for row in rows.values()):
        return None
    fresh = []
    for one in batch.fresh:
        ends = [
            (batch.life_at(one.low, when), batch.life_at(one.high, when)) for when in (one.first_seen, one.last_seen)
        ]
        if group.isdisjoint(ends[0]) and group.isdisjoint(ends[1]):
            continue
        if ends[0] != ends[1] or not group.issuperset(ends[0]) or ends[0] not in batch.pairs:
            return None
        fresh.append(crowds.Fresh(one, *ends[0]))
    return crowds.find_hold(fresh, rows=rows, new=new)


def _set_aside(batch: _Batch, group: set[Life], *, now: dt.datetime) -> None:
    """Too much hangs on one id: new ids become people of their own, what joins them is held."""
    for life in sorted(group & set(batch.new)):
        _give(batch, [{life}], now=now)
    held: dict[tuple[uuid.UUID, uuid.UUID], tuple[str, dict[str, Any], str]] = {
        (one.low, one.high): ("crowded", {}, one.source)
        for one in batch.fresh
        if {one.low, one.high} & {life[0] for life in group}
    }
    settling.write_held(held, now=now)


def _outcome(batch: _Batch, given: tuple[Observation, list[Identifier]], refused: tuple[Refused, ...]) -> Observed:
    seen, ids = given
    holders = [row.customer_id for one in ids if (row := batch.row_of(batch.life_at(one.token, seen.seen_at)))]
    return Observed(holders[0] if holders else None, len(set(holders)) - 1 if holders else 0, refused)
