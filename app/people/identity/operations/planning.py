"""From who people should be to what must be done: which merges end, which new ones begin, which ids move."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.people.identity import rules
from app.people.identity.operations.components import Part
from app.people.identity.operations.lives import LifeRow
from app.people.identity.rules.resolving import Life


@dataclass(frozen=True)
class Cut:
    """A merge that must end: `born_ids` leave `from_id` as `to_id`."""

    merge_id: int
    from_id: int
    to_id: int
    born_ids: tuple[int, ...]


@dataclass
class Plan:
    """What makes of the people that are the people that should be.

    `cuts` in their order; `unions`: (survivor, gone); `given`: new lives to present customers; `moved`: rows of lives that
    go to another customer; a customer number below zero is one that has to be created, `sources` says from where.
    """

    cuts: list[Cut] = field(default_factory=list)
    unions: list[tuple[int, int]] = field(default_factory=list)
    given: dict[Life, int] = field(default_factory=dict)
    moved: list[tuple[LifeRow, int]] = field(default_factory=list)
    sources: dict[int, str] = field(default_factory=dict)
    person_of: dict[Life, int] = field(default_factory=dict)


def plan(people: Sequence[frozenset[Life]], *, part: Part) -> Plan:
    """What must be done so that each of these sets of lives is one customer."""
    made = Plan()
    set_of = {life: number for number, lives in enumerate(people) for life in lives}
    place_of = _places(part, set_of)
    owners = _cut(made, part, place_of)
    owner_of = {self_id: root for root, selves in owners.items() for self_id in selves}
    carded = {
        owner_of[row.born_customer_id] for row in part.rows if row.kind == "card" and row.born_customer_id in owner_of
    }
    roots: dict[int, list[int]] = defaultdict(list)  # the sets' customers after all cuts
    for root in sorted(owners):
        if root in place_of:
            roots[place_of[root]].append(root)
    for number, lives in enumerate(people):
        present = _survivor(made, roots[number], carded, part)
        if present is None:
            present = -1 - number
            made.sources[present] = _source(lives, part)
        for life in lives:
            made.person_of[life] = present
    _place_ids(made, part, set_of, owner_of, roots)
    return made


def _places(part: Part, set_of: Mapping[Life, int]) -> dict[int, int]:
    """In which set each self stands: where its surest id stands, else where who it is now stands.

    The card comes first, then what is proven, then what was given first: when an id of a customer turns out to be somebody
    else's it leaves alone, and does not take the customer's card and points along.
    """
    first: dict[int, LifeRow] = {}
    anywhere: dict[int, LifeRow] = {}
    for row in sorted(part.rows, key=lambda row: (row.kind != "card", -rules.PROOFS.index(row.proof), row.id)):
        if row.life in set_of:
            first.setdefault(row.born_customer_id, row)
            anywhere.setdefault(row.customer_id, row)
    place_of = {}
    for customer_id in part.known_since:
        found = first.get(customer_id) or anywhere.get(customer_id)
        if found is not None:
            place_of[customer_id] = set_of[found.life]
    for self_id in sorted(part.selves):
        owner = part.selves[self_id][0]
        if self_id in first:
            place_of[self_id] = set_of[first[self_id].life]
        elif owner in place_of:
            place_of[self_id] = place_of[owner]
    return place_of


def _cut(made: Plan, part: Part, place_of: Mapping[int, int]) -> dict[int, set[int]]:
    """End, from the top, every merge whose two sides stand in different sets. Gives all customers with their selves."""
    children: dict[int, list[int]] = defaultdict(list)
    for self_id in sorted(part.selves):
        children[part.selves[self_id][2]].append(self_id)
    owners: dict[int, set[int]] = {}

    def below(self_id: int) -> list[int]:
        return [self_id, *(one for child in children[self_id] for one in below(child))]

    def walk(self_id: int, root: int) -> None:
        owners.setdefault(root, set()).add(self_id)
        for child in children[self_id]:
            if place_of.get(child) == place_of.get(self_id):
                walk(child, root)
            else:
                made.cuts.append(Cut(part.selves[child][1], root, child, tuple(below(child))))
                walk(child, child)

    for root in sorted(part.known_since):
        walk(root, root)
    return owners


def _survivor(made: Plan, roots: Sequence[int], carded: Collection[int], part: Part) -> int | None:
    """Who of the customers in one set stays: who has a card, then who is known longest, then the lower number."""
    if not roots:
        return None
    latest = dt.datetime.max.replace(tzinfo=dt.UTC)
    stays = min(roots, key=lambda root: (root not in carded, part.known_since.get(root, latest), root))
    made.unions += [(stays, root) for root in roots if root != stays]
    return stays


def _source(lives: frozenset[Life], part: Part) -> str:
    return next((part.new[life].source for life in sorted(lives) if life in part.new), "set_apart")


def _place_ids(
    made: Plan, part: Part, set_of: Mapping[Life, int], owner_of: Mapping[int, int], roots: Mapping[int, list[int]]
) -> None:
    """Rows whose self stands elsewhere than they do move; new lives go to their set's customer."""
    for row in part.rows:
        if row.life in set_of and owner_of.get(row.born_customer_id) not in roots[set_of[row.life]]:
            made.moved.append((row, made.person_of[row.life]))
    for life in part.new:
        if life in set_of:
            made.given[life] = made.person_of[life]
