"""What becomes due, the waiting list, the store's fault, points paid, the stock."""

import datetime as dt

import pytest
from sqlalchemy import func, select

from app.kernel import policy
from app.kernel.database import db
from app.membership import bookings, coupons, points
from app.membership.bookings.models import Booking, BookingLog, BookingResource, BookingWaiting
from app.membership.bookings.operations import stock
from app.membership.bookings.rules import BookingPolicy
from app.people import teams
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon
from tests.factories.members import a_member
from tests.factories.people import a_customer, a_staff, a_store

pytestmark = pytest.mark.usefixtures("database")
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
DAY = dt.date(2026, 5, 21)


@pytest.fixture
def salon(database: object, now: dt.datetime) -> Salon:
    """One seat that works one slot a day, so that it is full at once."""
    salon = a_salon(now)
    hours: dict = {None: [(600, 645)]}
    stock.save_resource(stock.ResourceDraft(salon.store_id, "体验位 1", [salon.service_id], hours))
    return salon


def wait(salon: Salon, now: dt.datetime, *, customer_id: int = 0, day: dt.date = DAY) -> BookingWaiting:
    at = {"service_id": salon.service_id, "store_id": salon.store_id, "day": day, "now": now}
    return bookings.waiting.join(customer_id=customer_id or a_customer(now), **at)


def state_of(row: BookingWaiting) -> str:
    return str(db.session.get_one(BookingWaiting, (row.customer_id, row.id), populate_existing=True).state)


def test_holds_that_ran_out_are_released_in_portions(now: dt.datetime) -> None:
    salon = a_salon(now, seats=3)
    for _ in range(3):
        a_hold(now, salon, TOMORROW)

    counts = [bookings.release_holds_due(now=now + minutes * MINUTE, limit=2) for minutes in (4, 5, 5, 5)]

    assert counts == [0, 2, 1, 0]


def test_K09_a_no_show_is_never_earlier_than_half_an_hour_after_the_end(now: dt.datetime) -> None:
    salon = a_salon(now, seats=2)
    missed, came = a_booking(now, salon, TOMORROW), a_booking(now, salon, TOMORROW)
    clerk = a_staff(now, store_id=salon.store_id)
    bookings.counter.redeem_code(code=str(came.code), staff_id=clerk, store_id=salon.store_id, now=TOMORROW)
    ends = TOMORROW + 45 * MINUTE

    assert bookings.no_show_due(now=ends - MINUTE) == 0
    assert bookings.no_show_due(now=ends) == 1, "the visit is done, the other may still come"
    assert bookings.no_show_due(now=ends + 29 * MINUTE) == 0
    assert bookings.no_show_due(now=ends + 30 * MINUTE) == 1
    states = dict(db.session.execute(select(Booking.id, Booking.state)).all())
    assert states == {missed.id: "no_show", came.id: "done"}


def test_K10_a_free_place_is_offered_in_order_and_accepted_within_fifteen_minutes(
    salon: Salon, now: dt.datetime
) -> None:
    taken = a_booking(now, salon, TOMORROW)
    first, second = wait(salon, now), wait(salon, now)
    assert bookings.waiting.offer_waiting_due(now=now) == 0, "nothing is free"
    bookings.cancel(booking_id=taken.id, customer_id=taken.customer_id, now=now)

    assert bookings.waiting.offer_waiting_due(now=now) == 1
    assert (state_of(first), state_of(second)) == ("offered", "waiting")
    booked = bookings.waiting.accept(waiting_id=first.id, customer_id=first.customer_id, now=now + 14 * MINUTE)

    assert (booked.state, booked.starts_at) == ("confirmed", TOMORROW)
    assert state_of(first) == "accepted"
    with pytest.raises(bookings.OfferOver):
        bookings.waiting.leave(waiting_id=first.id, customer_id=first.customer_id, now=now)


def test_K10_an_offer_that_nobody_accepts_goes_to_the_next(salon: Salon, now: dt.datetime) -> None:
    first, second = wait(salon, now), wait(salon, now)
    bookings.waiting.offer_waiting_due(now=now)
    late = now + 15 * MINUTE

    with pytest.raises(bookings.OfferOver):
        bookings.waiting.accept(waiting_id=first.id, customer_id=first.customer_id, now=late)
    assert bookings.waiting.offer_waiting_due(now=late) == 2, "one closed, one offered"
    assert (state_of(first), state_of(second)) == ("missed", "offered")


def test_K10_nobody_is_offered_a_place_at_night(salon: Salon, now: dt.datetime) -> None:
    waiting = wait(salon, now)

    assert bookings.waiting.offer_waiting_due(now=now + 10 * HOUR) == 0  # ten in the evening in Shanghai
    assert bookings.waiting.offer_waiting_due(now=TOMORROW - 2 * HOUR) == 1  # eight in the morning
    assert state_of(waiting) == "offered"


