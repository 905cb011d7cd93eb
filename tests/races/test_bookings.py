"""Many at once, on real connections: one seat, one code, one slot."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from sqlalchemy import func, select

from app.kernel.database import db, unit_of_work
from app.kernel.errors import Refusal
from app.membership import bookings
from app.membership.bookings.models import Booking
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon
from tests.factories.people import a_customer, a_staff

TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
Act = Callable[[], object]


@pytest.fixture
def inside(committed: flask.Flask) -> Callable[[Act], object]:
    """One act in one unit of work on a connection of its own."""

    def act_inside(act: Act) -> object:
        with committed.app_context(), unit_of_work():
            return act()

    return act_inside


@pytest.fixture
def salon(inside: Callable, now: dt.datetime) -> Salon:
    return inside(lambda: a_salon(now))


def all_at_once(inside: Callable[[Act], object], acts: Sequence[Act]) -> Counter[str]:
    """What became of each act: a refusal's code, or "done"."""
    gate = threading.Barrier(len(acts))

    def run(act: Act) -> str:
        gate.wait(timeout=60)
        try:
            inside(act)
        except Refusal as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return Counter(pool.map(run, acts))


def states(inside: Callable[[Act], object]) -> Counter[str]:
    return inside(
        lambda: Counter(dict(db.session.execute(select(Booking.state, func.count()).group_by(Booking.state)).all()))
    )


def people(inside: Callable, now: dt.datetime, count: int) -> list[int]:
    return inside(lambda: [a_customer(now) for _ in range(count)])


