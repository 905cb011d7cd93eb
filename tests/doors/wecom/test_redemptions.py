"""The counter's routes: one success and each refusal."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.membership import bookings, members
from tests.factories.bookings import Salon, a_booking, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.people import a_customer, a_staff, a_store, signed_in, signed_in_staff

TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
Headers = dict[str, str]


@pytest.fixture
def salon(client: FlaskClient, now: dt.datetime) -> Salon:
    return a_salon(now, store={"name": "湖滨店"}, seats=2)  # one of them for the booking


@pytest.fixture
def booking(salon: Salon, now: dt.datetime) -> bookings.BookingView:
    return a_booking(now, salon, TOMORROW, customer_id=a_member(now, full_name="林晓"))


@pytest.fixture
def elsewhere(client: FlaskClient, now: dt.datetime) -> str:
    return seal("store", a_store(now))


@pytest.fixture
def lead(salon: Salon, booking: bookings.BookingView, now: dt.datetime) -> Headers:
    return signed_in_staff(a_staff(now, role="lead"))


@pytest.fixture
def clerk(salon: Salon, lead: Headers, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> Headers:
    headers = signed_in_staff(a_staff(now, name="陈一诺", store_id=salon.store_id))
    time_is(TOMORROW)  # commits what was arranged: a refused request undoes what was not
    return headers


def test_a_clerk_redeems_and_the_second_attempt_is_told_kindly(
    client: FlaskClient, clerk: Headers, booking: bookings.BookingView
) -> None:
    first = client.post("/wecom/v1/redeem", json={"code": booking.code}, headers=clerk)
    second = client.post("/wecom/v1/redeem", json={"code": booking.code}, headers=clerk)

    assert first.status_code == 200, first.get_json()
    assert first.get_json()["redemption_id"] == seal("booking", booking.id)
    assert (first.get_json()["name"], first.get_json()["person"]) == (booking.service_name, "林晓")
    assert (second.status_code, second.get_json()["code"]) == (409, "booking.already_redeemed")
    assert second.get_json()["data"]["staff"] == "陈一诺"


def test_a_clerk_redeems_a_coupon_by_the_same_route(client: FlaskClient, clerk: Headers, now: dt.datetime) -> None:
    coupon = a_coupon(customer_id=a_member(now))

    answer = client.post("/wecom/v1/redeem", json={"code": coupon.code}, headers=clerk)

    assert (answer.status_code, answer.get_json()["kind"]) == (200, "coupon")
    assert answer.get_json()["redemption_id"] == seal("coupon", coupon.id)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "Y999999999"}, 404, "booking.code_unknown"),
        ({}, 422, "request.invalid"),
        ({"code": ""}, 422, "request.invalid"),
        ({"code": "x" * 65}, 422, "request.invalid"),
        ({"code": "Y1", "more": 1}, 422, "request.invalid"),
        ({"code": "Y1", "store_id": "not-sealed"}, 422, "request.invalid"),
    ],
)
def test_what_is_no_code_is_refused(client: FlaskClient, clerk: Headers, body: dict, status: int, code: str) -> None:
    answer = client.post("/wecom/v1/redeem", json=body, headers=clerk)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_who_is_no_staff_is_turned_away(client: FlaskClient, salon: Salon, now: dt.datetime) -> None:
    marketer, consumer = signed_in_staff(a_staff(now, role="marketer")), signed_in(a_customer(now))

    answers = [
        client.post("/wecom/v1/redeem", json={"code": "Y1"}, headers=headers).status_code
        for headers in ({}, consumer, marketer)
    ]

    assert answers == [401, 401, 403]


def test_one_stands_at_ones_own_counter(
    client: FlaskClient, elsewhere: str, clerk: Headers, lead: Headers, booking: bookings.BookingView
) -> None:
    body = {"code": booking.code, "store_id": elsewhere}

    foreign = client.post("/wecom/v1/redeem", json=body, headers=clerk)
    nowhere = client.post("/wecom/v1/redeem", json={"code": booking.code}, headers=lead)
    other = client.post("/wecom/v1/redeem", json=body, headers=lead)
    here = client.post("/wecom/v1/redeem", json=body | {"store_id": seal("store", booking.store_id)}, headers=lead)

    assert [answer.get_json().get("code") for answer in (foreign, nowhere, other, here)] == [
        "staff.store_forbidden",
        "staff.store_missing",
        "booking.other_store",
        None,
    ]


def test_X04_only_a_lead_undoes_and_says_why(
    client: FlaskClient, clerk: Headers, lead: Headers, booking: bookings.BookingView
) -> None:
    client.post("/wecom/v1/redeem", json={"code": booking.code}, headers=clerk)
    path = f"/wecom/v1/bookings/{seal('booking', booking.id)}/undo"

    assert client.post(path, json={"why": "扫错了"}, headers=clerk).status_code == 403
    assert client.post(path, json={}, headers=lead).status_code == 422
    undone = client.post(path, json={"why": "扫错了"}, headers=lead)
    assert (undone.status_code, undone.get_json()["state"]) == (200, "confirmed")
    assert client.post(path, json={"why": "扫错了"}, headers=lead).get_json()["code"] == "booking.not_open"


def test_a_walk_in_shows_the_card_of_this_minute(
    client: FlaskClient, clerk: Headers, salon: Salon, now: dt.datetime
) -> None:
    person = a_member(now, full_name="林晓")
    card_code = members.get_card(customer_id=person, now=TOMORROW).code.code
    body = {"card_code": card_code, "service_id": seal("booking_service", salon.service_id)}
    key = {"Idempotency-Key": "walk-in-0001"}

    served = client.post("/wecom/v1/walk-ins", json=body, headers=clerk | key)
    again = client.post("/wecom/v1/walk-ins", json=body, headers=clerk | key)
    full = client.post("/wecom/v1/walk-ins", json=body, headers=clerk | {"Idempotency-Key": "walk-in-0002"})
    wrong = client.post(
        "/wecom/v1/walk-ins", json=body | {"card_code": "1"}, headers=clerk | {"Idempotency-Key": "walk-in-0003"}
    )

    assert (served.status_code, served.get_json()["person"]) == (201, "林晓")
    assert again.get_json() == served.get_json()
    assert (full.status_code, full.get_json()["code"]) == (409, "booking.slot_taken")
    assert wrong.status_code in {404, 409, 422}


def test_today_and_no_shows_are_the_stores_own(
    client: FlaskClient,
    clerk: Headers,
    lead: Headers,
    booking: bookings.BookingView,
    time_is: Callable[[dt.datetime], None],
) -> None:
    path = f"/wecom/v1/bookings/{seal('booking', booking.id)}"
    todays = client.get("/wecom/v1/visits", headers=clerk).get_json()["items"]
    early = client.post(f"{path}/no-show", headers=clerk)
    time_is(TOMORROW + HOUR / 2)
    missed = client.post(f"{path}/no-show", headers=clerk)
    corrected = client.post(f"{path}/correct", json={"came": True, "why": "来了"}, headers=lead)

    assert [(visit["person"], visit["state"]) for visit in todays] == [("林晓", "confirmed")]
    assert (early.status_code, early.get_json()["code"]) == (409, "booking.too_early_for_no_show")
    assert (missed.get_json()["state"], corrected.get_json()["state"]) == ("no_show", "done")
    assert client.post(f"{path}/correct", json={"came": True, "why": "来了"}, headers=clerk).status_code == 403
