"""At the counter: codes, walk-ins, no-shows, undoing."""

import datetime as dt

import pytest
from sqlalchemy import select

from app.kernel.database import db
from app.membership import bookings, coupons
from app.membership.bookings.models import Booking, BookingLog
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.people import a_customer, a_phone, a_staff, a_store

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)


@pytest.fixture
def salon(database: object, now: dt.datetime) -> Salon:
    return a_salon(now, store={"name": "湖滨店"})


@pytest.fixture
def clerk(salon: Salon, now: dt.datetime) -> int:
    return a_staff(now, name="陈一诺", store_id=salon.store_id)


def redeem(code: str | None, salon: Salon, clerk: int, now: dt.datetime) -> bookings.counter.Redemption:
    return bookings.counter.redeem_code(code=code or "", staff_id=clerk, store_id=salon.store_id, now=now)


def state_of(booking_id: int) -> str:
    return str(db.session.get_one(Booking, booking_id, populate_existing=True).state)


def test_the_second_attempt_learns_when_where_and_by_whom(salon: Salon, clerk: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=a_member(now, full_name="林晓"))

    done = redeem(booking.code, salon, clerk, TOMORROW - 5 * MINUTE)
    with pytest.raises(bookings.AlreadyRedeemed) as second:
        redeem(booking.code, salon, clerk, TOMORROW)

    assert (done.kind, done.person, done.store_name, done.starts_at) == ("booking", "林晓", "湖滨店", TOMORROW)
    assert second.value.data["redeemed_at"] == (TOMORROW - 5 * MINUTE).isoformat()
    assert (second.value.data["store"], second.value.data["staff"]) == ("湖滨店", "陈一诺")
    assert state_of(booking.id) == "redeemed"


def test_G03_whoever_redeemed_and_left_is_no_name_any_more(salon: Salon, clerk: int, now: dt.datetime) -> None:
    from app.people import teams

    booking = a_booking(now, salon, TOMORROW)
    redeem(booking.code, salon, clerk, TOMORROW)
    teams.leave(staff_id=clerk, why="离职", now=TOMORROW)

    with pytest.raises(bookings.AlreadyRedeemed) as second:
        redeem(booking.code, salon, a_staff(now, store_id=salon.store_id), TOMORROW)
    assert second.value.data["staff"] == "已离职员工"


@pytest.mark.parametrize(("phone", "said"), [("", "顾客"), ("13912345678", "尾号 5678")])
def test_G08_a_guest_is_called_by_the_tail_of_a_number(
    salon: Salon, clerk: int, now: dt.datetime, phone: str, said: str
) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=a_customer(now, phone=phone))

    assert redeem(booking.code, salon, clerk, TOMORROW).person == said


def test_a_code_works_on_its_day_only(salon: Salon, clerk: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW)

    with pytest.raises(bookings.OtherDay):
        redeem(booking.code, salon, clerk, now)


def test_what_does_not_stand_is_not_redeemed(salon: Salon, clerk: int, now: dt.datetime) -> None:
    held = a_hold(now, salon, TOMORROW)
    code = db.session.get_one(Booking, held.id).code

    with pytest.raises(bookings.NotRedeemable):
        redeem(code, salon, clerk, TOMORROW)
    with pytest.raises(bookings.CodeUnknown):
        redeem("Y22222222A", salon, clerk, TOMORROW)
    assert held.code is None, "a code is shown once the booking stands"


def test_K11_another_store_only_if_the_service_is_for_all(salon: Salon, clerk: int, now: dt.datetime) -> None:
    elsewhere = a_store(now)
    plain, universal = a_booking(now, salon, TOMORROW), None
    everywhere = a_salon(now, universal=True)
    universal = a_booking(now, everywhere, TOMORROW)
    at = {"staff_id": clerk, "store_id": elsewhere, "now": TOMORROW}

    with pytest.raises(bookings.OtherStore):
        bookings.counter.redeem_code(code=plain.code or "", **at)
    bookings.counter.redeem_code(code=universal.code or "", **at)

    assert state_of(universal.id) == "done"
    assert a_hold(now, everywhere, TOMORROW).state == "held", "the seat at home is free"


