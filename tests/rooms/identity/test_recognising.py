"""Who is this? One customer behind the ids of every channel."""

import datetime as dt

import pytest

from app.people import identity
from tests.factories.people import APPID, a_customer


def openid(value: str) -> identity.Identifier:
    return identity.identifier("openid", value, scope=APPID)


def unionid(value: str) -> identity.Identifier:
    return identity.identifier("unionid", value)


def phone(value: str) -> identity.Identifier:
    return identity.identifier("phone", value)


@pytest.fixture
def noise(database: object, now: dt.datetime) -> int:
    """Somebody else, whom no question may find."""
    return a_customer(now, openid="o-noise", phone="13900009999")


@pytest.mark.usefixtures("noise")
def test_the_same_id_is_the_same_customer(now: dt.datetime) -> None:
    first = identity.recognise([openid("o-1")], source="miniprogram", now=now)

    assert identity.recognise([openid("o-1")], source="miniprogram", now=now) == first
    assert identity.find_customer(openid("o-1")) == first
    assert identity.find_customer(openid("o-2")) is None


@pytest.mark.usefixtures("noise")
def test_C12_two_openids_with_one_unionid_are_one_customer(now: dt.datetime) -> None:
    first = identity.recognise([openid("o-1"), unionid("u-1")], source="miniprogram", now=now)
    other_app = identity.identifier("openid", "o-9", scope="wxffffffffffffffff")

    assert identity.recognise([other_app, unionid("u-1")], source="miniprogram", now=now) == first
    assert identity.find_customer(other_app) == first


@pytest.mark.usefixtures("noise")
def test_C12_a_unionid_that_appears_late_is_linked(now: dt.datetime) -> None:
    first = identity.recognise([openid("o-1")], source="miniprogram", now=now)
    identity.recognise([openid("o-1"), unionid("u-1")], source="miniprogram", now=now)

    assert identity.find_customer(unionid("u-1")) == first
