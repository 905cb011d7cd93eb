"""A person sees and sets by which channels marketing comes; the page learns for which messages to ask."""

import datetime as dt

import pytest
from flask.testing import FlaskClient

from app.kernel import cached
from app.kernel.database import db
from app.outreach import materials
from app.outreach.materials import PlatformTemplate
from tests.factories.channels import a_delivery, a_person, a_purpose, grant, told
from tests.factories.people import APPID, signed_in

PATH = "/mp/v1/message-preferences"


@pytest.fixture
def person(client: FlaskClient, now: dt.datetime) -> int:
    return a_person(now)


@pytest.fixture
def headers(person: int) -> dict[str, str]:
    return signed_in(person)


def allowed(answer: dict) -> dict[str, bool]:
    return {item["channel"]: item["allowed"] for item in answer["items"]}


def test_R02_what_is_switched_off_does_not_come_any_more(
    client: FlaskClient, person: int, headers: dict, now: dt.datetime
) -> None:
    marketing = a_purpose(now, "sms", kind="marketing")
    assert set(allowed(client.get(PATH, headers=headers).get_json()).values()) == {True}

    answer = client.post(PATH, json={"answers": {"sms": False}}, headers=headers).get_json()

    assert [name for name, yes in allowed(answer).items() if not yes] == ["sms"]
    assert client.get(PATH, headers=headers).get_json() == answer
    assert told(a_delivery(marketing, person, now, state="planned"), now) == "refused"
    client.post(PATH, json={"answers": {"sms": True, "all": False}}, headers=headers)
    assert told(a_delivery(marketing, person, now, state="planned"), now) == "refused"
    client.post(PATH, json={"answers": {"all": True}}, headers=headers)
    assert told(a_delivery(marketing, person, now, state="planned"), now) == "sms"


@pytest.mark.parametrize("body", [{}, {"answers": {}}, {"answers": {"pigeon": False}}, {"answers": {"sms": "no"}}])
def test_what_cannot_be_set_is_refused(client: FlaskClient, headers: dict, body: dict) -> None:
    answer = client.post(PATH, json=body, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_R01_three_templates_at_most_are_asked_for_and_those_that_are_short(
    client: FlaskClient, person: int, headers: dict, now: dt.datetime
) -> None:
    for code in ("booking_confirmed", "booking_tomorrow", "booking_changed", "booking_cancelled"):
        a_purpose(now, "mp_subscription", code=code, template=f"t-{code}")
    grant(person, now, "accept", "accept", template="t-booking_tomorrow")
    cached.forget_all()

    asked = client.get(f"{PATH}/templates?tap=booking", headers=headers).get_json()["template_ids"]

    assert asked == ["t-booking_confirmed", "t-booking_changed", "t-booking_cancelled"]


def test_R01_nothing_is_asked_for_that_the_platform_does_not_have(
    client: FlaskClient, headers: dict, now: dt.datetime
) -> None:
    there = a_purpose(now, "mp_subscription", code="order_shipped", template="t-1")
    a_purpose(now, "mp_subscription", code="order_refunded", template="t-2")
    off = a_purpose(now, "mp_subscription", code="points_changed", template="t-1")
    materials.purposes.switch(off.id, enabled=False, now=now)
    db.session.add(
        PlatformTemplate(account=APPID, template_id="t-1", channel="mp_subscription", title="", fields={}, seen_at=now)
    )
    cached.forget_all()

    asked = client.get(f"{PATH}/templates?tap=order", headers=headers).get_json()["template_ids"]

    assert there
    assert asked == ["t-1"]
    assert client.get(f"{PATH}/templates?tap=coupon", headers=headers).get_json() == {"template_ids": []}


def test_a_tap_that_nobody_knows_is_refused(client: FlaskClient, headers: dict) -> None:
    assert client.get(f"{PATH}/templates?tap=kiss", headers=headers).status_code == 422


@pytest.mark.usefixtures("database")
def test_settings_belong_to_somebody_who_logged_in(client: FlaskClient) -> None:
    assert client.get(PATH).status_code == 401
    assert client.post(PATH, json={}).status_code == 401
    assert client.get(f"{PATH}/templates?tap=card").status_code == 401