def test_one_seat_for_64_clients_is_booked_once(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    wishes = [
        lambda person=person: a_booking(now, salon, TOMORROW, customer_id=person) for person in people(inside, now, 64)
    ]

    assert all_at_once(inside, wishes) == {"done": 1, "booking.slot_taken": 63}
    assert states(inside) == {"confirmed": 1}


def test_overlapping_times_of_one_seat_never_meet(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    # Slots begin every half hour and last three quarters: neighbours overlap.
    wishes = [
        lambda person=person, at=TOMORROW + (number % 4) * HOUR / 2: a_booking(now, salon, at, customer_id=person)
        for number, person in enumerate(people(inside, now, 32))
    ]

    outcome = all_at_once(inside, wishes)

    assert set(outcome) == {"done", "booking.slot_taken"}
    assert states(inside)["confirmed"] == outcome["done"] in {1, 2}


def test_a_hold_that_ran_out_is_taken_over_by_one(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    owner, *others = people(inside, now, 17)
    held = inside(lambda: a_hold(now, salon, TOMORROW, customer_id=owner))
    later = now + 5 * MINUTE
    late = [lambda: bookings.confirm(booking_id=held.id, customer_id=owner, now=later)]
    eager = [lambda person=person: a_booking(later, salon, TOMORROW, customer_id=person) for person in others]

    outcome = all_at_once(inside, late + eager)

    assert outcome == {"done": 1, "booking.slot_taken": 15, "booking.hold_expired": 1}
    assert states(inside) == {"confirmed": 1, "expired": 1}


def test_a_hold_about_to_run_out_is_either_confirmed_or_taken_over(
    inside: Callable, salon: Salon, now: dt.datetime
) -> None:
    owner, other = people(inside, now, 2)
    held = inside(lambda: a_hold(now, salon, TOMORROW, customer_id=owner))
    in_time = lambda: bookings.confirm(  # noqa: E731
        booking_id=held.id, customer_id=owner, now=now + 5 * MINUTE - dt.timedelta(seconds=1)
    )
    take_over = lambda: a_booking(now + 5 * MINUTE, salon, TOMORROW, customer_id=other)  # noqa: E731

    assert all_at_once(inside, [in_time, take_over])["done"] == 1
    assert states(inside)["confirmed"] == 1


def test_one_code_at_two_tills_is_redeemed_once(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    code = str(inside(lambda: a_booking(now, salon, TOMORROW)).code)
    tills = [inside(lambda: a_staff(now, store_id=salon.store_id)) for _ in range(2)]
    scans = [
        lambda till=till: bookings.counter.redeem_code(code=code, staff_id=till, store_id=salon.store_id, now=TOMORROW)
        for till in tills * 8
    ]

    assert all_at_once(inside, scans) == {"done": 1, "booking.already_redeemed": 15}
    assert states(inside) == {"redeemed": 1}


def test_a_move_into_a_slot_that_others_take_has_one_winner(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    mover, *others = people(inside, now, 16)
    booking = inside(lambda: a_booking(now, salon, TOMORROW, customer_id=mover))
    wanted = TOMORROW + 4 * HOUR
    move = [lambda: bookings.move(booking_id=booking.id, customer_id=mover, starts_at=wanted, now=now)]
    takers = [lambda person=person: a_booking(now, salon, wanted, customer_id=person) for person in others]

    outcome = all_at_once(inside, move + takers)

    there = inside(lambda: list(db.session.scalars(select(Booking.customer_id).where(Booking.starts_at == wanted))))
    assert outcome == {"done": 1, "booking.slot_taken": 15}
    assert len(there) == 1


def test_two_who_swap_do_not_wait_for_each_other_for_ever(inside: Callable, now: dt.datetime) -> None:
    salon = inside(lambda: a_salon(now, seats=2))
    first, second = people(inside, now, 2)
    mine, theirs = (inside(lambda p=p: a_booking(now, salon, TOMORROW, customer_id=p)) for p in (first, second))
    moves = [
        lambda: bookings.move(booking_id=mine.id, customer_id=first, starts_at=TOMORROW + HOUR, now=now),
        lambda: bookings.move(booking_id=theirs.id, customer_id=second, starts_at=TOMORROW + HOUR, now=now),
        lambda: bookings.cancel(booking_id=mine.id, customer_id=first, now=now),
    ]

    outcome = all_at_once(inside, moves)

    assert outcome["done"] + outcome["booking.not_open"] == 3


def test_K08_three_open_bookings_hold_under_16_attempts(inside: Callable, now: dt.datetime) -> None:
    person = people(inside, now, 1)[0]
    salons = inside(lambda: [a_salon(now) for _ in range(8)])
    wishes = [lambda each=each: a_booking(now, each, TOMORROW, customer_id=person) for each in salons * 2]

    outcome = all_at_once(inside, wishes)

    assert outcome["done"] == 3
    assert states(inside)["confirmed"] == 3


def test_an_offer_and_a_walk_in_never_share_a_seat(inside: Callable, salon: Salon, now: dt.datetime) -> None:
    day = TOMORROW.date()
    waiting, *others = people(inside, now, 9)
    at = {"service_id": salon.service_id, "store_id": salon.store_id}
    inside(lambda: bookings.waiting.join(customer_id=waiting, day=day, now=now, **at))
    offer = [lambda: bookings.waiting.offer_waiting_due(now=now)] * 3
    takers = [lambda person=person: a_hold(now, salon, TOMORROW, customer_id=person) for person in others]

    outcome = all_at_once(inside, offer + takers)

    first = inside(lambda: db.session.scalar(select(func.count()).where(Booking.starts_at == TOMORROW)))
    assert first == 1
    assert outcome["booking.slot_taken"] in {7, 8}, "seven when one of the eight was faster than the offer"


def test_whoever_finds_another_at_the_waiting_list_has_nothing_to_do(
    inside: Callable, salon: Salon, now: dt.datetime
) -> None:
    at = {"service_id": salon.service_id, "store_id": salon.store_id, "day": TOMORROW.date(), "now": now}
    inside(lambda: bookings.waiting.join(customer_id=a_customer(now), **at))

    def offer_beside_another() -> tuple[object, object]:
        first = bookings.waiting.offer_waiting_due(now=now)
        with ThreadPoolExecutor(1) as other:
            return first, other.submit(inside, lambda: bookings.waiting.offer_waiting_due(now=now)).result(timeout=20)

    assert inside(offer_beside_another) == (1, 0)
