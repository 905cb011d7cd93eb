"""Links and pages of messages: they lead there, and the first tap of a person is counted, once."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel import ids
from app.kernel.database import db
from app.knowledge import tracking
from app.outreach.messaging.models import DispatchMinute
from tests.conftest import NOW
from tests.factories.messages import a_sent_delivery, deliveries
from tests.factories.people import a_customer, signed_in

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger/8.0.50"}
LINK = "https://brand.example/sale?from=guiyi&who={{name}}"


@pytest.fixture
def ann(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> int:
    time_is(NOW + dt.timedelta(minutes=5))
    return a_customer(NOW)


def taps() -> int:
    rows = db.session.scalars(select(DispatchMinute).where(DispatchMinute.what == "opened"))
    return sum(row.number for row in rows)


def opened(delivery_id: int) -> dt.datetime | None:
    (row,) = deliveries(id=delivery_id)
    return row.opened_at


def test_a_link_leads_there_and_is_counted_once(client: FlaskClient, ann: int) -> None:
    delivery = a_sent_delivery(ann, NOW, link=LINK)
    token = ids.seal("delivery", delivery)
    for _ in range(3):
        answer = client.get(f"/l/{token}", headers=PHONE)
        assert answer.status_code == 302
        assert answer.headers["Location"] == (f"https://brand.example/sale?from=guiyi&who=%E6%9E%97%E6%99%93&d={token}")
        assert answer.headers["Cache-Control"] == "no-store"
    assert taps() == 1
    assert opened(delivery) is not None
    assert [event.kind for event in tracking.list_events(ann).items].count("message_opened") == 1


@pytest.mark.parametrize(
    "headers",
    [{"User-Agent": "Tencent Security Spider"}, {"User-Agent": ""}, PHONE | {"Sec-Purpose": "prefetch;prerender"},
     PHONE | {"Purpose": "prefetch"}],
)  # fmt: skip
def test_programs_are_led_there_and_count_nothing(client: FlaskClient, ann: int, headers: dict[str, str]) -> None:
    delivery = a_sent_delivery(ann, NOW, link=LINK)
    assert client.get(f"/l/{ids.seal('delivery', delivery)}", headers=headers).status_code == 302
    assert client.head(f"/l/{ids.seal('delivery', delivery)}", headers=PHONE).status_code == 302
    assert (taps(), opened(delivery)) == (0, None)


def test_what_leads_nowhere_is_not_found(client: FlaskClient, ann: int) -> None:
    nowhere = a_sent_delivery(ann, NOW)
    for token in (ids.seal("delivery", nowhere), ids.seal("delivery", 10**9), ids.seal("coupon", nowhere), "x"):
        assert client.get(f"/l/{token}", headers=PHONE).status_code == 404


def test_a_page_of_the_mini_program_counts_its_own_persons_tap(client: FlaskClient, ann: int) -> None:
    delivery, other = a_sent_delivery(ann, NOW), a_customer(NOW)
    address = f"/mp/v1/deliveries/{ids.seal('delivery', delivery)}/opened"
    friend = client.post(address, headers=signed_in(other))
    assert (friend.status_code, taps()) == (404, 0), "a shared page is no tap of theirs"
    mine = [client.post(address, headers=signed_in(ann)).get_json() for _ in range(2)]
    assert mine == [{"first": True}, {"first": False}]
    assert taps() == 1
