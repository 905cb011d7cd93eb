"""L04: what the platform says must go is gone, and only that; people keep what they have."""

import datetime as dt
import json
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel import inbox
from app.kernel.crypto import decrypt
from app.kernel.database import db
from app.knowledge import tracking
from app.membership import members
from app.people import contacts, identity
from tests.conftest import NOW
from tests.factories.members import a_member
from tests.factories.people import a_customer
from tests.factories.pushes import MP, OA, Pushing, a_text, an_event

AT = int(NOW.timestamp())
OPENID = {OA: "oLeaves0000000000000000oa01", MP: "oLeaves0000000000000000mp01"}
PHONE, UNIONID = "+8613912345678", "oUnionOfWhoLeaves00001"


@pytest.fixture
def leaving(client: FlaskClient, time_is: Callable[[dt.datetime], None]) -> int:
    """A member with a picked phone and a name, who follows, wrote and said where they are."""
    time_is(NOW + dt.timedelta(minutes=1))
    customer_id = a_member(NOW, customer_id=a_customer(NOW, openid=OPENID[MP], phone=PHONE))
    members.change_profile(customer_id=customer_id, full_name="林晓月", now=NOW)
    for known in (identity.identifier("openid", OPENID[OA], scope=OA), identity.identifier("unionid", UNIONID)):
        identity.attach(customer_id=customer_id, identifier=known, proof="proven", now=NOW)
    oa = Pushing(client)
    for message in (
        an_event(OPENID[OA], "subscribe", AT), a_text(OPENID[OA], "我的手机号是 139", AT),
        an_event(OPENID[OA], "LOCATION", AT, Latitude="31.2", Longitude="121.4"),
    ):  # fmt: skip
        oa.push(message)
    work()
    return customer_id


def work() -> None:
    now = NOW + dt.timedelta(minutes=2)
    inbox.perform(inbox.lease_due(now=now), now=now)


def withdraw(client: FlaskClient, appid: str, event: str, **more: str) -> None:
    """The platform itself says it; whom it is about stands in OpenID."""
    said = {"FromUserName": "oPlatform", "CreateTime": AT + 9, "MsgType": "event", "Event": event, "AppID": appid}
    Pushing(client, appid).push(json.dumps(said | {" OpenID": OPENID[appid]} | more))
    work()


def left(customer_id: int) -> dict[str, bool]:
    """What is still known of them."""
    kinds = {event.kind for event in tracking.list_events(customer_id, limit=100).items}
    ids = {(one.kind, one.scope) for one in identity.list_identities(customer_id)}
    return {
        "name": bool(members.get_member(customer_id).full_name),
        "phone": ("phone", "") in ids,
        "places": "wechat_location" in kinds,
        "words": "wechat_message" in kinds,
        "oa": ("openid", OA) in ids,
        "union": ("unionid", "") in ids,
    }


EVERYTHING = {"name", "phone", "places", "words", "oa", "union"}
CASES = [
    (OA, "user_authorization_revoke", {"RevokeInfo": "206"}, {"places"}),
    (OA, "user_authorization_revoke", {"RevokeInfo": "205"}, {"name"}),
    (OA, "user_authorization_revoke", {"RevokeInfo": "201"}, set()),
    (MP, "user_authorization_revoke", {"RevokeInfo": "8"}, {"phone"}),
    (MP, "user_authorization_revoke", {"RevokeInfo": "977"}, {"name", "phone", "places", "words"}),
    (MP, "user_authorization_revoke", {}, {"name", "phone", "places", "words"}),
    (OA, "user_info_modified", {}, {"name"}),
    (OA, "user_authorization_cancellation", {}, EVERYTHING),
]


@pytest.mark.parametrize(("appid", "event", "more", "gone"), CASES, ids=range(len(CASES)))
def test_L04_what_was_withdrawn_is_deleted_and_nothing_else(
    client: FlaskClient, leaving: int, appid: str, event: str, more: dict[str, str], gone: set[str]
) -> None:
    assert left(leaving) == dict.fromkeys(EVERYTHING, True)
    for _ in range(2):
        withdraw(client, appid, event, **more)
    assert {name for name, there in left(leaving).items() if not there} == gone
    assert members.are_members([leaving]) == {leaving}, "the card and what is on it stay"


def test_L04_of_a_closed_account_no_value_is_left_and_nobody_is_reached_there(
    client: FlaskClient, leaving: int
) -> None:
    withdraw(client, OA, "user_authorization_cancellation")
    rows = db.session.execute(text("SELECT kind, value FROM identity WHERE until IS NOT NULL")).all()
    assert sorted((row.kind, decrypt(bytes(row.value))) for row in rows) == [
        ("openid", ""),
        ("phone", ""),
        ("unionid", ""),
    ]
    assert contacts.followers.who_follow([leaving], [OA]) == {}
    assert identity.find_customer(identity.identifier("phone", PHONE)) is None
