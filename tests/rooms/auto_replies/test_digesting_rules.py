"""What a push means, without any table."""

import datetime as dt
from typing import Any

import pytest

from app.outreach.auto_replies.rules.digesting import LONGEST_TEXT, Arrival, Meaning, read
from app.outreach.auto_replies.rules.withdrawing import Going, what_goes

NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)
AT = int(NOW.timestamp())


def event(name: str, **more: Any) -> Meaning:
    fields = {"FromUserName": "oAnn", "CreateTime": AT - 60, "MsgType": "event", "Event": name, **more}
    return read(fields, received_at=NOW)


@pytest.mark.parametrize(
    ("code", "status", "end"),
    [("0", "success", (True, "")), ("43101", "failed:user refuse", (False, "43101")), ("", "success", (True, ""))],
)
def test_a_subscription_message_arrived_or_not(code: str, status: str, end: tuple[bool, str]) -> None:
    item = {"TemplateId": "t", "MsgID": "9", "ErrorCode": code, "ErrorStatus": status}
    for more in ({"List": item}, {"List": [item]}, {"SubscribeMsgSentEvent": {"List": item}}):
        assert event("subscribe_msg_sent_event", **more).arrivals == (Arrival("9", "t", *end),)


@pytest.mark.parametrize(("status", "arrived"), [("send success", True), ("send fail", False), ("err(30003)", False)])
def test_a_mass_send_speaks_of_nobody(status: str, arrived: bool) -> None:
    meant = event("MASSSENDJOBFINISH", MsgID="1", Status=status)
    assert (meant.openid, meant.is_met, meant.arrivals[0].arrived) == ("", False, arrived)


@pytest.mark.parametrize("told", ["", "soon", "-5", "123456789", str(AT + 3600), "9" * 40])
def test_a_time_that_cannot_be_is_when_it_came(told: str) -> None:
    assert event("CLICK", CreateTime=told, EventKey="k").at == NOW


def test_an_after_payment_follow_has_no_scene() -> None:
    meant = event("subscribe", EventKey="last_trade_no_4008072001201701105817415015")
    assert (meant.follows, meant.scene, meant.way, meant.opens) == (True, "", "paid", "follow")


def test_names_are_compared_without_case_and_blanks() -> None:
    meant = event("USER_AUTHORIZATION_REVOKE", **{" OpenID": "oBob", "RevokeInfo": "8"})
    assert (meant.openid, meant.withdrawn, meant.revoked) == ("oBob", "revoked", ("8",))


def test_what_tables_cannot_hold_is_left_out() -> None:
    said = {"FromUserName": "oAnn", "MsgType": "text", "Content": "a\0b\ud800" + "长" * 9_000, "MsgId": 1}
    told = read(said, received_at=NOW).data["text"]
    assert (told[:3], len(told)) == ("ab长", LONGEST_TEXT)
    assert read({"MsgType": ["x"], "Event": {"a": 1}}, received_at=NOW).kind == "wechat_message"


def test_places_that_are_nowhere_are_left_out() -> None:
    assert event("LOCATION", Latitude="nan", Longitude="500").data == {}


def test_L04_a_number_that_nobody_knows_means_everything() -> None:
    assert what_goes("revoked", ["206", "x"]) == Going(phone=True, name=True, places=True, words=True)
    assert what_goes("revoked", ["206", "205"]) == Going(name=True, places=True)
    assert what_goes("closed", []) == Going(True, True, True, True, True)
