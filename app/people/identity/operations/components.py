"""Everything that bears on a few people: the part of all evidence that hangs together with them, loaded to be resolved."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.people.identity import rules
from app.people.identity.operations import decisions, evidence, lives
from app.people.identity.operations.decisions import Verdict
from app.people.identity.operations.evidence import Sighting
from app.people.identity.operations.lives import LifeRow, NewLife
from app.people.identity.refusals import Crowded as Crowded
from app.people.identity.rules.resolving import Life, Link, lives_between, rank_of

# More than this hangs together only around an id that should be blocked; people look at it instead (`crowded`).
LARGEST = 1_000
_TRIES = 10


@dataclass
class Part:
    """All rows, evidence and decisions that hang together. `selves`: former self → (whose it is, merge, into whom)."""

    rows: list[LifeRow] = field(default_factory=list)
    new: Mapping[Life, NewLife] = field(default_factory=dict)
    sightings: list[Sighting] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    selves: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    known_since: dict[int, dt.datetime] = field(default_factory=dict)

    def ends(self) -> dict[uuid.UUID, list[dt.datetime]]:
        """When lives of ids ended, by id."""
        found: dict[uuid.UUID, list[dt.datetime]] = {}
        for row in self.rows:
            if row.until is not None:
                found.setdefault(row.token, []).append(row.until)
        return found


def load(seeds: Collection[uuid.UUID], *, new: Mapping[Life, NewLife]) -> Part:
    """The part around these ids, its people locked whole. Raises Crowded.

    Whoever gives ids to a person, or writes evidence about their ids, has locked them: what is gathered once everybody in
    it is locked stays as it is.
    """
    locked: set[int] = set()
    for _ in range(_TRIES):
        part = _gather(seeds, new)
        if set(part.known_since) <= locked:
            return part
        locked |= set(part.known_since)
        lives.lock_customers(locked, whole=True)
    raise RuntimeError("people went on changing under our hands")


def _gather(seeds: Collection[uuid.UUID], new: Mapping[Life, NewLife]) -> Part:
    part = Part(new={life: wanted for life, wanted in new.items() if life[0] in set(seeds)})
    known: set[uuid.UUID] = set()
    frontier = set(seeds)
    seen: dict[evidence.Pair, Sighting] = {}
    verdicts: dict[int, Verdict] = {}
    while frontier:
        frontier -= decisions.find_blocked(frontier)
        known |= frontier
        if len(known) > LARGEST:
            raise Crowded
        rows = [row for found in lives.find_lives(frontier).values() for row in found]
        part.rows += rows
        strong = frontier - {row.token for row in rows if rules.KINDS[row.kind].weight == 1}
        strong -= {life[0] for life, wanted in part.new.items() if rules.KINDS[wanted.identifier.kind].weight == 1}
        touching = evidence.find_touching(strong)
        seen |= {one.pair: one for one in touching}
        verdicts |= {one.id: one for one in decisions.find_verdicts(frontier)}
        reached = {token for one in touching for token in (one.low, one.high)}
        reached |= {
            token for one in verdicts.values() if one.verdict == "same" for side in one.sides for token, _ in side
        }
        reached |= lives.tokens_of({row.customer_id for row in rows})
        frontier = reached - known
    part.sightings = [one for one in seen.values() if one.low in known and one.high in known]
    part.verdicts = [verdicts[number] for number in sorted(verdicts)]
    _leave_foreign_weak_ids(part)
    _find_selves(part)
    return part


def _leave_foreign_weak_ids(part: Part) -> None:
    """A weak id whose best evidence leads elsewhere is not ours to give away."""
    weak = {row.token for row in part.rows if rules.KINDS[row.kind].weight == 1}
    if not weak:
        return
    ours = {row.token for row in part.rows} | {life[0] for life in part.new}
    best: dict[uuid.UUID, Sighting] = {}
    touching = evidence.find_touching(weak)
    # Neither a value that names nobody nor another weak id holds one.
    no_holder = decisions.find_blocked({end for one in touching for end in (one.low, one.high)})
    for one in touching:
        if no_holder & {one.low, one.high} or {one.low, one.high} <= weak:
            continue
        for token in weak & {one.low, one.high}:
            if token not in best or _plain_rank(one) < _plain_rank(best[token]):
                best[token] = one
    foreign = {token for token, one in best.items() if not {one.low, one.high} <= ours}
    part.rows = [row for row in part.rows if row.token not in foreign]
    part.sightings = [one for one in part.sightings if not foreign & {one.low, one.high}]


def _plain_rank(one: Sighting) -> tuple[object, ...]:
    return rank_of(proof=one.proof, weights=(1, 1), seen=one.first_seen, ends=(one.low, one.high))


_SELVES = Statement(
    lambda: text(
        "SELECT former.id, former.customer_id, former.merge_id, made.survivor_id FROM former_customer AS former"
        " JOIN identity_merge AS made ON made.id = former.merge_id"
        " WHERE former.customer_id = ANY(CAST(:ids AS bigint[]))"
    )
)
_SINCE = Statement(
    lambda: text("SELECT id, created_at FROM customer WHERE id = ANY(CAST(:ids AS bigint[]))")
)  # fmt: skip


def _find_selves(part: Part) -> None:
    ids = list({row.customer_id for row in part.rows})
    part.known_since = {row["id"]: row["created_at"] for row in _SINCE.rows(db.session(), ids=ids)}
    part.selves = {
        row["id"]: (row["customer_id"], row["merge_id"], row["survivor_id"])
        for row in _SELVES.rows(db.session(), ids=ids)
    }


def links_of(part: Part) -> tuple[list[Link], list[tuple[Life, Life]]]:
    """The part's evidence as the rules take it: links between lives, and what was given by name, oldest first."""
    kinds = {row.token: row.kind for row in part.rows}
    kinds |= {life[0]: wanted.identifier.kind for life, wanted in part.new.items()}
    there = {row.life for row in part.rows} | set(part.new)
    ends = part.ends()
    links: list[Link] = []
    given: list[tuple[dt.datetime, Life, Life]] = []
    for one in part.sightings:
        for low, high, seen in _lives_of(one, ends):
            if low not in there or high not in there:
                continue
            weights = (rules.KINDS[kinds[low[0]]].weight, rules.KINDS[kinds[high[0]]].weight)
            rank = rank_of(proof=one.proof, weights=weights, seen=seen, ends=(low[0], high[0]))
            links.append(Link(rank, low, high))
            if one.source == evidence.GIVEN:
                given.append((seen, low, high))
    return links, [(low, high) for _, low, high in sorted(given)]


def _lives_of(
    one: Sighting, ends: Mapping[uuid.UUID, list[dt.datetime]]
) -> set[tuple[Life, Life, dt.datetime]]:  # fmt: skip
    found = set()
    for seen in (one.last_seen, one.first_seen):
        (low,), (high,) = (lives_between(ends.get(token, []), seen, seen) for token in (one.low, one.high))
        found.add((low, high, seen))
    pairs = {(low, high): seen for low, high, seen in sorted(found, key=lambda each: each[2], reverse=True)}
    return {((one.low, low), (one.high, high), seen) for (low, high), seen in pairs.items()}
