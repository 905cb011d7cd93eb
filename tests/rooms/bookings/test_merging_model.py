"""Merge → whatever is booked → undo leaves what would be there if nobody had ever been merged."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import text

from app.kernel.database import db
from app.membership import bookings
from app.membership.bookings.operations import seats
from tests.conftest import FULL_SIZE, NOW
from tests.factories.bookings import Salon, a_booking, a_salon
from tests.factories.people import a_customer, a_staff
from tests.factories.twins import Selves, whether

PEOPLE = 3
WHO, WHICH = st.integers(0, PEOPLE - 1), st.integers(0, 3)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass
class World:
    """Four salons with seats for everybody, and the bookings made there in their order."""

    salons: Sequence[Salon]
    made: list[int] = field(default_factory=list)


class Lives(RuleBasedStateMachine):
    """Every act is done by a self of a person who may be merged and, where it was not refused, by their twin."""

    def __init__(self) -> None:
        super().__init__()
        self.life = db.session.begin_nested()
        self.now = NOW
        self.selves = Selves([a_customer(NOW) for _ in range(PEOPLE)], [a_customer(NOW) for _ in range(PEOPLE)])
        self.worlds = tuple(World([a_salon(NOW, seats=9) for _ in range(4)]) for _ in range(2))
        self.staff_id = a_staff(NOW)

    def both(self, who: int, act: Callable[[World, int], object]) -> None:
        """`act` in a world as a customer: what is refused to a merged person is not asked of the twin."""
        with self.selves.acting(who):
            done = whether(lambda: act(self.worlds[0], self.selves.present(who)))
        if done:
            act(self.worlds[1], self.selves.twins[who])

    @rule(who=WHO, which=WHICH, days=st.integers(1, 3), hour=st.sampled_from([2, 3, 6]))
    def book(self, who: int, which: int, days: int, hour: int) -> None:
        starts_at = (self.now + days * DAY).replace(hour=hour, minute=0)

        def act(world: World, customer_id: int) -> None:
            made = a_booking(self.now, world.salons[which], starts_at, customer_id=customer_id)
            world.made.append(made.id)

        self.both(who, act)

    @rule(who=WHO, which=WHICH)
    def walk_in(self, who: int, which: int) -> None:
        def act(world: World, customer_id: int) -> None:
            salon = world.salons[which]
            place = {"service_id": salon.service_id, "store_id": salon.store_id, "staff_id": self.staff_id}
            world.made.append(bookings.counter.walk_in(customer_id=customer_id, **place, now=self.now).id)

        self.both(who, act)

    @precondition(lambda self: self.worlds[0].made)
    @rule(data=st.data(), what=st.sampled_from(["cancel", "move", "redeem", "miss"]))
    def go_on(self, data: st.DataObject, what: str) -> None:
        number = data.draw(st.integers(0, len(self.worlds[0].made) - 1))
        self.both(0, lambda world, _: getattr(self, what)(seats.find(world.made[number])))

    def cancel(self, booking: bookings.BookingView) -> None:
        bookings.cancel(booking_id=booking.id, customer_id=booking.customer_id, now=self.now)

    def move(self, booking: bookings.BookingView) -> None:
        later = (self.now + 2 * DAY).replace(hour=7, minute=0)
        bookings.move(booking_id=booking.id, customer_id=booking.customer_id, starts_at=later, now=self.now)

    def redeem(self, booking: bookings.BookingView) -> None:
        here = {"staff_id": self.staff_id, "store_id": booking.store_id, "now": self.now}
        bookings.counter.redeem_by_code(booking.code or "", **here)

    def miss(self, booking: bookings.BookingView) -> None:
        bookings.counter.mark_no_show(booking_id=booking.id, staff_id=self.staff_id, store_ids=None, now=self.now)

    @rule(who=WHO, which=WHICH)
    def wait(self, who: int, which: int) -> None:
        def act(world: World, customer_id: int) -> None:
            salon = world.salons[which]
            day = {"service_id": salon.service_id, "store_id": salon.store_id, "day": (self.now + DAY).date()}
            bookings.waiting.join(customer_id=customer_id, **day, now=self.now)

        self.both(who, act)

    @rule(hours=st.sampled_from([1, 5, 22]), job=st.booleans())
    def pass_time(self, hours: int, job: bool) -> None:
        self.now += hours * HOUR
        if job:
            bookings.release_holds_due(now=self.now)
            bookings.no_show_due(now=self.now)

    @rule(who=WHO, further=st.integers(1, PEOPLE - 1))
    def merge(self, who: int, further: int) -> None:
        self.selves.merge(who, (who + further) % PEOPLE, now=self.now)

    @precondition(lambda self: self.selves.merges)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        place = data.draw(st.integers(0, len(self.selves.merges) - 1))
        assert self.selves.objections(place) == [], "a booking never holds two together"
        self.selves.undo(place, now=self.now)

    def teardown(self) -> None:
        try:
            while self.selves.merges:
                self.selves.undo(-1, now=self.now)
            assert diaries(self.selves.ids, self.worlds[0]) == diaries(self.selves.twins, self.worlds[1])
        finally:
            self.life.rollback()


_DIARY = text(
    """
    SELECT booking.id, store_id, starts_at, state, place, moves, redeemed_at,
           ARRAY(SELECT (what, at)::text FROM booking_log AS log WHERE log.customer_id = booking.customer_id
                 AND log.born_customer_id = booking.customer_id AND booking_id = booking.id ORDER BY log.id) AS log
    FROM booking WHERE customer_id = :customer_id AND born_customer_id = :customer_id ORDER BY id
    """
)
_WAITS = text(
    "SELECT store_id, day, state, joined_at FROM booking_waiting"
    " WHERE customer_id = :customer_id AND born_customer_id = :customer_id ORDER BY id"
)


def diaries(people: Sequence[int], world: World) -> list[list[tuple[object, ...]]]:
    """What everybody has booked and waits for, told without ids of either world. A place is a number among one's own."""
    numbers = {booking_id: number for number, booking_id in enumerate(world.made)}
    stores = {salon.store_id: number for number, salon in enumerate(world.salons)}
    told: list[list[tuple[object, ...]]] = []
    for who in people:
        booked = db.session.execute(_DIARY, {"customer_id": who}).all()
        told.append(
            [
                (numbers[row.id], stores[row.store_id], row.starts_at, row.state, row.place is None, *tuple(row)[5:])
                for row in booked
            ]
        )
        told.append([(stores[row[0]], *row[1:]) for row in db.session.execute(_WAITS, {"customer_id": who})])
    return told


@pytest.mark.usefixtures("database")
def test_who_was_merged_and_set_apart_has_booked_what_their_twin_has() -> None:
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=100 if FULL_SIZE else 4,
            stateful_step_count=40 if FULL_SIZE else 25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),  # shortening a life costs minutes, and it can be read as it is
        ),
    )
