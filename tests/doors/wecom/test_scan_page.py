"""The clerk's page without a browser: who may see it, what it answers, what it refuses."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.membership import bookings
from app.web import guards
from tests.factories.bookings import Salon, a_booking, a_salon
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.people import a_staff, a_store

TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def salon(client: FlaskClient, now: dt.datetime) -> Salon:
    return a_salon(now, store={"name": "湖滨店"})


@pytest.fixture
def at_work(client: FlaskClient, salon: Salon, now: dt.datetime, time_is: Callable) -> Callable[..., None]:
    """Signs somebody in on the phone, at ten o'clock of the booking's day."""

    def sign_in(*, role: str = "clerk", store_id: int | None = salon.store_id) -> None:
        token = guards.sign_in_staff(staff_id=a_staff(now, role=role, name="陈一诺", store_id=store_id))
        client.set_cookie(guards.STAFF_COOKIE, token)
        time_is(TOMORROW)

    return sign_in


def scanned(client: FlaskClient, code: str, **more: str) -> str:
    answer = client.post("/wecom/scan", data={"code": code, **more}, headers=OURS)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def test_who_is_not_signed_in_is_sent_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/wecom/scan")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/wecom/sign-in")
    assert "企业微信" in client.get("/wecom/sign-in").get_data(as_text=True)


def test_another_site_cannot_redeem_with_our_cookie(
    client: FlaskClient, at_work: Callable, salon: Salon, now: dt.datetime
) -> None:
    booking = a_booking(now, salon, TOMORROW)
    at_work()

    answer = client.post("/wecom/scan", data={"code": booking.code}, headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert "已核销" in scanned(client, str(booking.code))


def test_a_clerk_sees_green_then_amber_and_no_undo(
    client: FlaskClient, at_work: Callable, salon: Salon, now: dt.datetime
) -> None:
    booking = a_booking(now, salon, TOMORROW, customer_id=a_member(now, full_name="<b>林晓</b>"))
    at_work()

    green, amber = scanned(client, str(booking.code)), scanned(client, str(booking.code))

    assert "已核销" in green
    assert "&lt;b&gt;林晓" in green
    assert "撤销" not in green
    assert "已于 10:00 在湖滨店核销过" in amber


def test_what_cannot_be_redeemed_says_why(
    client: FlaskClient, at_work: Callable, salon: Salon, now: dt.datetime
) -> None:
    tomorrow = a_booking(now, salon, TOMORROW + dt.timedelta(days=1))
    elsewhere = a_booking(now, a_salon(now, store={"name": "滨江店"}), TOMORROW)
    coupon = a_coupon(customer_id=a_member(now))
    at_work()

    assert "时间 2026-05-22 10:00" in scanned(client, str(tomorrow.code))
    assert "预约在 滨江店" in scanned(client, str(elsewhere.code))
    assert "没有读到码" in scanned(client, "")
    assert "满99减20" in scanned(client, coupon.code)
    assert "核销过" in scanned(client, coupon.code)


def test_an_expired_coupon_says_since_when(
    client: FlaskClient, at_work: Callable, now: dt.datetime, time_is: Callable
) -> None:
    coupon = a_coupon(customer_id=a_member(now))
    at_work()
    time_is(now + dt.timedelta(days=9))

    assert "有效期至" in scanned(client, coupon.code)


def test_a_manager_of_two_stores_chooses_and_may_undo(
    client: FlaskClient, at_work: Callable, salon: Salon, now: dt.datetime
) -> None:
    booking = a_booking(now, salon, TOMORROW)
    at_work(role="store_manager")

    green = scanned(client, str(booking.code), store=seal("store", salon.store_id))
    undone = client.post(
        "/wecom/scan/undo", data={"booking": seal("booking", booking.id), "why": "扫错了码"}, headers=OURS
    )
    foreign = client.post(
        "/wecom/scan", data={"code": booking.code, "store": seal("store", a_store(now))}, headers=OURS
    )

    assert "撤销这次核销" in green
    assert "预约恢复有效" in undone.get_data(as_text=True)
    assert foreign.status_code == 403
    assert bookings.get_booking(booking.id, customer_id=booking.customer_id, now=now).state == "confirmed"
