"""Making people what all evidence about them says: resolve, hear who objects, carry out, write down what is held."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, pairwise
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import delete, text, update

from app.kernel.database import Statement, db
from app.kernel.facts import Objection, ask
from app.kernel.locks import lock
from app.people.identity.facts import IdentityAttached, MergeProposed, SeparationProposed
from app.people.identity.models import HeldEvidence, IdentityRow
from app.people.identity.operations import components, lives, merging
from app.people.identity.operations.components import Crowded, Part
from app.people.identity.operations.lives import NewLife
from app.people.identity.operations.planning import Plan, plan
from app.people.identity.rules.resolving import Held, Life, Resolution, resolve

MOST_HEARINGS = 20


@dataclass
class Wishes:
    """What rooms objected to, as the rules take it; `why` says what to write down of it, by a pair of ids."""

    same: list[tuple[Life, Life]] = field(default_factory=list)
    apart: list[tuple[set[Life], set[Life]]] = field(default_factory=list)
    why: dict[tuple[uuid.UUID, uuid.UUID], dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class By:
    """Who has people resolved, and what a merge's record says about why."""

    why: Mapping[str, Any] = field(default_factory=dict)
    staff_id: int | None = None
    undone_why: str = "evidence"


def hold_people() -> None:
    """One at a time decides about merging; everybody else goes on giving ids to people."""
    lock(db.session(), "identity:people")


def settle(seeds: Collection[uuid.UUID], *, new: Mapping[Life, NewLife], by: By, now: dt.datetime) -> None:
    """Resolve the part of all evidence that hangs together with these ids and make people so.

    Raises Crowded, where too much hangs together or rooms object to everything that could be.
    """
    hold_people()
    part = components.load(seeds, new=new)
    wishes = Wishes()
    for _ in range(MOST_HEARINGS):
        resolution = _resolve(part, wishes)
        made = plan(resolution.people, part=part)
        if not _hear(made, part, wishes):
            break
    else:
        raise Crowded
    _carry_out(made, part, by=by, now=now)
    _note_held(resolution, part, wishes, made, now=now)


def _resolve(part: Part, wishes: Wishes) -> Resolution:
    nodes = [row.node for row in part.rows] + [wanted.node for wanted in part.new.values()]
    links, given = components.links_of(part)
    same = []
    apart: list[tuple[Collection[Life], Collection[Life]]] = list(wishes.apart)
    there = {node.life for node in nodes}
    # Those that set apart first: what the others join is what these leave, every two of it.
    for verdict in sorted(part.verdicts, key=lambda one: (one.verdict, one.id)):
        if verdict.verdict == "apart":
            apart.append(verdict.sides)
        else:
            together = sorted((verdict.sides[0] | verdict.sides[1]) & there)
            same += list(combinations(together, 2) if apart else pairwise(together))
    limits = {node.group: lives.limit_of(node.group) for node in nodes if node.group}
    return resolve(nodes, links, limits=limits, same=[*wishes.same, *given, *same], apart=apart)


def _hear(made: Plan, part: Part, wishes: Wishes) -> bool:
    """Ask every room about every cut and union; what is objected to becomes a wish, and all is resolved again."""
    before = len(wishes.same) + len(wishes.apart)
    by_self: dict[int, list[Life]] = {}
    for row in part.rows:
        by_self.setdefault(row.born_customer_id, []).append(row.life)
    for cut in made.cuts:
        if said := ask(SeparationProposed(cut.merge_id, cut.from_id, cut.to_id, cut.born_ids)):
            pair = (by_self[cut.to_id][0], by_self[part.selves[cut.to_id][2]][0])
            wishes.same.append(pair)
            wishes.why[_ends(*pair)] = {"wanted": "separation", "objections": told(said)}
    for survivor, gone in made.unions:
        if said := ask(MergeProposed(survivor, gone)):
            sides = tuple({row.life for row in part.rows if row.customer_id == one} for one in (survivor, gone))
            wishes.apart.append((sides[0], sides[1]))
            wishes.why[_ends(min(sides[0]), min(sides[1]))] = {"wanted": "merge", "objections": told(said)}
    return len(wishes.same) + len(wishes.apart) > before


def told(objections: Sequence[Objection]) -> list[dict[str, Any]]:
    """Objections as data."""
    return [{"code": one.code, "data": one.data} for one in objections]


def _ends(one: Life, other: Life) -> tuple[uuid.UUID, uuid.UUID]:
    return (min(one[0], other[0]), max(one[0], other[0]))


def _carry_out(made: Plan, part: Part, *, by: By, now: dt.datetime) -> None:
    """Cuts first, then new people, ids that move, new ids, and merges last; everybody hears of each."""
    for cut in made.cuts:
        merging.separate(
            merging.Parting(cut.merge_id, cut.from_id, cut.to_id, cut.born_ids, by.staff_id, by.undone_why), now=now
        )
    numbers = lives.create_customers(list(made.sources.values()), now=now)
    created = dict(zip(made.sources, numbers, strict=True))
    facts = _move(made, created, now=now)
    holders = {life: created.get(customer_id, customer_id) for life, customer_id in made.given.items()}
    facts += lives.write_lives({life: (holder, holder) for life, holder in holders.items()}, new=part.new)
    unions = [
        merging.Union(survivor, gone, {**by.why, "evidence": _between(part, survivor, gone)}, by.staff_id)
        for survivor, gone in made.unions
    ]
    merging.merge_all(unions, now=now)
    lives.tell(_as_of_now(facts, made, created))


