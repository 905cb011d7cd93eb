"""Coupons at the till, over signed HTTP."""

import datetime as dt
from typing import Any

import pytest

from app.kernel.ids import seal
from app.membership import coupons, members
from tests.doors.open_api.conftest import Shop
from tests.factories.coupons import a_coupon
from tests.factories.members import a_member
from tests.factories.people import a_store

PATH = "/open/v1/coupons"


def send(shop: Shop, act: str, told: Any) -> tuple[int, dict[str, Any]]:
    response = shop.send("POST", f"{PATH}/{act}", told)
    return response.status_code, response.get_json()


@pytest.fixture
def held(shop: Shop, now: dt.datetime) -> coupons.Coupon:
    a_store(now, code="S001", name="南京西路店")
    return a_coupon(customer_id=a_member(now))


def test_lock_redeem_and_give_back(shop: Shop, held: coupons.Coupon) -> None:
    told = {"codes": [held.code], "order_number": "R1", "till": "pos-1", "store_code": "S001"}
    answers = [send(shop, act, told) for act in ("check", "lock", "redeem", "redeem")]
    back = send(shop, "give-back", {"codes": [held.code], "order_number": "R1"})

    assert [status for status, _ in answers] == [422, 200, 200, 200]
    assert [answer["items"][0]["state"] for _, answer in answers[1:]] == ["locked", "redeemed", "redeemed"]
    assert answers[3][1]["items"][0]["repeated"] is True
    assert (back[0], back[1]["items"][0]["state"]) == (200, "usable")


def test_a_check_says_why_not_and_changes_nothing(shop: Shop, held: coupons.Coupon) -> None:
    told = {"codes": [held.code], "store_code": "S001"}
    before = send(shop, "check", told)[1]["items"][0]
    send(shop, "redeem", told)
    after = send(shop, "check", told)[1]["items"][0]

    assert (before["why_not"], before["coupon"]["terms"]["in_short"]) == (None, "满99减20")
    assert after["why_not"]["code"] == "coupon.already_redeemed"
    assert after["why_not"]["data"]["store"] == "南京西路店"


def test_X04_the_second_till_is_refused_with_when_and_where(shop: Shop, held: coupons.Coupon) -> None:
    told = {"codes": [held.code], "store_code": "S001"}
    send(shop, "redeem", told | {"till": "pos-1", "order_number": "R1"})
    status, answer = send(shop, "redeem", told | {"till": "pos-2", "order_number": "R2"})

    assert (status, answer["code"], answer["data"]["store"]) == (409, "coupon.already_redeemed", "南京西路店")


def test_X04_a_members_own_code_opens_their_coupons(shop: Shop, held: coupons.Coupon, now: dt.datetime) -> None:
    card = members.get_card(held.customer_id, now).code.code
    listed = send(shop, "check", {"card_code": card})[1]["items"]
    status, answer = send(shop, "redeem", {"card_code": card, "coupon_ids": [listed[0]["coupon"]["coupon_id"]]})

    assert (status, answer["items"][0]["code"]) == (200, held.code)
    assert send(shop, "check", {"card_code": "0" * 20})[1]["code"] == "card.code_invalid"


def test_an_unlock_frees(shop: Shop, held: coupons.Coupon) -> None:
    told = {"codes": [held.code], "order_number": "R1"}
    send(shop, "lock", told)

    assert send(shop, "unlock", told | {"order_number": "R2"})[1]["code"] == "coupon.not_locked"
    assert send(shop, "unlock", told)[1]["items"][0]["state"] == "usable"


@pytest.mark.parametrize(
    ("act", "told", "status", "code"),
    [
        ("check", {}, 422, "request.invalid"),
        ("check", {"codes": ["Q1"], "card_code": "1"}, 422, "request.invalid"),
        ("check", {"codes": []}, 422, "request.invalid"),
        ("check", {"codes": ["Q1"], "coupon_ids": [seal("coupon", 1)]}, 422, "request.invalid"),
        ("redeem", {"card_code": "1"}, 422, "request.invalid"),
        ("redeem", {"codes": ["nothing"]}, 404, "coupon.unknown"),
        ("redeem", {"codes": ["a\0b"]}, 422, "request.invalid"),
        ("lock", {"codes": ["Q1"]}, 422, "request.invalid"),
        ("give-back", {"codes": ["nothing"], "order_number": "R1"}, 404, "coupon.unknown"),
        ("check", {"codes": ["Q1"], "store_code": "S404"}, 404, "store.unknown"),
    ],
)
def test_what_is_not_right_is_refused(shop: Shop, act: str, told: dict[str, Any], status: int, code: str) -> None:
    answered = send(shop, act, told)

    assert (answered[0], answered[1]["code"]) == (status, code)


def test_nobody_comes_in_unsigned(client: Any) -> None:
    assert client.post(f"{PATH}/redeem", json={"codes": ["Q1"]}).status_code == 401
