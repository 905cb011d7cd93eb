"""Opening the mini-program: a code becomes a session of the right customer."""

import datetime as dt
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.gateways import miniprogram
from app.kernel.database import db
from app.kernel.redis import client as redis_client
from app.people import identity
from app.web import sessions
from tests.factories.members import a_member
from tests.factories.platform import Platform


def logged_in(client: FlaskClient, code: str) -> int:
    answer = client.post("/mp/v1/login", json={"code": code})
    assert answer.status_code == 200, answer.get_json()
    found = sessions.find_session("consumer", answer.get_json()["token"])
    assert found is not None
    life = identity.who.find_life(found["life_id"])
    assert life is not None
    return life.customer_id


def test_C03_opening_twice_is_the_same_customer(client: FlaskClient, platform: Platform) -> None:
    person = platform.person()
    first = logged_in(client, platform.opens(person))

    assert logged_in(client, platform.opens(person)) == first
    assert logged_in(client, platform.opens(platform.person())) != first


def test_C12_a_unionid_that_comes_late_does_not_make_a_second_customer(client: FlaskClient, platform: Platform) -> None:
    person = platform.person()
    platform.world(f"apps/{platform.appid}", bound=False)
    first = logged_in(client, platform.opens(person))
    platform.world(f"apps/{platform.appid}", bound=True)

    assert logged_in(client, platform.opens(person)) == first
    assert identity.find_customer(identity.identifier("unionid", person["unionid"])) == first


@pytest.mark.parametrize(
    ("errcode", "status", "code"),
    [
        (40029, 422, "miniprogram.code_invalid"),
        (40163, 422, "miniprogram.code_used"),
        (40226, 403, "miniprogram.login_blocked"),
        (45011, 429, "miniprogram.too_often"),
        (40164, 503, "miniprogram.refused"),
        (-1, 503, "miniprogram.unavailable"),
    ],
)
def test_what_the_platform_refuses_is_said_clearly(
    client: FlaskClient, platform: Platform, errcode: int, status: int, code: str
) -> None:
    platform.fault("/sns/jscode2session", "errcode", errcode=errcode, times=3)
    answer = client.post("/mp/v1/login", json={"code": "some-code"})

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.get_json()["detail"], "says what to do next"


@pytest.mark.parametrize("body", [{}, {"code": ""}, {"code": 7}, {"code": "a\0"}, {"code": "x", "more": 1}])
def test_a_malformed_request_is_refused(client: FlaskClient, body: dict) -> None:
    answer = client.post("/mp/v1/login", json=body)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_with_redis_emptied_one_signs_in_again_and_is_the_same(client: FlaskClient, platform: Platform) -> None:
    person = platform.person()
    first = logged_in(client, platform.opens(person))
    redis_client().flushdb()

    assert logged_in(client, platform.opens(person)) == first


def test_C01_who_has_no_card_is_a_guest_and_later_a_member(
    client: FlaskClient, platform: Platform, now: dt.datetime
) -> None:
    person = platform.person()
    guest = client.post("/mp/v1/login", json={"code": platform.opens(person)}).get_json()
    customer_id = identity.find_customer(identity.identifier("unionid", person["unionid"]))
    a_member(now, customer_id=customer_id)
    member = client.post("/mp/v1/login", json={"code": platform.opens(person)}).get_json()

    assert (guest["is_member"], member["is_member"]) == (False, True)


def test_the_platform_is_never_called_inside_a_transaction(
    client: FlaskClient, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = miniprogram.http().get_adapter("https://api.weixin.qq.com/")
    seen: list[bool] = []
    send = adapter.send

    def look_and_send(*args: Any, **kwargs: Any) -> Any:
        seen.append(db.session().in_transaction())
        return send(*args, **kwargs)

    monkeypatch.setattr(adapter, "send", look_and_send)
    logged_in(client, platform.opens(platform.person()))

    assert seen == [False]
