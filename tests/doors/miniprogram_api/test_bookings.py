"""Booking from the mini-program: one success and each refusal of every route."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.kernel.ids import seal
from app.membership import bookings
from tests.factories.bookings import Salon, a_booking, a_hold, a_salon
from tests.factories.people import a_customer, a_staff, signed_in

TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
Send = Callable[..., TestResponse]


@pytest.fixture
def salon(client: FlaskClient, now: dt.datetime) -> Salon:
    return a_salon(now, store={"name": "湖滨店"}, takes_health_note=True, name="护理体验")


@pytest.fixture
def person(client: FlaskClient, now: dt.datetime) -> int:
    return a_customer(now)


@pytest.fixture
def taken(salon: Salon, now: dt.datetime) -> bookings.BookingView:
    """Somebody else's booking, two hours after opening."""
    return a_booking(now, salon, TOMORROW + 2 * HOUR)


@pytest.fixture
def send(
    client: FlaskClient,
    salon: Salon,
    person: int,
    taken: bookings.BookingView,
    now: dt.datetime,
    time_is: Callable[[dt.datetime], None],
) -> Send:
    """POST as the signed-in person, at noon of the day before."""
    headers, count = signed_in(person), iter(range(1000))
    time_is(now)

    def post(path: str, body: dict | None = None) -> TestResponse:
        key = {"Idempotency-Key": f"booking-{next(count):06}"}
        return client.post(f"/mp/v1/bookings{path}", json=body or {}, headers=headers | key)

    return post


def wish(salon: Salon, at: dt.datetime = TOMORROW) -> dict[str, str]:
    return {
        "service_id": seal("booking_service", salon.service_id),
        "store_id": seal("store", salon.store_id),
        "starts_at": at.isoformat(),
    }


def of(booking_id: int, act: str) -> str:
    return f"/{seal('booking', booking_id)}/{act}"


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json().get("code")


def test_services_and_slots_can_be_looked_at(client: FlaskClient, salon: Salon, person: int, send: Send) -> None:
    headers, store = signed_in(person), seal("store", salon.store_id)
    services = client.get(f"/mp/v1/booking-services?store={store}", headers=headers).get_json()["items"]
    service = services[0]["service_id"]
    slots = client.get(
        f"/mp/v1/bookings/slots?store={store}&service={service}&day=2026-05-21", headers=headers
    ).get_json()["items"]

    assert [(each["name"], each["minutes"], each["takes_health_note"]) for each in services] == [("护理体验", 45, True)]
    assert slots[0] == {"starts_at": "2026-05-21T02:00:00Z", "ends_at": "2026-05-21T02:45:00Z", "left": 1}
    assert [slot["left"] for slot in slots[3:5]] == [0, 0], "the taken time and its neighbour"
    nowhere = f"/mp/v1/bookings/slots?store={seal('store', 999)}&service={service}&day=2026-05-21"
    assert code_of(client.get(nowhere, headers=headers)) == (404, "store.unknown")


def test_hold_confirm_look_and_the_code_as_a_picture(
    client: FlaskClient, salon: Salon, person: int, send: Send
) -> None:
    held = send("/hold", wish(salon))
    booking_id = held.get_json()["booking_id"]
    confirmed = send(f"/{booking_id}/confirm", {"health_note": "孕期"})
    seen = client.get(f"/mp/v1/bookings/{booking_id}", headers=signed_in(person)).get_json()
    listed = client.get("/mp/v1/bookings", headers=signed_in(person)).get_json()

    assert held.status_code == 201
    assert held.get_json()["hold_until"].startswith("2026-05-20T04:05:0"), "five minutes"
    assert held.get_json()["code"] is None
    assert confirmed.get_json()["state"] == "confirmed"
    assert len(seen["code"]) == 10
    assert seen["qr_svg"].startswith("<svg")
    assert (seen["service"], seen["store"], seen["moves_left"]) == ("护理体验", "湖滨店", 1)
    assert [row["booking_id"] for row in listed["items"]] == [booking_id]
    assert "code" not in listed["items"][0]


def test_the_same_key_holds_once(client: FlaskClient, salon: Salon, person: int, send: Send) -> None:
    headers = signed_in(person) | {"Idempotency-Key": "hold-once-1"}

    answers = [client.post("/mp/v1/bookings/hold", json=wish(salon), headers=headers) for _ in range(2)]

    assert answers[0].get_json() == answers[1].get_json()
    bare = client.post("/mp/v1/bookings/hold", json=wish(salon), headers=signed_in(person))
    assert code_of(bare) == (400, "idempotency.key_missing")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"starts_at": (TOMORROW + 2 * HOUR).isoformat()}, (409, "booking.slot_taken")),
        ({"starts_at": (TOMORROW + 7 * MINUTE).isoformat()}, (422, "booking.not_a_slot")),
        ({"starts_at": "2026-05-21T02:00:00"}, (422, "request.invalid")),
        ({"starts_at": "soon"}, (422, "request.invalid")),
        ({"service_id": seal("booking_service", 999)} , (404, "booking.service_unknown")),
        ({"store_id": seal("store", 999)}, (404, "store.unknown")),
        ({"store_id": "S1"}, (422, "request.invalid")),
        ({"resource_id": 1}, (422, "request.invalid")),
    ],
)  # fmt: skip
def test_what_cannot_be_held_is_refused(salon: Salon, send: Send, change: dict, expected: tuple[int, str]) -> None:
    assert code_of(send("/hold", wish(salon) | change)) == expected


