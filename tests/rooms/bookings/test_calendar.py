"""Hold, confirm, cancel, move: what the customer does and what is refused."""

import datetime as dt

import pytest
from sqlalchemy import BigInteger, func, literal, select

from app.kernel.database import db
from app.kernel.paging import CursorInvalid, encode_cursor
from app.membership import bookings
from app.membership.bookings import refusals
from app.membership.bookings.models import Booking, BookingAbsence
from app.membership.bookings.operations import seats, stock
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon, a_service
from tests.factories.people import a_customer, a_staff

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)  # ten o'clock in Shanghai
DAY = dt.date(2026, 5, 21)


@pytest.fixture
def salon(database: object, now: dt.datetime) -> Salon:
    return a_salon(now)


@pytest.fixture
def person(database: object, now: dt.datetime) -> int:
    return a_customer(now)


def left(salon: Salon, now: dt.datetime, at: dt.datetime = TOMORROW) -> int:
    slots = bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=DAY, now=now)
    return {slot.starts_at: slot.left for slot in slots}[at]


def test_a_day_offers_its_slots_outside_the_break(salon: Salon, now: dt.datetime) -> None:
    slots = bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=DAY, now=now)

    said = [f"{slot.starts_at + 8 * HOUR:%H:%M}" for slot in slots]
    assert (said[0], said[4], said[5], said[-1]) == ("10:00", "12:00", "14:00", "20:00")
    assert {slot.left for slot in slots} == {1}
    assert slots[0].ends_at == TOMORROW + 45 * MINUTE


def test_K08_today_offers_only_what_begins_in_two_hours(salon: Salon, now: dt.datetime) -> None:
    slots = bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=now.date(), now=now + MINUTE)

    assert slots[0].starts_at == now + 2.5 * HOUR


def test_a_store_closed_on_a_special_day_offers_nothing(now: dt.datetime) -> None:
    salon = a_salon(now, store={"special_days": {"2026-05-21": []}})

    assert bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=DAY, now=now) == []


@pytest.mark.parametrize(
    ("day", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25), (dt.date(2026, 3, 30), 24)]
)
def test_a_shop_open_all_night_has_the_hours_the_day_has(day: dt.date, hours: int) -> None:
    now = dt.datetime.combine(day - dt.timedelta(days=3), dt.time(), dt.UTC)
    always = {str(weekday): [["00:00", "24:00"]] for weekday in range(1, 8)}
    salon = a_salon(now, store={"zone": "Europe/Berlin", "hours": always}, minutes=60)
    stock.save_resource(stock.ResourceDraft(salon.store_id, "体验位 1", [salon.service_id], {None: [(0, 1440)]}))

    slots = bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=day, now=now)

    assert len(slots) == 2 * hours - 1


def test_a_held_slot_is_nobody_elses_and_a_confirmed_one_stays(salon: Salon, person: int, now: dt.datetime) -> None:
    held = a_hold(now, salon, TOMORROW, customer_id=person)

    assert (held.state, held.hold_until) == ("held", now + 5 * MINUTE)
    assert left(salon, now) == 0
    with pytest.raises(refusals.SlotTaken):
        a_hold(now, salon, TOMORROW)

    bookings.confirm(booking_id=held.id, customer_id=person, now=now + 4 * MINUTE)
    with pytest.raises(refusals.SlotTaken):
        a_hold(now + HOUR, salon, TOMORROW)


def test_a_hold_that_ran_out_is_anybodys_before_any_job_has_run(salon: Salon, person: int, now: dt.datetime) -> None:
    held = a_hold(now, salon, TOMORROW, customer_id=person)
    later = now + 5 * MINUTE

    assert left(salon, later - MINUTE) == 0
    assert left(salon, later) == 1
    a_booking(later, salon, TOMORROW)

    assert db.session.get(Booking, held.id, populate_existing=True).state == "expired"
    with pytest.raises(refusals.HoldExpired):
        bookings.confirm(booking_id=held.id, customer_id=person, now=later)


def test_confirming_too_late_is_refused_even_where_nobody_wants_the_place(
    salon: Salon, person: int, now: dt.datetime
) -> None:
    held = a_hold(now, salon, TOMORROW, customer_id=person)

    with pytest.raises(refusals.HoldExpired):
        bookings.confirm(booking_id=held.id, customer_id=person, now=now + 5 * MINUTE)


def test_confirming_twice_is_the_same_booking(salon: Salon, person: int, now: dt.datetime) -> None:
    first = a_booking(now, salon, TOMORROW, customer_id=person)

    again = bookings.confirm(booking_id=first.id, customer_id=person, now=now + HOUR)

    assert (again.id, again.state) == (first.id, "confirmed")


def test_two_seats_serve_two_people_at_a_time(now: dt.datetime) -> None:
    salon = a_salon(now, seats=2)

    seats = {a_hold(now, salon, TOMORROW).resource_id for _ in range(2)}

    assert seats == set(salon.seat_ids)
    with pytest.raises(refusals.SlotTaken):
        a_hold(now, salon, TOMORROW)


