"""Two people with bookings become one, and two again."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import db
from app.membership import bookings, coupons, points
from app.people import identity
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer, a_staff
from tests.factories.rewards import a_rich_member

pytestmark = pytest.mark.usefixtures("database")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)  # ten o'clock in Shanghai


@pytest.fixture
def stays(now: dt.datetime) -> int:
    return a_customer(now)


@pytest.fixture
def goes(now: dt.datetime) -> int:
    return a_customer(now)


@pytest.fixture
def salon(now: dt.datetime) -> Salon:
    return a_salon(now, seats=9)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of this room that a merge may touch."""
    return {
        name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name} ORDER BY id"))]
        for name in ("booking", "booking_log", "booking_waiting")
    }


def ids_of(customer_id: int, now: dt.datetime) -> list[int]:
    return sorted(found.id for found in bookings.list_bookings(customer_id=customer_id, now=now).items)


def notes_of(merged: identity.PeopleMerged) -> list[tuple[str, dict[str, object]]]:
    db.session.flush()
    wanted = text("SELECT code, data FROM identity_merge_note WHERE merge_id = :id ORDER BY id")
    return [(row.code, row.data) for row in db.session.execute(wanted, {"id": merged.merge_id})]


def missed(customer_id: int, salon: Salon, days_ago: int, now: dt.datetime) -> None:
    """A no-show, some days ago."""
    then = now - days_ago * DAY
    booking = a_booking(then - DAY, salon, TOMORROW - (days_ago + 1) * DAY, customer_id=customer_id)
    bookings.counter.mark_no_show(booking_id=booking.id, staff_id=a_staff(then), store_ids=None, now=then)


def test_two_with_the_same_open_service_become_one_and_it_is_noted(
    now: dt.datetime, salon: Salon, stays: int, goes: int
) -> None:
    mine, theirs = (a_booking(now, salon, TOMORROW, customer_id=who) for who in (stays, goes))

    merged = merge(stays, goes, now=now)

    told = {"service_id": salon.service_id, "open": 2, "limit": 1, "brought": 1}
    assert notes_of(merged) == [("booking.over_limit", told)]
    assert ids_of(stays, now) == [mine.id, theirs.id]
    with pytest.raises(bookings.AlreadyBooked):
        a_hold(now, salon, TOMORROW + 3 * HOUR, customer_id=stays)
    assert bookings.cancel(booking_id=theirs.id, customer_id=stays, now=now).state == "cancelled"


def test_K08_more_than_three_open_stand_and_none_comes_on_top(now: dt.datetime, stays: int, goes: int) -> None:
    rooms = [a_salon(now) for _ in range(5)]
    for who, room in zip((stays, stays, goes, goes), rooms[:4], strict=True):
        a_booking(now, room, TOMORROW, customer_id=who)

    merged = merge(stays, goes, now=now)

    assert notes_of(merged) == [("booking.over_limit", {"service_id": None, "open": 4, "limit": 3, "brought": 2})]
    with pytest.raises(bookings.TooManyOpen):
        a_hold(now, rooms[4], TOMORROW, customer_id=stays)
    for room_id in ids_of(stays, now)[:2]:
        bookings.cancel(booking_id=room_id, customer_id=stays, now=now)
    assert a_booking(now, rooms[4], TOMORROW, customer_id=stays).state == "confirmed"


def test_within_the_limits_nothing_is_noted(now: dt.datetime, salon: Salon, stays: int, goes: int) -> None:
    a_booking(now, salon, TOMORROW, customer_id=stays)
    a_booking(now, a_salon(now), TOMORROW, customer_id=goes)
    a_hold(now - HOUR, salon, TOMORROW, customer_id=goes)  # ran out long ago

    assert notes_of(merge(stays, goes, now=now)) == []


def test_K09_no_shows_of_both_count_while_they_are_one(now: dt.datetime, salon: Salon, stays: int, goes: int) -> None:
    for who, days_ago in ((stays, 5), (stays, 4), (goes, 3)):
        missed(who, salon, days_ago, now)
    merged = merge(stays, goes, now=now)

    with pytest.raises(bookings.BlockedOnline):
        a_hold(now, salon, TOMORROW, customer_id=stays)
    undo(merged, now=now)
    assert a_hold(now, salon, TOMORROW, customer_id=stays).state == "held"