def test_K08_a_second_open_booking_is_refused(salon: Salon, person: int, send: Send, now: dt.datetime) -> None:
    a_booking(now, salon, TOMORROW, customer_id=person)

    assert code_of(send("/hold", wish(salon, TOMORROW + 5 * HOUR))) == (409, "booking.already_booked")


def test_K08_a_fourth_open_booking_is_refused(salon: Salon, person: int, send: Send, now: dt.datetime) -> None:
    for _ in range(3):
        a_booking(now, a_salon(now), TOMORROW, customer_id=person)

    assert code_of(send("/hold", wish(salon))) == (409, "booking.too_many_open")


def test_K09_three_no_shows_are_told_with_a_way_out(salon: Salon, person: int, send: Send, now: dt.datetime) -> None:
    earlier = now - 10 * 24 * HOUR
    for _ in range(3):
        missed = a_booking(earlier - 24 * HOUR, a_salon(now), earlier - 2 * HOUR, customer_id=person)
        bookings.counter.mark_no_show(booking_id=missed.id, staff_id=a_staff(now), store_ids=None, now=earlier)

    answer = send("/hold", wish(salon))
    assert code_of(answer) == (403, "booking.blocked_online")
    assert "店员" in answer.get_json()["detail"]


def test_a_hold_that_ran_out_is_refused_at_confirming(
    salon: Salon, person: int, send: Send, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> None:
    held = a_hold(now, salon, TOMORROW, customer_id=person)
    time_is(now + 6 * MINUTE)

    assert code_of(send(of(held.id, "confirm"))) == (409, "booking.hold_expired")


def test_cancel_and_move_and_what_speaks_against_it(
    salon: Salon, person: int, send: Send, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> None:
    mine = a_booking(now, salon, TOMORROW, customer_id=person)
    later = {"starts_at": (TOMORROW + 5 * HOUR).isoformat()}
    time_is(now)

    full = send(of(mine.id, "move"), {"starts_at": (TOMORROW + 2 * HOUR).isoformat()})
    moved, again = send(of(mine.id, "move"), later), send(of(mine.id, "move"), later)
    time_is(TOMORROW + 4 * HOUR)
    late = send(of(mine.id, "cancel"))
    time_is(now)
    cancelled, gone = send(of(mine.id, "cancel")), send(of(mine.id, "confirm"))

    assert code_of(full) == (409, "booking.slot_taken")
    assert moved.get_json()["starts_at"] == "2026-05-21T07:00:00Z"
    assert code_of(again) == (409, "booking.already_moved")
    assert code_of(late) == (409, "booking.too_late_to_change")
    assert cancelled.get_json()["state"] == "cancelled"
    assert code_of(gone) == (409, "booking.not_open")


@pytest.mark.parametrize("act", ["confirm", "cancel", "move"])
def test_somebody_elses_booking_is_not_found(send: Send, taken: bookings.BookingView, act: str) -> None:
    body = {"starts_at": TOMORROW.isoformat()} if act == "move" else {}

    assert code_of(send(of(taken.id, act), body)) == (404, "booking.unknown")
    assert send(f"/nonsense/{act}", body).status_code == 404


def test_the_waiting_list_from_joining_to_accepting(
    client: FlaskClient, salon: Salon, person: int, send: Send, now: dt.datetime
) -> None:
    body = {name: value for name, value in wish(salon).items() if name != "starts_at"} | {"day": "2026-05-21"}
    joined, twice = send("/waiting", body), send("/waiting", body)
    waiting_id = joined.get_json()["waiting_id"]
    early = send(f"/waiting/{waiting_id}/accept")
    bookings.waiting.offer_waiting_due(now=now)
    listed = client.get("/mp/v1/bookings/waiting", headers=signed_in(person)).get_json()["items"]
    accepted, left = send(f"/waiting/{waiting_id}/accept"), send(f"/waiting/{waiting_id}/leave")

    assert (joined.status_code, joined.get_json()["state"]) == (201, "waiting")
    assert code_of(twice) == (409, "booking.already_waiting")
    assert code_of(early) == (409, "booking.offer_over")
    assert [row["state"] for row in listed] == ["offered"]
    assert (accepted.status_code, accepted.get_json()["state"]) == (200, "confirmed")
    assert code_of(left) == (409, "booking.offer_over")
    assert code_of(send("/waiting", body | {"day": "2027-01-01"})) == (422, "booking.not_a_slot")


@pytest.mark.parametrize("path", ["/mp/v1/bookings", "/mp/v1/booking-services", "/mp/v1/bookings/waiting"])
def test_who_is_not_signed_in_sees_nothing(client: FlaskClient, path: str) -> None:
    assert code_of(client.get(path)) == (401, "unauthenticated")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_lives_is_refused(
    client: FlaskClient, salon: Salon, person: int, send: Send, day: str
) -> None:
    place = {"service": seal("booking_service", salon.service_id), "store": seal("store", salon.store_id)}
    asked = client.get("/mp/v1/bookings/slots", query_string={**place, "day": day}, headers=signed_in(person))
    body = {"service_id": place["service"], "store_id": place["store"], "day": day}

    assert code_of(asked) == (422, "request.invalid")
    assert code_of(send("/waiting", body)) == (422, "request.invalid")