def _as_of_now(facts: Sequence[IdentityAttached], made: Plan, created: Mapping[int, int]) -> list[IdentityAttached]:
    """Ids are told of as their holder's after all merges."""
    into = {gone: survivor for survivor, gone in made.unions}
    return [replace(fact, customer_id=into.get(fact.customer_id, fact.customer_id)) for fact in facts]


def _move(made: Plan, created: Mapping[int, int], *, now: dt.datetime) -> list[IdentityAttached]:
    facts = []
    for row, target in made.moved:
        customer_id = created.get(target, target)
        db.session.execute(
            update(IdentityRow)
            .where(IdentityRow.id == row.id)
            .values(customer_id=customer_id, born_customer_id=customer_id)
        )
        if row.until is None:
            facts.append(IdentityAttached(customer_id, row.kind, row.scope, row.value_index, now))
    return facts


def _between(part: Part, survivor: int, gone: int) -> list[dict[str, Any]]:
    """What joins two people, for the record: strongest first, five at most."""
    owner = {row.token: row.customer_id for row in part.rows}
    owner |= {life[0]: 0 for life in part.new}
    sides = {survivor, gone, 0}
    found = []
    for one in part.sightings:
        ends = {owner.get(one.low), owner.get(one.high)}
        if len(ends) == 2 and ends <= sides:
            found.append(one)
    found.sort(key=lambda one: (one.proof != "proven", one.first_seen, one.low))
    kinds = {row.token: row.kind for row in part.rows} | {
        life[0]: wanted.identifier.kind for life, wanted in part.new.items()
    }
    return [
        {
            "kinds": [kinds[one.low], kinds[one.high]],
            "tokens": [str(one.low), str(one.high)],
            "source": one.source,
            "proof": one.proof,
            "seen": one.first_seen.isoformat(),
        }
        for one in found[:5]
    ]


_KEEP = Statement(
    lambda: text(
        "INSERT INTO identity_held_evidence AS known (low, high, reason, data, source, found_at)"
        " SELECT low, high, reason, data, source, :now FROM unnest(CAST(:lows AS uuid[]), CAST(:highs AS uuid[]),"
        " CAST(:reasons AS text[]), CAST(:data AS jsonb[]), CAST(:sources AS text[]))"
        " AS held (low, high, reason, data, source)"
        " ON CONFLICT (low, high) DO UPDATE SET reason = excluded.reason, data = excluded.data"
        " WHERE (known.reason, known.data) IS DISTINCT FROM (excluded.reason, excluded.data)"
    )
)


def write_held(
    held: Mapping[tuple[uuid.UUID, uuid.UUID], tuple[str, Mapping[str, Any], str]], *, now: dt.datetime
) -> None:
    """Write down what may not join: by pair of ids (reason, data, source). What was settled stays settled."""
    if held:
        _KEEP.rows(
            db.session(),
            lows=[low for low, _ in held],
            highs=[high for _, high in held],
            reasons=[reason for reason, _, _ in held.values()],
            data=[Jsonb(dict(data)) for _, data, _ in held.values()],
            sources=[source for _, _, source in held.values()],
            now=now,
        )


def _note_held(resolution: Resolution, part: Part, wishes: Wishes, made: Plan, *, now: dt.datetime) -> None:
    sources = {(one.low, one.high): one.source for one in part.sightings}
    found: dict[tuple[uuid.UUID, uuid.UUID], tuple[str, Mapping[str, Any], str]] = {}
    for one in resolution.held:
        pair = _ends(one.link.one, one.link.other)
        found.setdefault(pair, (*_reason(one, wishes), sources.get(pair, "decision")))
    for pair, why in wishes.why.items():
        found[pair] = ("objection", why, sources.get(pair, "rooms"))
    tokens = {row.token for row in part.rows} | {life[0] for life in part.new}
    known = db.session.execute(
        text("SELECT low, high FROM identity_held_evidence WHERE low = ANY(:tokens) AND high = ANY(:tokens)"),
        {"tokens": list(tokens)},
    ).all()
    over = [(row.low, row.high) for row in known if (row.low, row.high) not in found]
    for low, high in over:  # it joins after all, or names nobody any more
        db.session.execute(delete(HeldEvidence).where(HeldEvidence.low == low, HeldEvidence.high == high))
    write_held(found, now=now)


def _reason(held: Held, wishes: Wishes) -> tuple[str, Mapping[str, Any]]:
    if held.reason[0] == "limit":
        return "limit", {"kind": held.reason[1], "scope": held.reason[2]}
    if held.reason[1] < len(wishes.apart):
        return "objection", list(wishes.why.values())[-1] if wishes.why else {}
    return "apart", {}
