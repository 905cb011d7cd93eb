"""What a consumer sees of orders and products: their own, of all channels, and what is on sale."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.people import stores
from app.trade import orders, products
from tests.factories.members import a_member
from tests.factories.orders import a_product, a_refund, a_report, hours
from tests.factories.people import a_customer, a_store, signed_in

PHONE = "13900000001"


@pytest.fixture
def headers(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> dict[str, str]:
    """A signed-in consumer with three orders in two channels; somebody else has one."""
    time_is(now)
    customer_id = a_customer(now, openid="o-mine", phone=PHONE)
    other = a_report(number="other", buyers=(orders.Buyer("phone", "", "13900000009"),))
    mine = [
        a_report(),
        a_report(number="R2", channel="tmall", placed_at=hours(5), refunds=(a_refund(8000),)),
        a_report(number="R3", placed_at=hours(3), paid_at=None),
    ]
    orders.report_orders([*mine, other, orders.OrderReport("demo-shop", "lone", hours(9), refunds=(a_refund(5),))],
                         source="test", now=now)  # fmt: skip
    return signed_in(customer_id)


def test_my_orders_of_all_channels_newest_first(client: FlaskClient, headers: dict) -> None:
    first = client.get("/mp/v1/orders?limit=2", headers=headers).get_json()
    second = client.get(f"/mp/v1/orders?limit=2&cursor={first['next_cursor']}", headers=headers).get_json()

    shown = [(item["channel"], item["number"], item["standing"]) for item in first["items"] + second["items"]]
    assert shown == [
        ("tmall", "R2", "part_refunded"),
        ("demo-shop", "R3", "placed"),
        ("demo-shop", "R1", "paid"),
    ]
    assert second["next_cursor"] is None
    assert first["items"][0]["refunds"] == [{"amount_fen": 8000, "refunded_at": "2026-05-03T04:00:00Z"}]


def test_one_of_my_orders_and_nobody_elses(client: FlaskClient, headers: dict) -> None:
    (item, *_) = client.get("/mp/v1/orders", headers=headers).get_json()["items"]
    mine = client.get(f"/mp/v1/orders/{item['id']}", headers=headers)
    others = orders.find_order("demo-shop", "other").id
    foreign = client.get(f"/mp/v1/orders/{seal('order', others)}", headers=headers)

    assert mine.get_json() == item
    assert (mine.get_json()["amounts"]["paid_fen"], mine.get_json()["currency"]) == (25000, "CNY")
    assert (foreign.status_code, foreign.get_json()["code"]) == (404, "order.not_found")


@pytest.mark.parametrize("path", ["/mp/v1/orders", "/mp/v1/products"])
def test_who_is_not_signed_in_and_a_bad_cursor_are_refused(client: FlaskClient, headers: dict, path: str) -> None:
    assert client.get(path).status_code == 401
    bad = client.get(f"{path}?cursor=guess", headers=headers)
    assert (bad.status_code, bad.get_json()["code"]) == (422, "paging.cursor_invalid")


def test_products_are_narrowed_and_shown(client: FlaskClient, headers: dict, now: dt.datetime) -> None:
    a_product(now, code="red", colour="红")
    a_product(now, code="nude", colour="裸")
    a_product(now, code="gone", colour="红", on_sale=False)

    (item,) = client.get("/mp/v1/products?colour=红&category=口红", headers=headers).get_json()["items"]
    assert (item["code"], item["price_fen"], item["tags"]) == ("red", 19900, ["彩妆", "新品"])
    assert client.get(f"/mp/v1/products/{item['id']}", headers=headers).get_json() == item
    gone = products.find_products_by_codes(["gone"])["gone"].id
    assert client.get(f"/mp/v1/products/{seal('product', gone)}", headers=headers).get_json()["on_sale"] is False
    unknown = client.get(f"/mp/v1/products/{seal('product', gone + 99)}", headers=headers)
    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "product.not_found")


def test_M05_a_receipt_forgotten_at_the_till_is_claimed(
    client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> None:
    time_is(now)
    store = a_store(now)
    code = stores.get_store(store).code
    orders.report_orders([a_report(number="till-1", store_code=code, buyers=())], source="test", now=now)
    mine, body = signed_in(a_member(now)), {"store_id": seal("store", store), "receipt_number": " till-1 "}

    claimed = client.post("/mp/v1/orders/claim", json=body, headers=mine)
    again = client.post("/mp/v1/orders/claim", json=body, headers=mine)
    other = client.post("/mp/v1/orders/claim", json=body, headers=signed_in(a_member(now)))

    assert (claimed.status_code, claimed.get_json()["number"]) == (200, "till-1")
    assert client.get(f"/mp/v1/orders/{claimed.get_json()['id']}", headers=mine).get_json() == claimed.get_json()
    assert again.get_json() == claimed.get_json()
    assert (other.status_code, other.get_json()["code"]) == (422, "orders.claim_refused")
    assert other.get_json()["data"] == {"left": 4}


def test_M05_guests_take_the_card_first_and_stores_exist(client: FlaskClient, now: dt.datetime) -> None:
    body = {"store_id": seal("store", 999), "receipt_number": "till-1"}
    guest = client.post("/mp/v1/orders/claim", json=body, headers=signed_in(a_customer(now)))
    member = client.post("/mp/v1/orders/claim", json=body, headers=signed_in(a_member(now)))

    assert (guest.get_json()["code"], member.get_json()["code"]) == ("card.none", "store.unknown")
