"""The points mall on the phone."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from tests.factories.people import signed_in
from tests.factories.rewards import a_reward, a_rich_member

KEY = {"Idempotency-Key": "mall-0001"}


@pytest.fixture
def headers(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> dict[str, str]:
    time_is(now)
    return signed_in(a_rich_member(now, 1_000))


def test_an_exchange_costs_once_however_often_the_key_comes(
    client: FlaskClient, headers: dict, now: dt.datetime
) -> None:
    body = {"reward_id": seal("reward", a_reward(now, total=3, per_customer=1).id)}
    first = client.post("/mp/v1/mall/exchange", json=body, headers=headers | KEY)
    again = client.post("/mp/v1/mall/exchange", json=body, headers=headers | KEY)

    assert (first.status_code, first.get_json()) == (201, again.get_json())
    assert (first.get_json()["state"], first.get_json()["points"]) == ("waiting", 500)
    (listed,) = client.get("/mp/v1/mall/exchanges", headers=headers).get_json()["items"]
    assert listed["pickup_code"] == first.get_json()["pickup_code"]
    (shown,) = client.get("/mp/v1/mall", headers=headers).get_json()["items"]
    assert (shown["left"], shown["mine"], shown["why_not"]) == (2, 1, "limit_reached")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"points": 1_001}, 409, "points.insufficient"),
        ({"total": 0}, 409, "reward.sold_out"),
    ],
)
def test_what_cannot_be_had_is_refused(
    client: FlaskClient, headers: dict, now: dt.datetime, changes: dict, status: int, code: str
) -> None:
    body = {"reward_id": seal("reward", a_reward(now, **changes).id)}
    answer = client.post("/mp/v1/mall/exchange", json=body, headers=headers | KEY)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_gift_is_given_up_by_its_owner_alone(client: FlaskClient, headers: dict, now: dt.datetime) -> None:
    body = {"reward_id": seal("reward", a_reward(now).id)}
    made = client.post("/mp/v1/mall/exchange", json=body, headers=headers | KEY).get_json()
    path = f"/mp/v1/mall/exchanges/{made['exchange_id']}/cancel"

    assert client.post(path, headers=signed_in(a_rich_member(now))).get_json()["code"] == "reward.exchange_unknown"
    assert client.post(path, headers=headers).get_json()["state"] == "cancelled"


def test_what_is_malformed_or_unsigned_is_refused(client: FlaskClient, headers: dict) -> None:
    assert client.post("/mp/v1/mall/exchange", json={"reward_id": "x"}, headers=headers | KEY).status_code == 422
    assert client.post("/mp/v1/mall/exchange", json={}, headers=headers).status_code == 422
    assert client.get("/mp/v1/mall/exchanges?cursor=AAAA", headers=headers).status_code == 422
    assert client.get("/mp/v1/mall").status_code == 401