def test_leaving_frees_the_offer_and_being_there_twice_is_refused(salon: Salon, now: dt.datetime) -> None:
    first, second = wait(salon, now), wait(salon, now)
    with pytest.raises(bookings.AlreadyWaiting):
        wait(salon, now, customer_id=first.customer_id)
    with pytest.raises(bookings.OfferOver):
        bookings.waiting.accept(waiting_id=first.id, customer_id=first.customer_id, now=now)
    bookings.waiting.offer_waiting_due(now=now)
    assert [row.state for row in bookings.waiting.list_waiting(customer_id=first.customer_id)] == ["offered"]

    bookings.waiting.leave(waiting_id=first.id, customer_id=first.customer_id, now=now)
    bookings.waiting.offer_waiting_due(now=now)

    assert (state_of(first), state_of(second)) == ("left", "offered")
    left = wait(salon, now)
    assert bookings.waiting.leave(waiting_id=left.id, customer_id=left.customer_id, now=now).state == "left"


def test_who_may_not_book_is_passed_over_and_who_confirmed_has_accepted(salon: Salon, now: dt.datetime) -> None:
    busy, next_one = wait(salon, now), wait(salon, now)
    elsewhere = Salon(a_store(now), salon.service_id, ())
    stock.save_resource(stock.ResourceDraft(elsewhere.store_id, "体验位", [salon.service_id], stock.STOCK_HOURS))
    a_booking(now, elsewhere, TOMORROW, customer_id=busy.customer_id)

    assert bookings.waiting.offer_waiting_due(now=now, limit=1) == 1
    assert (state_of(busy), state_of(next_one)) == ("waiting", "offered")
    offered = db.session.get_one(BookingWaiting, (next_one.customer_id, next_one.id)).booking_id
    bookings.confirm(booking_id=int(offered or 0), customer_id=next_one.customer_id, now=now)
    assert bookings.waiting.offer_waiting_due(now=now) == 1
    assert state_of(next_one) == "accepted"


def test_waiting_ends_with_its_day(salon: Salon, now: dt.datetime) -> None:
    waiting = wait(salon, now)
    bookings.waiting.offer_waiting_due(now=now + 60 * HOUR)

    assert state_of(waiting) == "over"


@pytest.mark.parametrize("days", [-1, 15])
def test_one_waits_only_for_days_that_can_be_booked(salon: Salon, now: dt.datetime, days: int) -> None:
    with pytest.raises(bookings.NotASlot):
        wait(salon, now, day=now.date() + dt.timedelta(days=days))
    with pytest.raises(bookings.NotASlot):
        wait(Salon(a_store(now), salon.service_id, ()), now)
    with pytest.raises(bookings.BookingUnknown):
        bookings.waiting.leave(waiting_id=999, customer_id=a_customer(now), now=now)


def test_K10_the_stores_fault_is_cancelled_with_an_apology_and_never_a_no_show(now: dt.datetime) -> None:
    coupons.ship_stock(now=now)
    salon, person = a_salon(now, seats=2), a_member(now)
    stood, held = a_booking(now, salon, TOMORROW, customer_id=person), a_hold(now, salon, TOMORROW)
    ill = bookings.counter.Closing(salon.store_id, TOMORROW, TOMORROW + HOUR, "师傅生病")

    hit = bookings.counter.close(ill, staff_id=a_staff(now, store_id=salon.store_id), now=now)

    assert sorted(hit) == sorted([stood.id, held.id])
    assert bookings.get_booking(stood.id, customer_id=person, now=now).state == "cancelled"
    assert "致歉券" in [coupon.terms.name for coupon in coupons.list_coupons(customer_id=person, now=now).items]
    slots = bookings.list_slots(service_id=salon.service_id, store_id=salon.store_id, day=DAY, now=now)
    assert [slot.left for slot in slots[:3]] == [0, 0, 2]


@pytest.mark.parametrize("shipped", [True, False])
def test_K10_a_missing_apology_keeps_no_store_open(now: dt.datetime, shipped: bool) -> None:
    salon = a_salon(now, seats=2)
    booking = a_booking(now, salon, TOMORROW, customer_id=a_member(now))
    if shipped:
        coupons.ship_stock(now=now)
        template_id = coupons.find_shipped("apology")
        coupons.templates.change_state(template_id=int(template_id or 0), state="taking_stopped")
    ill = bookings.counter.Closing(salon.store_id, TOMORROW, TOMORROW + HOUR, "停电", salon.seat_ids[0])

    assert bookings.counter.close(ill, staff_id=a_staff(now), now=now) == [booking.id]
    assert "no_apology" in db.session.scalars(select(BookingLog.what)).all()


@pytest.fixture
def left_behind(now: dt.datetime) -> tuple[Salon, bookings.BookingView, int]:
    """A make-up artist left; somebody is booked with them; a colleague and nobody else could take over."""
    salon = a_salon(now, seats=0)
    hours, artists = stock.STOCK_HOURS, [a_staff(now, store_id=salon.store_id) for _ in range(2)]
    ids = [
        stock.save_resource(stock.ResourceDraft(salon.store_id, f"师傅 {each}", [salon.service_id], hours, each))
        for each in artists
    ]
    booking = a_booking(now, salon, TOMORROW)
    teams.leave(staff_id=artists[0], why="离职", now=now)
    return salon, booking, ids[1]