def test_services_of_different_length_share_a_seat_without_meeting(salon: Salon, now: dt.datetime) -> None:
    short = a_service(minutes=15)
    stock.save_resource(stock.ResourceDraft(salon.store_id, "体验位 1", [salon.service_id, short], stock.STOCK_HOURS))
    a_booking(now, salon, TOMORROW)

    with pytest.raises(refusals.SlotTaken):
        a_hold(now, Salon(salon.store_id, short, salon.seat_ids), TOMORROW + HOUR / 2)
    a_hold(now, Salon(salon.store_id, short, salon.seat_ids), TOMORROW + HOUR)


@pytest.mark.parametrize(
    "at",
    [TOMORROW + 10 * MINUTE, TOMORROW - HOUR, TOMORROW + 3 * HOUR, TOMORROW + 20 * dt.timedelta(days=1)],
    ids=["off the grid", "before opening", "in the break", "too far ahead"],
)
def test_a_time_that_is_no_slot_is_refused(salon: Salon, now: dt.datetime, at: dt.datetime) -> None:
    with pytest.raises(refusals.NotASlot):
        a_hold(now, salon, at)


def test_a_person_who_is_away_has_no_slots(salon: Salon, now: dt.datetime) -> None:
    away = {"starts_at": TOMORROW, "ends_at": TOMORROW + HOUR, "why": "病假"}
    db.session.add(BookingAbsence(resource_id=salon.seat_ids[0], **away))
    db.session.flush()

    assert left(salon, now) == 0
    assert left(salon, now, TOMORROW + HOUR) == 1


def test_K08_one_open_booking_per_service(salon: Salon, person: int, now: dt.datetime) -> None:
    a_booking(now, salon, TOMORROW, customer_id=person)

    with pytest.raises(refusals.AlreadyBooked):
        a_hold(now, salon, TOMORROW + 2 * HOUR, customer_id=person)


def test_picking_another_time_gives_up_the_earlier_hold(salon: Salon, person: int, now: dt.datetime) -> None:
    first = a_hold(now, salon, TOMORROW, customer_id=person)
    same_again = a_hold(now + MINUTE, salon, TOMORROW, customer_id=person)
    a_hold(now + 2 * MINUTE, salon, TOMORROW + 2 * HOUR, customer_id=person)

    states = db.session.execute(select(Booking.state).where(Booking.id.in_([first.id, same_again.id]))).scalars()
    assert set(states) == {"expired"}
    assert left(salon, now + 2 * MINUTE) == 1


def test_K08_three_open_bookings_in_all(person: int, now: dt.datetime) -> None:
    salons = [a_salon(now) for _ in range(4)]
    standing = [a_booking(now, salon, TOMORROW, customer_id=person) for salon in salons[:3]]

    with pytest.raises(refusals.TooManyOpen):
        a_hold(now, salons[3], TOMORROW, customer_id=person)

    bookings.cancel(booking_id=standing[1].id, customer_id=person, now=now)
    assert db.session.get(Booking, a_hold(now, salons[3], TOMORROW, customer_id=person).id).place == 2


def test_K09_three_no_shows_block_online_booking_for_thirty_days(now: dt.datetime, person: int) -> None:
    salons = [a_salon(now) for _ in range(4)]
    for salon in salons[:3]:
        missed = a_booking(now, salon, TOMORROW, customer_id=person)
        bookings.counter.mark_no_show(booking_id=missed.id, staff_id=a_staff(now), store_ids=None, now=TOMORROW + HOUR)

    with pytest.raises(refusals.BlockedOnline):
        a_hold(now, salons[3], TOMORROW + 2 * HOUR, customer_id=person)
    later = TOMORROW + dt.timedelta(days=30)
    a_hold(later, salons[3], later + 4 * HOUR, customer_id=person)


def test_K08_cancelling_is_free_until_two_hours_before(salon: Salon, person: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=person)

    with pytest.raises(refusals.TooLateToChange):
        bookings.cancel(booking_id=booking.id, customer_id=person, now=TOMORROW - 2 * HOUR + MINUTE)
    bookings.cancel(booking_id=booking.id, customer_id=person, now=TOMORROW - 2 * HOUR)
    again = bookings.cancel(booking_id=booking.id, customer_id=person, now=TOMORROW)

    assert again.state == "cancelled"
    assert left(salon, now) == 1


def test_K08_one_move_and_the_old_time_is_free_at_once(salon: Salon, person: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=person)

    moved = bookings.move(booking_id=booking.id, customer_id=person, starts_at=TOMORROW + HOUR / 2, now=now)

    assert (moved.starts_at, moved.code, moved.state) == (TOMORROW + HOUR / 2, booking.code, "confirmed")
    with pytest.raises(refusals.AlreadyMoved):
        bookings.move(booking_id=booking.id, customer_id=person, starts_at=TOMORROW + 4 * HOUR, now=now)
    assert left(salon, now, TOMORROW + 1.5 * HOUR) == 1