def test_undoing_gives_both_back_byte_for_byte(now: dt.datetime, salon: Salon, stays: int, goes: int) -> None:
    for who in (stays, goes):
        a_booking(now, salon, TOMORROW, customer_id=who)
        bookings.waiting.join(
            customer_id=who, service_id=salon.service_id, store_id=salon.store_id, day=TOMORROW.date(), now=now
        )
    before = everything()

    undo(merge(stays, goes, now=now), now=now)

    assert everything() == before


def test_what_happened_since_goes_to_the_self_that_carried_it(
    now: dt.datetime, salon: Salon, stays: int, goes: int
) -> None:
    other = a_salon(now)
    theirs = a_booking(now, salon, TOMORROW, customer_id=goes)
    merged = merge(stays, goes, now=now)
    with carrier.carried_by({stays: goes}):
        since = a_booking(now, other, TOMORROW, customer_id=stays)
    bookings.move(booking_id=theirs.id, customer_id=stays, starts_at=TOMORROW + 5 * HOUR, now=now)

    undo(merged, now=now)

    assert (ids_of(stays, now), ids_of(goes, now)) == ([], [theirs.id, since.id])
    born = text("SELECT count(*) FROM booking_log WHERE customer_id = :goes AND born_customer_id = :goes")
    assert db.session.execute(born, {"goes": goes}).scalar_one() == 3
    code = bookings.get_booking(theirs.id, customer_id=goes, now=now).code
    store = {"staff_id": a_staff(now), "store_id": salon.store_id}
    assert bookings.counter.redeem_code(code=code or "", **store, now=TOMORROW).id == theirs.id


def test_a_person_waits_once_for_a_day_and_both_may_bring_it(
    now: dt.datetime, salon: Salon, stays: int, goes: int
) -> None:
    day = {"service_id": salon.service_id, "store_id": salon.store_id, "day": TOMORROW.date(), "now": now}
    for who in (stays, goes):
        bookings.waiting.join(customer_id=who, **day)
    merge(stays, goes, now=now)

    with carrier.carried_by({stays: a_customer(now)}), pytest.raises(bookings.AlreadyWaiting):
        bookings.waiting.join(customer_id=stays, **day)
    assert len(bookings.waiting.list_waiting(customer_id=stays)) == 2


def test_a_person_who_waits_twice_is_offered_one_place(now: dt.datetime, salon: Salon, stays: int, goes: int) -> None:
    day = {"service_id": salon.service_id, "store_id": salon.store_id, "day": TOMORROW.date(), "now": now}
    for who in (goes, stays):
        bookings.waiting.join(customer_id=who, **day)
    merged = merge(stays, goes, now=now)

    assert bookings.waiting.offer_waiting_due(now=now) == 1
    (offered,) = [row for row in bookings.waiting.list_waiting(customer_id=stays) if row.state == "offered"]
    undo(merged, now=now)
    accepted = bookings.waiting.accept(waiting_id=offered.id, customer_id=goes, now=now)

    assert accepted.customer_id == goes


def test_what_a_booking_cost_and_gave_goes_with_it(now: dt.datetime) -> None:
    coupons.ship_stock(now=now)
    salon = a_salon(now, points_price=200)
    stays, goes = a_rich_member(now), a_rich_member(now)
    merged = merge(stays, goes, now=now)
    with carrier.carried_by({stays: goes}):
        held = a_hold(now, salon, TOMORROW, customer_id=stays)
    bookings.confirm(booking_id=held.id, customer_id=stays, now=now)

    closing = bookings.counter.Closing(salon.store_id, now, now + 2 * DAY, "停电")
    bookings.counter.close(closing, staff_id=a_staff(now), now=now)
    undo(merged, now=now)

    told = [len(points.explain(who).items) for who in (stays, goes)]
    assert told == [1, 3], "what was spent and given back is told to whose booking it was"
    names = [
        [held.terms.name for held in coupons.list_coupons(customer_id=who, now=now).items] for who in (stays, goes)
    ]
    assert ["致歉券" in found for found in names] == [False, True]
    assert [points.get_balance(who, now=now).spendable for who in (stays, goes)] == [1_000, 1_000]