def test_G03_bookings_of_who_left_go_to_the_lead_with_a_suggestion(
    left_behind: tuple[Salon, bookings.BookingView, int], now: dt.datetime
) -> None:
    salon, booking, colleague = left_behind
    orphans = bookings.counter.list_orphans(store_id=salon.store_id, now=now)

    assert [(each.booking.id, each.suggested_resource_id) for each in orphans] == [(booking.id, colleague)]
    give = {"booking_id": booking.id, "staff_id": a_staff(now), "now": now}
    with pytest.raises(bookings.SlotTaken):
        bookings.counter.hand_over(**give, resource_id=booking.resource_id)
    assert bookings.counter.hand_over(**give, resource_id=colleague).resource_id == colleague
    assert bookings.counter.list_orphans(store_id=salon.store_id, now=now) == []
    bookings.cancel(booking_id=booking.id, customer_id=booking.customer_id, now=now)
    with pytest.raises(bookings.NotOpen):
        bookings.counter.hand_over(**give, resource_id=colleague)


@pytest.fixture
def payer(now: dt.datetime) -> int:
    person = a_member(now)
    points.earn(customer_id=person, amount=500, cause="survey:1", why="问卷", now=now)
    return person


def spendable(person: int, now: dt.datetime) -> int:
    return int(points.get_balance(person, now=now).spendable)


def test_points_are_paid_at_confirming_and_come_back_when_cancelled(payer: int, now: dt.datetime) -> None:
    before = spendable(payer, now)
    salon = a_salon(now, points_price=300)
    booking = a_booking(now, salon, TOMORROW + 24 * HOUR, customer_id=payer)

    assert (booking.points_paid, spendable(payer, now)) == (300, before - 300)
    with pytest.raises(bookings.TooLateToChange):  # K08: a day before where points were paid
        bookings.cancel(booking_id=booking.id, customer_id=payer, now=TOMORROW + HOUR)
    bookings.cancel(booking_id=booking.id, customer_id=payer, now=TOMORROW)
    assert spendable(payer, now) == before


@pytest.mark.parametrize(("keeps", "back"), [(True, 0), (False, 300)])
def test_K09_paid_points_are_lost_only_if_the_page_said_so(
    payer: int, now: dt.datetime, keeps: bool, back: int
) -> None:
    before = spendable(payer, now)
    salon = a_salon(now, points_price=300, keeps_points_of_no_show=keeps)
    booking = a_booking(now, salon, TOMORROW, customer_id=payer)
    bookings.no_show_due(now=TOMORROW + 2 * HOUR)

    assert spendable(payer, now) == before - 300 + back
    correct = {"booking_id": booking.id, "came": False, "staff_id": a_staff(now), "store_ids": None, "why": "停电"}
    bookings.counter.correct_no_show(**correct, now=TOMORROW + 3 * HOUR)
    assert spendable(payer, now) == before


def test_the_stock_ships_once_and_keeps_what_the_brand_has_changed(now: dt.datetime) -> None:
    store_ids = [a_store(now) for _ in range(2)]
    bookings.ship_stock(now=now)
    known = {service.name: service for service in bookings.list_services(store_ids[0])}
    stock.save_service(stock.ServiceDraft("整妆", "makeup", 60))
    bookings.ship_stock(now=now)

    assert list(known) == ["整妆", "局部妆容", "肤质检测", "护理体验", "新品试用"]
    assert [service.minutes for service in known.values()][1:] == [20, 15, 30, 20]
    assert db.session.get_one(bookings.BookingService, known["整妆"].id, populate_existing=True).minutes == 60
    seats = select(func.count()).where(BookingResource.store_id.in_(store_ids))
    assert db.session.scalar(seats) == 4
    assert len(bookings.list_services()) == 5


def test_the_stock_reaches_every_store_of_a_long_list(now: dt.datetime) -> None:
    for _ in range(101):
        a_store(now)
    bookings.ship_stock(now=now)

    assert db.session.scalar(select(func.count()).select_from(BookingResource)) == 202


def test_the_brand_sets_its_own_limits(now: dt.datetime) -> None:
    policy.change(BookingPolicy, hold_minutes=10)

    assert a_hold(now, a_salon(now), TOMORROW).hold_until == now + 10 * MINUTE


def test_offers_come_in_portions(now: dt.datetime) -> None:
    salon = a_salon(now, seats=2)
    for _ in range(2):
        wait(salon, now)

    assert [bookings.waiting.offer_waiting_due(now=now, limit=1) for _ in range(3)] == [1, 1, 0]


def test_a_seat_that_does_nothing_yet_can_be_kept(now: dt.datetime) -> None:
    store_id = a_store(now)
    seat = stock.save_resource(stock.ResourceDraft(store_id, "新位", [], {}))

    assert db.session.get_one(BookingResource, seat).kind == "seat"
    assert bookings.list_services(store_id) == []