def test_a_move_to_a_taken_time_leaves_the_old_one_standing(salon: Salon, person: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=person)
    a_booking(now, salon, TOMORROW + HOUR)

    with pytest.raises(refusals.SlotTaken):
        bookings.move(booking_id=booking.id, customer_id=person, starts_at=TOMORROW + HOUR, now=now)
    with pytest.raises(refusals.NotASlot):
        bookings.move(booking_id=booking.id, customer_id=person, starts_at=now, now=now)

    assert bookings.get_booking(booking.id, customer_id=person, now=now).starts_at == TOMORROW


def test_what_is_over_can_be_neither_confirmed_nor_changed(salon: Salon, person: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=person)
    bookings.counter.mark_no_show(booking_id=booking.id, staff_id=a_staff(now), store_ids=None, now=TOMORROW + HOUR)
    mine = {"booking_id": booking.id, "customer_id": person, "now": now}

    for refused in (bookings.confirm, bookings.cancel):
        with pytest.raises(refusals.NotOpen):
            refused(**mine)
    with pytest.raises(refusals.NotOpen):
        bookings.move(**mine, starts_at=TOMORROW + 2 * HOUR)


def test_somebody_elses_booking_is_not_found(salon: Salon, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW)

    for refused in (bookings.confirm, bookings.cancel):
        with pytest.raises(refusals.BookingUnknown):
            refused(booking_id=booking.id, customer_id=a_customer(now), now=now)
    with pytest.raises(refusals.BookingUnknown):
        bookings.move(booking_id=booking.id, customer_id=a_customer(now), starts_at=TOMORROW + HOUR, now=now)


def test_K11_a_health_note_only_where_the_service_needs_it(salon: Salon, person: int, now: dt.datetime) -> None:
    careful = a_salon(now, takes_health_note=True)
    held, plain = (a_hold(now, each, TOMORROW, customer_id=person) for each in (careful, salon))

    with pytest.raises(refusals.NoHealthNote):
        bookings.confirm(booking_id=plain.id, customer_id=person, now=now, health_note="孕期")
    noted = bookings.confirm(booking_id=held.id, customer_id=person, now=now, health_note="孕期")
    assert db.session.get(Booking, noted.id).health_note == "孕期"

    bookings.cancel(booking_id=held.id, customer_id=person, now=now)
    assert db.session.execute(select(func.count()).where(Booking.health_note.is_not(None))).scalar_one() == 0


def test_a_service_nobody_offers_is_unknown(salon: Salon, now: dt.datetime) -> None:
    with pytest.raises(refusals.ServiceUnknown):
        a_hold(now, Salon(salon.store_id, salon.service_id + 999, ()), TOMORROW)


def test_what_ran_out_or_was_given_up_can_only_be_held_anew(salon: Salon, person: int, now: dt.datetime) -> None:
    held = a_hold(now, salon, TOMORROW, customer_id=person)

    with pytest.raises(refusals.NotOpen):
        bookings.move(booking_id=held.id, customer_id=person, starts_at=TOMORROW + HOUR, now=now)
    bookings.cancel(booking_id=held.id, customer_id=person, now=now)
    with pytest.raises(refusals.NotOpen):
        bookings.confirm(booking_id=held.id, customer_id=person, now=now)


def test_K08_a_move_comes_in_time_or_not_at_all(salon: Salon, person: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=person)
    late = TOMORROW - HOUR

    with pytest.raises(refusals.TooLateToChange):
        bookings.move(booking_id=booking.id, customer_id=person, starts_at=TOMORROW + 4 * HOUR, now=late)


def test_the_database_refuses_who_has_not_looked(salon: Salon, person: int, now: dt.datetime) -> None:
    """The exclusion constraint is the promise; looking first only makes the refusal kind."""
    a_booking(now, salon, TOMORROW)
    wish = seats.Wish(db.session.get_one(bookings.BookingService, salon.service_id), salon.store_id, TOMORROW)
    there = {"customer_id": person, "resource_id": salon.seat_ids[0], "now": now}

    with pytest.raises(refusals.SlotTaken):
        seats.write_hold(wish, until=now + HOUR, **there)
    with pytest.raises(refusals.SlotTaken):
        seats.write_visit(wish, staff_id=a_staff(now), **there)


def test_a_customers_bookings_page_by_time_and_the_next_one_is_known(person: int, now: dt.datetime) -> None:
    salons = [a_salon(now) for _ in range(3)]
    made = [a_booking(now, each, TOMORROW + n * HOUR, customer_id=person) for n, each in enumerate(salons)]
    a_hold(now, a_salon(now), TOMORROW)
    bookings.cancel(booking_id=made[0].id, customer_id=person, now=now)

    first = bookings.list_bookings(customer_id=person, now=now, limit=2)
    rest = bookings.list_bookings(customer_id=person, now=now, limit=2, cursor=first.next_cursor)

    assert [row.id for row in (*first.items, *rest.items)] == [made[2].id, made[1].id, made[0].id]
    assert rest.next_cursor is None
    with pytest.raises(CursorInvalid):
        bookings.list_bookings(customer_id=person, now=now, cursor=encode_cursor(["other", 1]))
    next_one = bookings.next_of(literal(person, BigInteger), now=literal(now))
    row = db.session.execute(select(next_one)).one()
    assert (row.booking_id, row.starts_at) == (made[1].id, TOMORROW + HOUR)
