"""Asked before the first personal datum, each purpose by itself."""

import datetime as dt

import pytest
from flask.testing import FlaskClient

from tests.factories.people import a_customer, signed_in

PATH = "/mp/v1/consents"


@pytest.fixture
def guest(client: FlaskClient, now: dt.datetime) -> dict[str, str]:
    return signed_in(a_customer(now))


def test_L01_a_person_agrees_to_some_and_refuses_others(client: FlaskClient, guest: dict) -> None:
    before = client.get(PATH, headers=guest).get_json()
    body = {"notice_version": before["notice_version"], "answers": {"notice": True, "marketing": False}}
    answer = client.post(PATH, json=body, headers=guest).get_json()
    after = client.get(PATH, headers=guest).get_json()

    assert {item["granted"] for item in before["items"]} == {None}
    assert answer == after
    assert [item["granted"] for item in after["items"][:3]] == [True, False, None]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"notice_version": "1999", "answers": {"notice": True}}, 409, "privacy.notice_outdated"),
        ({"notice_version": "2026-05", "answers": {"resale": True}}, 422, "privacy.purpose_unknown"),
        ({"notice_version": "2026-05", "answers": {}}, 422, "request.invalid"),
        ({"notice_version": "2026-05", "answers": {"notice": "yes"}}, 422, "request.invalid"),
        ({"notice_version": "2026-05", "answers": {"notice": None}}, 422, "request.invalid"),
        ({"notice_version": "2026-05", "answers": [1]}, 422, "request.invalid"),
        ({"notice_version": "2026-05", "answers": {"no\0tice": True}}, 422, "request.invalid"),
        ({"answers": {"notice": True}}, 422, "request.invalid"),
    ],
)
def test_what_cannot_be_recorded_is_refused(
    client: FlaskClient, guest: dict, body: dict, status: int, code: str
) -> None:
    answer = client.post(PATH, json=body, headers=guest)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_taking_back_the_notice_says_where_to_close_the_account(client: FlaskClient, guest: dict) -> None:
    for granted in (True, False):
        answer = client.post(PATH, json={"notice_version": "2026-05", "answers": {"notice": granted}}, headers=guest)

    assert (answer.status_code, answer.get_json()["code"]) == (409, "privacy.notice_stands")


@pytest.mark.usefixtures("database")
def test_consents_belong_to_somebody_who_logged_in(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 401
    assert client.post(PATH, json={}).status_code == 401
