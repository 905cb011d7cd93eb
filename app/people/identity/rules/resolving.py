"""Who is one person, by the evidence: one pure function of everything that was seen and decided.

Evidence is taken strongest first, then oldest first, and joins people unless that would give somebody more ids of a kind
than a person has, or bring together whom somebody set apart; then it is held. This is Kruskal's order with constraints.
Because the result depends on the set of evidence alone, not on when it arrived, people are the same whatever the order.

Two theorems make it cheap (tests/rooms/identity/test_resolving.py tries them on random histories):
1. Every set of ids that satisfies the limits has only subsets that do. So when new evidence would join people whose union
   satisfies them, joining those people is what resolving everything anew would give.
2. Evidence that comes last among all that touches the two people it would join, and may not join them, is held, and
   nothing else changes.
Ids that are weak follow the person of their best evidence and never join two.
"""

import uuid
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Life = tuple[uuid.UUID, int]  # an id's token, and which of its lives: how many had ended before
Group = tuple[str, str]  # kind and scope


@dataclass(frozen=True, slots=True)
class Node:
    """One life of an id. `group`: in which it counts towards a limit, None where it does not."""

    life: Life
    group: Group | None
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Two lives were seen together. Smaller `rank` is taken first: rank_of."""

    rank: tuple[Any, ...]
    one: Life
    other: Life


@dataclass(frozen=True, slots=True)
class Held:
    """A link that may not join its two people, and why: ("limit", kind, scope) or ("apart", the number of the pair)."""

    link: Link
    reason: tuple[Any, ...]


@dataclass
class Resolution:
    """`people`: sets of lives that are one person each; `held`: what could not join them."""

    people: list[frozenset[Life]]
    held: list[Held]


@dataclass
class _Person:
    """People while they are being joined. `counts`: ids by group; `sides`: by number of the pair set apart, 1 | 2."""

    lives: list[Life]
    counts: dict[Group, int] = field(default_factory=dict)
    sides: dict[int, int] = field(default_factory=dict)


_PROOF_RANK = {"proven": 0, "picked": 1, "stated": 2}


def rank_of(*, proof: str, weights: tuple[int, int], seen: Any, ends: tuple[uuid.UUID, uuid.UUID]) -> tuple[Any, ...]:
    """In which order evidence is taken: proof, what the kinds are worth, time, and the ids themselves."""
    return (_PROOF_RANK[proof], -min(weights), seen, *sorted(ends))


def too_many(
    one: Mapping[Group, int], other: Mapping[Group, int], limits: Mapping[Group, int]
) -> tuple[str, str, str] | None:
    """Why two people with these counts may not be joined by evidence, None where they may.

    Somebody who has more than the limit by a person's decision may still be joined with who has none of that kind.
    """
    few, many = (one, other) if len(one) <= len(other) else (other, one)
    for group in sorted(few):
        if few[group] and many.get(group) and few[group] + many[group] > limits[group]:
            return ("limit", *group)
    return None


def resolve(
    nodes: Iterable[Node],
    links: Iterable[Link],
    *,
    limits: Mapping[Group, int],
    same: Sequence[tuple[Life, Life]] = (),
    apart: Sequence[tuple[Collection[Life], Collection[Life]]] = (),
) -> Resolution:
    """The people in a set of lives, by all links between them.

    `same`: pairs that somebody decided to be one person, in the order of deciding; they join whatever the limits say,
    unless somebody set them apart.
    `apart`: pairs of sides that somebody set apart; nothing joins them.
    """
    by_life = {node.life: node for node in nodes}
    people = _beginning(by_life.values(), apart)
    held: list[Held] = []
    for one, other in same:
        if one in people and other in people and _apart(people[one], people[other]) is None:
            _join(people, one, other)
    weak = []
    for link in sorted(links, key=lambda link: link.rank):
        if by_life[link.one].weak or by_life[link.other].weak:
            weak.append(link)
            continue
        if people[link.one] is people[link.other]:
            continue
        if reason := _objection(people[link.one], people[link.other], limits):
            held.append(Held(link, reason))
        else:
            _join(people, link.one, link.other)
    _follow(people, weak, by_life)
    distinct = {id(person): person for person in people.values()}
    return Resolution([frozenset(person.lives) for person in distinct.values()], held)


def _beginning(
    nodes: Iterable[Node], apart: Sequence[tuple[Collection[Life], Collection[Life]]]
) -> dict[Life, _Person]:
    people = {node.life: _Person([node.life], {node.group: 1} if node.group else {}) for node in nodes}
    for number, sides in enumerate(apart):
        for mark, side in zip((1, 2), sides, strict=True):
            for life in side:
                if life in people:
                    people[life].sides[number] = people[life].sides.get(number, 0) | mark
    return people


def _objection(one: _Person, other: _Person, limits: Mapping[Group, int]) -> tuple[Any, ...] | None:
    number = _apart(one, other)
    if number is not None:
        return ("apart", number)
    return too_many(one.counts, other.counts, limits)


def _apart(one: _Person, other: _Person) -> int | None:
    few, many = (one.sides, other.sides) if len(one.sides) <= len(other.sides) else (other.sides, one.sides)
    for number, mark in few.items():
        if mark | many.get(number, 0) == 3:
            return number
    return None


def _join(people: dict[Life, _Person], one: Life, other: Life) -> None:
    into, gone = people[one], people[other]
    if into is gone:
        return
    if len(into.lives) < len(gone.lives):
        into, gone = gone, into
    for life in gone.lives:
        people[life] = into
    into.lives += gone.lives
    for group, count in gone.counts.items():
        into.counts[group] = into.counts.get(group, 0) + count
    for number, mark in gone.sides.items():
        into.sides[number] = into.sides.get(number, 0) | mark


def _follow(people: dict[Life, _Person], links: Iterable[Link], by_life: Mapping[Life, Node]) -> None:
    """Weak ids go with the person of their first link to somebody known by more, unless somebody set the two apart."""
    for link in links:
        for life, holder in ((link.one, link.other), (link.other, link.one)):
            if not by_life[life].weak or by_life[holder].weak or people[life].lives != [life]:
                continue
            if _apart(people[life], people[holder]) is None:
                people[life] = people[holder]
                people[holder].lives.append(life)


def gather(pairs: Iterable[tuple[Hashable, Hashable]], *, alone: Iterable[Hashable] = ()) -> list[set[Hashable]]:
    """Connected groups of a small graph; `alone` are things that may have no pair."""
    group_of: dict[Hashable, set[Hashable]] = {}
    for thing in alone:
        group_of.setdefault(thing, {thing})
    for one, other in pairs:
        into = group_of.setdefault(one, {one})
        gone = group_of.setdefault(other, {other})
        if into is gone:
            continue
        if len(into) < len(gone):
            into, gone = gone, into
        into |= gone
        for thing in gone:
            group_of[thing] = into
    return list({id(group): group for group in group_of.values()}.values())


def lives_between(ended: Sequence[Any], first: Any, last: Any) -> set[int]:
    """Which lives of an id evidence is about: those in which it was first and last seen. `ended`: when lives ended."""
    return {sum(1 for end in ended if end <= seen) for seen in (first, last)}


def group_counts(nodes: Iterable[Node]) -> dict[Group, int]:
    """How many ids count, by group."""
    counts: dict[Group, int] = defaultdict(int)
    for node in nodes:
        if node.group:
            counts[node.group] += 1
    return dict(counts)
