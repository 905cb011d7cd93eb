"""A till asks whose code it scanned."""

import datetime as dt

import pytest

from app.kernel.ids import seal
from app.membership import members
from tests.doors.open_api.conftest import Shop
from tests.factories.members import a_member

PATH = "/open/v1/members/by-code"


def test_X04_a_till_finds_the_member_by_the_code_of_this_minute(shop: Shop, now: dt.datetime) -> None:
    member = a_member(now, full_name="林晓月")
    answer = shop.send("POST", PATH, {"code": members.get_card(member, now).code.code}, key="demo-pos")

    assert answer.get_json() == {
        "member_id": seal("customer", member),
        "card_number": members.get_member(member).card_number,
        "masked_name": "林*",
        "tier_name": "普卡",
        "rate_percent": 100,
    }


@pytest.mark.parametrize("age", [80, 600])
def test_X04_an_old_code_finds_nobody(shop: Shop, now: dt.datetime, age: int) -> None:
    old = members.get_card(a_member(now), now - dt.timedelta(seconds=age)).code.code
    answer = shop.send("POST", PATH, {"code": old})

    assert (answer.status_code, answer.get_json()["code"]) == (404, "card.code_invalid")


@pytest.mark.parametrize("body", [{}, {"code": "1" * 21}, {"code": 5}, {"code": "1", "phone": "13900000001"}])
def test_a_malformed_question_is_refused(shop: Shop, body: dict) -> None:
    answer = shop.send("POST", PATH, body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_strangers_ask_in_vain(shop: Shop) -> None:
    assert shop.client.post(PATH, json={"code": "1" * 20}).status_code == 401
