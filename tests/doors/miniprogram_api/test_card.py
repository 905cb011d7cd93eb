"""The card on the phone: taken in one call, shown with a code that changes every minute."""

import base64
import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.membership import members
from tests.factories.members import NOTICE, a_member
from tests.factories.people import a_customer, signed_in
from tests.factories.platform import Platform


def log_in(client: FlaskClient, platform: Platform, person: Any) -> dict[str, str]:
    answer = client.post("/mp/v1/login", json={"code": platform.opens(person)})
    return {"Authorization": f"Bearer {answer.get_json()['token']}"}


def take(client: FlaskClient, headers: dict[str, str], **body: Any) -> Any:
    return client.post("/mp/v1/card", json={"notice_version": NOTICE, "agreed": True} | body, headers=headers)


def test_the_card_is_taken_in_one_call(client: FlaskClient, platform: Platform) -> None:
    person = platform.person()
    headers = log_in(client, platform, person)
    answer = take(client, headers, phone_code=platform.presses_phone_button(person), full_name="林晓月")

    card = answer.get_json()
    assert answer.status_code == 200, card
    assert (card["tier"]["name"], card["growth"], card["missing"]) == ("普卡", 0, 1000)
    assert len(card["card_number"]) == 16
    assert client.get("/mp/v1/card", headers=headers).get_json()["card_number"] == card["card_number"]


def test_C03_a_second_tap_gives_the_same_card_and_asks_the_platform_no_more(
    client: FlaskClient, platform: Platform
) -> None:
    person = platform.person()
    headers = log_in(client, platform, person)
    first = take(client, headers, phone_code=platform.presses_phone_button(person)).get_json()
    again = take(client, headers, phone_code=platform.presses_phone_button(person))

    assert (again.status_code, again.get_json()["card_number"]) == (200, first["card_number"])
    assert len(platform.calls("/wxa/business/getuserphonenumber")) == 1


def test_C04_a_second_wechat_with_the_same_phone_is_refused_kindly(client: FlaskClient, platform: Platform) -> None:
    first = platform.person(phone="13900000042")
    second = platform.person(phone="13900000042")
    take(client, log_in(client, platform, first), phone_code=platform.presses_phone_button(first), full_name="林晓月")
    headers = log_in(client, platform, second)
    refused = take(client, headers, phone_code=platform.presses_phone_button(second))

    problem = refused.get_json()
    assert (refused.status_code, problem["code"], problem["title"]) == (
        409,
        "card.phone_is_member",
        "该手机号已是会员",
    )
    assert problem["data"] == {"name": "林*", "phone_tail": "42"}
    assert client.get("/mp/v1/card", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"agreed": False}, 422, "request.invalid"),
        ({"agreed": 1}, 422, "request.invalid"),
        ({"notice_version": "2020-01"}, 422, "card.consent_missing"),
        ({"birthday": "2020-01-01"}, 403, "card.too_young"),
        ({"birthday": "2090-01-01"}, 422, "card.birthday_unlikely"),
        ({"birthday": "1812-01-01"}, 422, "request.invalid"),
        ({"birthday": 5}, 422, "request.invalid"),
        ({}, 422, "card.phone_needed"),
        ({"phone_code": "never-given"}, 422, "miniprogram.code_invalid"),
        ({"surprise": 1}, 422, "request.invalid"),
    ],
)
def test_what_speaks_against_a_card_is_said(
    client: FlaskClient, platform: Platform, body: dict, status: int, code: str
) -> None:
    headers = log_in(client, platform, platform.person())
    answer = take(client, headers, **body)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert client.get("/mp/v1/card", headers=headers).get_json()["code"] == "card.none"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", ""), ("GET", ""), ("GET", "/code"), ("GET", "/tiers"), ("PUT", "/profile")],
)
def test_strangers_see_nothing(client: FlaskClient, method: str, path: str) -> None:
    assert client.open(f"/mp/v1/card{path}", method=method, json={}).status_code == 401


def test_X04_the_code_lives_a_minute(
    client: FlaskClient, time_is: Callable[[dt.datetime], None], now: dt.datetime
) -> None:
    time_is(now)
    member = a_member(now)
    shown = client.get("/mp/v1/card/code", headers=signed_in(member)).get_json()
    expires_at = dt.datetime.fromisoformat(shown["expires_at"])

    assert dt.timedelta(seconds=49) < expires_at - now <= dt.timedelta(seconds=61)
    assert base64.b64decode(shown["image"].removeprefix("data:image/png;base64,")).startswith(b"\x89PNG")
    assert members.find_member_by_card_code(shown["code"], expires_at).customer_id == member
    for code, moment in ((shown["code"], expires_at + dt.timedelta(seconds=11)), ("1" * 20, now), ("x", now)):
        with pytest.raises(members.CardCodeInvalid):
            members.find_member_by_card_code(code, moment)


def test_guests_see_the_tiers(client: FlaskClient, database: object, now: dt.datetime) -> None:
    tiers = client.get("/mp/v1/card/tiers", headers=signed_in(a_customer(now))).get_json()["items"]

    lines = [(tier["name"], tier["threshold"], tier["keep"], tier["rate_percent"]) for tier in tiers]
    assert lines == [
        ("普卡", 0, 0, 100),
        ("银卡", 1000, 800, 110),
        ("金卡", 3000, 2400, 125),
        ("黑金卡", 8000, 6000, 150),
    ]
    assert "专属导购" in tiers[2]["benefits"]
    assert "包邮" in tiers[3]["benefits"]


def test_C11_the_birthday_is_set_once(client: FlaskClient, database: object, now: dt.datetime) -> None:
    headers = signed_in(a_member(now))
    first = client.put("/mp/v1/card/profile", json={"full_name": "林晓月", "birthday": "1996-02-29"}, headers=headers)
    same = client.put("/mp/v1/card/profile", json={"birthday": "1996-02-29"}, headers=headers)
    other = client.put("/mp/v1/card/profile", json={"birthday": "1996-03-01"}, headers=headers)

    assert (first.status_code, first.get_json()["birthday"], first.get_json()["full_name"]) == (
        200,
        "1996-02-29",
        "林晓月",
    )
    assert same.status_code == 200
    assert (other.status_code, other.get_json()["code"]) == (409, "card.birthday_set")