def test_X04_no_clerk_redeems_their_own_booking_or_coupon(salon: Salon, now: dt.datetime) -> None:
    phone = a_phone()
    clerk = a_staff(now, phone=phone, store_id=salon.store_id)
    person = a_member(now, phone=phone)
    booking, coupon = a_booking(now, salon, TOMORROW, customer_id=person), a_coupon(customer_id=person)

    for code in (booking.code, coupon.code):
        refused = bookings.counter.attempt(code=str(code), staff_id=clerk, store_id=salon.store_id, now=TOMORROW)
        assert isinstance(refused, bookings.OwnCode | coupons.OwnCoupon)
    assert coupons.get_coupon(customer_id=person, coupon_id=coupon.id).state == "usable", "nothing was kept of it"


def test_a_coupon_code_is_redeemed_at_the_same_counter(salon: Salon, clerk: int, now: dt.datetime) -> None:
    coupon = a_coupon(customer_id=a_member(now, full_name="林晓"))

    done = redeem(coupon.code, salon, clerk, now + HOUR)
    with pytest.raises(bookings.AlreadyRedeemed) as second:
        redeem(coupon.code, salon, clerk, now + 2 * HOUR)

    assert (done.kind, done.name, done.person) == ("coupon", "满99减20", "林晓")
    assert second.value.data["store"] == "湖滨店"


def test_K11_health_notes_are_shown_on_the_day_and_then_forgotten(clerk: int, now: dt.datetime) -> None:
    salon = a_salon(now, takes_health_note=True)
    held = a_hold(now, salon, TOMORROW)
    code = bookings.confirm(booking_id=held.id, customer_id=held.customer_id, now=now, health_note="孕期").code
    todays = bookings.counter.list_today(store_id=salon.store_id, now=TOMORROW)

    assert [visit.health_note for visit in todays] == ["孕期"]
    assert bookings.counter.list_today(store_id=salon.store_id, now=now) == []
    assert redeem(code, salon, clerk, TOMORROW).health_note == "孕期"
    bookings.no_show_due(now=TOMORROW + HOUR)
    assert db.session.get_one(Booking, held.id).health_note is None


def test_K11_a_walk_in_is_created_and_redeemed_in_one_act(salon: Salon, clerk: int, now: dt.datetime) -> None:
    at = {"service_id": salon.service_id, "store_id": salon.store_id, "staff_id": clerk}
    late = now + 2 * HOUR + 7 * MINUTE

    visit = bookings.counter.walk_in(customer_id=a_customer(now), now=late, **at)

    assert (visit.state, visit.starts_at) == ("redeemed", late)
    with pytest.raises(bookings.SlotTaken):
        bookings.counter.walk_in(customer_id=a_customer(now), now=late + MINUTE, **at)
    with pytest.raises(bookings.NotASlot):
        bookings.counter.walk_in(customer_id=a_customer(now), now=now + HOUR, **at)


def test_a_walk_in_shows_the_code_of_the_card(salon: Salon, clerk: int, now: dt.datetime) -> None:
    from app.membership import members

    later, person = now + 3 * HOUR, a_member(now, full_name="林晓")
    card_code = members.get_card(customer_id=person, now=later).code.code
    at = {"service_id": salon.service_id, "store_id": salon.store_id, "staff_id": clerk, "now": later}

    assert bookings.counter.walk_in_by_card(card_code=card_code, **at).person == "林晓"
    with pytest.raises(members.CardCodeInvalid):
        bookings.counter.walk_in_by_card(card_code="123456", **at)


def test_X04_a_lead_undoes_the_same_day_and_the_booking_stands_again(
    salon: Salon, clerk: int, now: dt.datetime
) -> None:
    booking = a_booking(now, salon, TOMORROW)
    redeem(booking.code, salon, clerk, TOMORROW)
    undo = {"booking_id": booking.id, "staff_id": clerk, "store_ids": [salon.store_id], "why": "扫错了码"}

    with pytest.raises(bookings.UndoTooLate):
        bookings.counter.undo_redemption(**undo, now=TOMORROW + 14 * HOUR)
    with pytest.raises(bookings.BookingUnknown):
        bookings.counter.undo_redemption(**undo | {"store_ids": [salon.store_id + 99]}, now=TOMORROW)
    again = bookings.counter.undo_redemption(**undo, now=TOMORROW + 10 * MINUTE)
    with pytest.raises(bookings.NotOpen):
        bookings.counter.undo_redemption(**undo, now=TOMORROW + 10 * MINUTE)

    assert again.state == "confirmed"
    assert redeem(booking.code, salon, clerk, TOMORROW + 20 * MINUTE).kind == "booking"
    logged = db.session.execute(select(BookingLog.what, BookingLog.why).order_by(BookingLog.id)).all()
    assert ("undone", "扫错了码") in [tuple(row) for row in logged]


