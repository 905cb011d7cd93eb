"""Orders pushed by a shop: one outcome each, its own channel only."""

from app.trade import orders, products
from tests.doors.open_api.conftest import Shop

PATH = "/open/v1/orders"
WHOLE = {
    "number": "R1",
    "reported_at": "2026-05-20T03:00:00Z",
    "store_code": "S1",
    "in_store": True,
    "earns": True,
    "placed_at": "2026-05-20T10:00:00+08:00",
    "paid_at": "2026-05-20T10:05:00",
    "amounts": {"goods_fen": 10000, "discount_fen": 1000, "freight_fen": 500, "paid_fen": 9500},
    "lines": [{"product_code": "P1", "name": "口红", "quantity": 2, "price_fen": 5000, "paid_fen": 9000}],
    "refunds": [{"number": "T1", "amount_fen": 4500, "refunded_at": "2026-05-20T02:30:00Z", "line_no": 1}],
    "buyers": [{"kind": "phone", "value": "13900000001"}, {"kind": "buyer", "value": "u1"}],
    "coupon_codes": ["C1"],
}


def push(shop: Shop, *told: object, **bent: object) -> list[dict]:
    response = shop.send("POST", PATH, {"orders": list(told)}, **bent)
    assert response.status_code == 200, response.get_json()
    return response.get_json()["outcomes"]


def test_a_whole_order_is_kept_and_shown(shop: Shop) -> None:
    (outcome,) = push(shop, WHOLE)
    shown = shop.send("GET", f"{PATH}/demo-shop/R1").get_json()

    assert outcome == {
        "number": "R1",
        "status": "accepted",
        "reason": None,
        "warnings": ["store.unknown:S1", "product.unknown:P1"],
    }
    assert (shown["standing"], shown["base_fen"], shown["refunded_fen"]) == ("part_refunded", 9000, 4500)
    assert (shown["paid_at"], shown["ordered_at"]) == ("2026-05-20T02:05:00Z", "2026-05-20T02:00:00Z")
    assert (shown["has_customer"], shown["amounts"]["freight_fen"], shown["lines"][0]["name"]) == (False, 500, "口红")
    assert "13900000001" not in str(shown)


BAD = [
    (WHOLE | {"number": None}, "number: missing"),
    ("R9", "report: not an object"),
    (WHOLE | {"channel": "demo-pos"}, "channel: not yours"),
    (WHOLE | {"colour": "red"}, "colour: unknown field"),
    (WHOLE | {"paid_at": "yesterday"}, "paid_at: not a time in ISO 8601"),
    (WHOLE | {"amounts": {"paid_fen": 1.5}}, "paid_fen: not a whole number"),
    (WHOLE | {"amounts": {"paid_fen": -1}}, "paid_fen: not between 0 and 1000000000000"),
    (WHOLE | {"number": "two words"}, "number: 1 to 64 printable characters without spaces"),
    (WHOLE | {"lines": [{"product_code": "P1"}]}, "price_fen: missing"),
    (WHOLE | {"buyers": [{"kind": "phone\0", "value": "1"}]}, "buyers: at most 200 printable characters"),
    (WHOLE | {"refunds": "T1"}, "refunds: not a list"),
    ({"number": "R2"}, "reported_at: missing, and no other time is told"),
]


def test_one_outcome_a_report_and_a_bad_one_spoils_no_other(shop: Shop) -> None:
    outcomes = push(shop, WHOLE, *(told for told, _ in BAD), WHOLE)

    assert [outcome["status"] for outcome in outcomes] == ["accepted", *["refused"] * len(BAD), "unchanged"]
    assert [outcome["reason"] for outcome in outcomes[1:-1]] == [reason for _, reason in BAD]


def test_another_channels_order_is_not_found(shop: Shop) -> None:
    push(shop, WHOLE)

    for target, key in ((f"{PATH}/demo-shop/R1", "demo-pos"), (f"{PATH}/demo-shop/R2", "demo-shop")):
        response = shop.send("GET", target, key=key)
        assert (response.status_code, response.get_json()["code"]) == (404, "order.not_found")
    assert push(shop, WHOLE, key="demo-pos")[0]["status"] == "accepted"
    assert orders.find_order("demo-pos", "R1").channel == "demo-pos"


def test_there_is_a_limit_to_one_push(shop: Shop) -> None:
    many = shop.send("POST", PATH, {"orders": [WHOLE] * 501})
    none = shop.send("POST", PATH, {"orders": []})

    assert (many.status_code, none.status_code) == (422, 422)


def test_products_are_pushed_all_or_none(shop: Shop) -> None:
    good = {"code": "P1", "name": "口红", "tags": ["新品"], "price_fen": 19900}
    saved = shop.send("POST", "/open/v1/products", {"products": [good]})
    again = shop.send("POST", "/open/v1/products", {"products": [good]})
    bad = shop.send("POST", "/open/v1/products", {"products": [good | {"code": "P2"}, good | {"code": "P 3"}]})

    assert (saved.get_json(), again.get_json()) == ({"changed": 1}, {"changed": 0})
    assert (bad.status_code, bad.get_json()["code"]) == (422, "product.invalid")
    assert list(products.find_products_by_codes(["P1", "P2"])) == ["P1"]
