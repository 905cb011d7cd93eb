"""Merge → activity → undo is as if never merged: random lives of selves, against twins to whom it did not happen."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.membership import points
from app.membership.points.refusals import SpentTogether
from tests.conftest import FULL_SIZE
from tests.rooms.points.worlds import OWN_KINDS, World, history, lines, seen, sweep

DEEDS = ("spend", "earn", "hold", "order", "give_back", "release", "refund", "settle", "adjust", "receive")
REFERRING = {"settle": "hold", "release": "hold", "give_back": "spend", "receive": "order", "refund": "order"}
Deed = tuple[int, str, int, int]
ACTIONS = st.lists(
    st.tuples(st.integers(0, 2), st.sampled_from(DEEDS), st.integers(1, 60), st.integers(0, 12)),
    min_size=4,
    max_size=24,
)
EXAMPLES = settings(
    max_examples=300 if FULL_SIZE else 8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)


class Life:
    """The same deeds in both worlds: what the one allowed is done in the other, if it can be."""

    def __init__(self, selves: int) -> None:
        self.merged, self.twins = World(selves, 0), World(selves, 1_000_000)
        self.split = True
        self.done: dict[str, list[tuple[int, int]]] = {}
        self.live([(number % selves, "earn", 40, 0) for number in range(900, 900 + 3 * selves)], 900)

    def live(self, deeds: list[Deed], first: int) -> None:
        for number, (place, what, amount, days) in enumerate(deeds, first):
            if what in REFERRING:
                known = self.done.get(REFERRING[what], [])
                if not known:
                    continue
                place, amount = known[amount % len(known)]  # what follows from a deed is its self's
            place %= len(self.merged.selves)
            if self.merged.act(place, what, number, amount):
                self.split &= self.twins.act(place, what, number, amount)
                self.done.setdefault(what, []).append((place, number))
            for world in (self.merged, self.twins):
                world.day += days
            if days % 3 == 0:
                sweep(self.merged.now)

    def prove(self) -> None:
        for world in (self.merged, self.twins):
            for holder in set(world.holder.values()):
                assert points.recount(customer_id=holder) == []

    def compare(self) -> None:
        sweep(self.merged.now)
        self.prove()
        for one, twin in zip(self.merged.selves, self.twins.selves, strict=True):
            one, twin = self.merged.holder[one], self.twins.holder[twin]
            now = self.merged.now
            assert seen(one, now) == seen(twin, now)
            if not OWN_KINDS & {line.kind for line in lines(one)}:
                assert history(one) == history(twin)
            same = [
                sorted((line.kind, line.at, line.words) for line in lines(who) if line.kind in DEEDS)
                for who in (one, twin)
            ]
            assert same[0] == same[1]


@pytest.mark.usefixtures("database")
@EXAMPLES
@given(before=ACTIONS, between=ACTIONS, after=ACTIONS)
def test_who_was_merged_and_set_apart_has_what_they_would_have_had(
    database: Session, before: list[Deed], between: list[Deed], after: list[Deed]
) -> None:
    life = Life(2)
    life.live(before, 0)
    life.prove()
    life.merged.merge(0, 1)
    life.prove()
    life.live(between, 100)
    life.prove()
    if not life.split:  # a twin had not what the two had together
        with contextlib.suppress(SpentTogether):
            life.merged.undo(0, 1)
        life.live(after, 200)
        return life.prove()

    life.merged.undo(0, 1)

    life.compare()
    life.live(after, 200)
    life.compare()


@pytest.mark.usefixtures("database")
@EXAMPLES
@given(first=ACTIONS, second=ACTIONS, third=ACTIONS, last_first=st.booleans())
def test_an_earlier_merge_is_undone_beneath_a_later_one(
    database: Session, first: list[Deed], second: list[Deed], third: list[Deed], last_first: bool
) -> None:
    life = Life(3)
    life.merged.merge(0, 1)
    life.live(first, 0)
    for world in (life.merged, life.twins):
        world.merge(2, 0)
    life.live(second, 100)
    if not life.split:
        return  # refused; see above
    if last_first:
        for world in (life.merged, life.twins):
            world.undo(2, 0)
        life.prove()
        life.live(third, 200)
        if not life.split:
            return

    life.merged.undo(0, 1)

    life.compare()
    life.live(third, 300)
    life.compare()