def test_X04_undoing_is_refused_where_the_place_or_the_person_is_taken(clerk: int, now: dt.datetime) -> None:
    salon = a_salon(now, universal=True)
    mine = a_booking(now, salon, TOMORROW)
    bookings.counter.redeem_code(code=str(mine.code), staff_id=clerk, store_id=a_store(now), now=TOMORROW - 2 * HOUR)
    undo = {"booking_id": mine.id, "staff_id": clerk, "store_ids": None, "why": "误操作", "now": TOMORROW - HOUR}
    other = a_booking(TOMORROW - 2 * HOUR, salon, TOMORROW)

    with pytest.raises(bookings.SlotTaken):
        bookings.counter.undo_redemption(**undo)
    bookings.cancel(booking_id=other.id, customer_id=other.customer_id, now=TOMORROW - 2 * HOUR)
    a_booking(TOMORROW - 2 * HOUR, salon, TOMORROW + 5 * HOUR, customer_id=mine.customer_id)
    with pytest.raises(bookings.AlreadyBooked):
        bookings.counter.undo_redemption(**undo)


def test_a_walk_in_that_is_undone_is_cancelled(salon: Salon, clerk: int, now: dt.datetime) -> None:
    at = {"service_id": salon.service_id, "store_id": salon.store_id, "staff_id": clerk, "now": now + 3 * HOUR}
    visit = bookings.counter.walk_in(customer_id=a_customer(now), **at)

    undone = bookings.counter.undo_redemption(
        booking_id=visit.id, staff_id=clerk, store_ids=None, why="走错了", now=now + 3 * HOUR
    )

    assert undone.state == "cancelled"


def test_K09_a_place_is_kept_fifteen_minutes(salon: Salon, clerk: int, now: dt.datetime) -> None:
    booking = a_booking(now, salon, TOMORROW)
    mark = {"booking_id": booking.id, "staff_id": clerk, "store_ids": [salon.store_id]}

    with pytest.raises(bookings.TooEarlyForNoShow):
        bookings.counter.mark_no_show(**mark, now=TOMORROW + 14 * MINUTE)
    assert bookings.counter.mark_no_show(**mark, now=TOMORROW + 15 * MINUTE).state == "no_show"
    with pytest.raises(bookings.NotOpen):
        bookings.counter.mark_no_show(**mark, now=TOMORROW + 15 * MINUTE)


@pytest.mark.parametrize(("came", "state"), [(True, "done"), (False, "cancelled")])
def test_K09_a_lead_corrects_a_no_show_that_day(
    salon: Salon, clerk: int, now: dt.datetime, came: bool, state: str
) -> None:
    booking = a_booking(now, salon, TOMORROW)
    correct = {"booking_id": booking.id, "staff_id": clerk, "store_ids": None, "why": "到店了", "came": came}

    with pytest.raises(bookings.NotOpen):
        bookings.counter.correct_no_show(**correct, now=TOMORROW)
    bookings.no_show_due(now=TOMORROW + 75 * MINUTE)
    with pytest.raises(bookings.UndoTooLate):
        bookings.counter.correct_no_show(**correct, now=TOMORROW + 14 * HOUR)
    assert bookings.counter.correct_no_show(**correct, now=TOMORROW + 2 * HOUR).state == state


def test_an_unknown_booking_is_unknown_at_the_counter_too(clerk: int, now: dt.datetime) -> None:
    with pytest.raises(bookings.BookingUnknown):
        bookings.counter.mark_no_show(booking_id=999, staff_id=clerk, store_ids=None, now=now)
    with pytest.raises(bookings.BookingUnknown):
        bookings.counter.undo_redemption(booking_id=999, staff_id=clerk, store_ids=None, why="-", now=now)
