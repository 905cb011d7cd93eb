"""Every recorded push and reply of an account's followers: what is emitted has the recorded elements, in the recorded
style and order, and wechatpy reads it as it reads the recording; recorded replies are taken."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import wechatpy

from sandbox import demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform, recorded, recorded_text

Scene = Callable[[Account], Any]
TEMPLATE = demo.OA_TEMPLATES[0]["template_id"]
SUBSCRIPTIONS = [row["template_id"] for row in demo.OA_TEMPLATES if row.get("channel") == "subscription"]
CARD = {"thing1": "林晓", "character_string2": "A100", "phrase3": "银卡会员", "time4": "2026-11-22 15:00"}


def style(xml: str) -> list[tuple[str, str]]:
    """Every element in order: a container, a text in CDATA, or bare. White space does not count."""
    found = re.findall(r"<(\w+)>\s*(<!\[CDATA\[.*?\]\]>|[^<]*)", xml, re.DOTALL)
    return [
        (name, "CDATA" if inner.startswith("<!") else "bare" if inner.strip() else "holds") for name, inner in found
    ]


def follower(account: Account) -> Account:
    account.quietly("follow")
    account.drain()
    return account


def template_sent(account: Account, *, fault: str = "") -> None:
    if fault:
        account.platform.world("faults", path="/cgi-bin/message/template/send", kind=fault)
    data = {key: {"value": value} for key, value in CARD.items()}
    body = {"touser": follower(account).openid, "template_id": TEMPLATE, "data": data}
    assert account.post("/cgi-bin/message/template/send", body)["errcode"] == 0
    account.drain()


def subscription_sent(account: Account) -> None:
    account.act("oa_subscribe", answers={SUBSCRIPTIONS[0]: "accept"})
    values = {"thing1": "双十一", "time2": "15:00", "thing3": "准时"}
    data = {key: {"value": value} for key, value in values.items()}
    body = {"touser": account.openid, "template_id": SUBSCRIPTIONS[0], "data": data}
    assert account.post("/cgi-bin/message/subscribe/bizsend", body) == {"errcode": 0, "errmsg": "ok"}
    account.drain()


def cancelled(account: Account) -> None:
    account.act("oa_subscribe", answers={SUBSCRIPTIONS[0]: "accept"})
    account.act("unsubscribe", template_id=SUBSCRIPTIONS[0])


PUSHES: dict[str, Scene] = {
    "oa/message.text": lambda a: follower(a).act("say", text="this is a test"),
    "oa/message.image": lambda a: follower(a).act("say", type="image"),
    "oa/message.voice": lambda a: follower(a).act("say", type="voice"),
    "oa/message.video": lambda a: follower(a).act("say", type="video"),
    "oa/message.location": lambda a: follower(a).act(
        "say", type="location", lat=23.134521, lng=113.358803, label="位置"
    ),
    "oa/message.link": lambda a: follower(a).act("say", type="link", title="官网", description="官网", url="url"),
    "oa/event.subscribe": lambda a: a.act("follow"),
    "oa/event.subscribe-qrscene": lambda a: a.act("follow", scene="123123", ticket="TICKET"),
    "oa/event.subscribe-after-payment": lambda a: a.act("follow", paid="4008072001201701105817415015"),
    "oa/event.unsubscribe": lambda a: follower(a).act("unfollow"),
    "oa/event.SCAN": lambda a: follower(a).act("scan", scene="123123", ticket="TICKET"),
    "oa/event.LOCATION": lambda a: follower(a).act("locate", lat=23.137466, lng=113.352425),
    "oa/event.CLICK": lambda a: follower(a).act("click", key="EVENTKEY"),
    "oa/event.VIEW": lambda a: follower(a).act("view", url="www.qq.com"),
    "oa/event.view_miniprogram": lambda a: follower(a).act("view", pagepath="pages/index/index", menu_id=418),
    "oa/event.scancode_waitmsg": lambda a: follower(a).act("click", event="scancode_waitmsg", key="6", result="2"),
    "oa/event.TEMPLATESENDJOBFINISH.success": template_sent,
    "oa/event.TEMPLATESENDJOBFINISH.failed-system": lambda a: template_sent(a, fault="system_failed"),
    "oa/event.subscribe_msg_popup_event": lambda a: a.act(
        "oa_subscribe", answers={SUBSCRIPTIONS[0]: "accept", SUBSCRIPTIONS[1]: "reject"}
    ),
    "oa/event.subscribe_msg_change_event": cancelled,
    "oa/event.subscribe_msg_sent_event": subscription_sent,
    "oa/event.user_info_modified": lambda a: a.act("revoke", event="user_info_modified"),
}


@pytest.mark.parametrize("name", PUSHES)
def test_a_push_is_written_as_recorded(platform: Platform, name: str) -> None:
    wanted = recorded_text(f"{name}.xml")
    account = Account(platform)
    PUSHES[name](account)
    arrived = account.last()
    assert style(arrived.body) == style(wanted)
    assert arrived.content_type == "text/xml"
    ours, theirs = wechatpy.parse_message(arrived.body), wechatpy.parse_message(wanted)
    assert type(ours) is type(theirs)
    assert getattr(ours, "event", None) == getattr(theirs, "event", None)


def test_recorded_words_are_emitted_to_the_letter(platform: Platform) -> None:
    account = Account(platform)
    template_sent(account, fault="system_failed")
    assert wechatpy.parse_message(account.last().body).status == "failed: system failed"
    account.quietly("relation", blocked=True)
    template_sent(account)
    assert wechatpy.parse_message(account.last().body).status == "failed:user block"
    account.quietly("relation", blocked=False)
    template_sent(account)
    assert wechatpy.parse_message(account.last().body).status == "success"


RAW = [
    "event.MASSSENDJOBFINISH", "event.card_pass_check", "event.submit_membercard_user_info",
    "event.update_member_card", "event.user_consume_card", "event.user_del_card", "event.user_get_card",
    "event.user_pay_from_pay_cell",
]  # fmt: skip


@pytest.mark.parametrize("name", RAW)
def test_recorded_events_without_an_act_are_pushed_as_given(platform: Platform, name: str) -> None:
    account = Account(platform)
    fields = fields_of(recorded_text(f"oa/{name}.xml"))
    account.act("push", fields=fields)
    assert fields_of(account.last().body) == fields
    assert account.pushes()[-1]["name"] == fields["Event"]


def fields_of(xml: str) -> dict[str, Any]:
    """What follows CreateTime, a bare number as a number."""
    pairs = re.findall(
        r"<(\w+)>\s*(?:<!\[CDATA\[(.*?)\]\]>|(\d+))\s*</\1>", xml.partition("</CreateTime>")[2], re.DOTALL
    )
    return {name: int(number) if number else text for name, text, number in pairs}


def json_style(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: json_style(item) for key, item in value.items()}
    return [json_style(item) for item in value] if isinstance(value, list) else type(value).__name__


def popup(account: Account, *, count: int) -> None:
    account.act("subscribe", answers={row["template_id"]: "accept" for row in demo.TEMPLATES[:count]})


def card_sent(account: Account) -> None:
    template_id = demo.TEMPLATES[4]["template_id"]
    account.act("subscribe", answers={template_id: "accept"})
    values = {"name1": "林晓", "phrase2": "金卡会员", "date3": "2026-11-22"}
    data = {key: {"value": value} for key, value in values.items()}
    body = {"touser": account.openid, "template_id": template_id, "data": data}
    assert account.post("/cgi-bin/message/subscribe/send", body)["errcode"] == 0
    account.drain()


JSON_PUSHES: dict[str, Scene] = {
    "mp/event.subscribe_msg_popup_event.object": lambda a: popup(a, count=1),
    "mp/event.subscribe_msg_sent_event": card_sent,
    "mp/event.user_authorization_revoke": lambda a: a.act("revoke", revoke_info="201"),
}


@pytest.mark.parametrize("name", JSON_PUSHES)
def test_a_push_of_the_miniprogram_is_written_as_recorded(platform: Platform, name: str) -> None:
    account = Account(platform, appid=demo.APPID)
    JSON_PUSHES[name](account)
    assert json_style(json.loads(account.last().body)) == json_style(recorded(name))
    assert account.last().content_type == "application/json"


def test_several_templates_are_an_array_in_json(platform: Platform) -> None:
    account = Account(platform, appid=demo.APPID)
    popup(account, count=2)
    wanted, got = recorded("mp/event.subscribe_msg_popup_event.array"), json.loads(account.last().body)
    assert json_style(got["List"]) == json_style(wanted["List"]) * 2
    assert {key: type(value) for key, value in got.items()} == {key: type(value) for key, value in wanted.items()}
    text = recorded("mp/message.text")
    account.act("say", text="this is a test")
    said = json.loads(account.last().body)
    assert {**json_style(said), "BusinessId": "int"} == json_style(text)


REPLIES = ["reply.text", "reply.image", "reply.news"]


@pytest.mark.parametrize("name", REPLIES)
def test_recorded_replies_reach_the_person(platform: Platform, name: str) -> None:
    account = follower(Account(platform))
    raw = (
        recorded_text(f"oa/{name}.xml")
        .replace("toUser", account.openid)
        .replace("fromUser", account.app["original_id"])
    )
    account.product.answers = [raw.encode()]
    account.act("say", text="你好")
    assert account.received()["kinds"] == {"passive": 1}
    assert account.chat()[-1]["type"] == name.partition(".")[2]


def test_recorded_hand_over_goes_to_customer_service(platform: Platform) -> None:
    account = follower(Account(platform))
    raw = recorded_text("oa/reply.transfer_customer_service.xml")
    raw = raw.replace("touser", account.openid).replace("fromuser", account.app["original_id"])
    account.product.answers = [raw.encode()]
    account.act("say", text="人工")
    last = account.chat()[-1]
    assert (last["by"], last["kind"], last["account"]) == ("platform", "transfer", "test1@test")
    assert account.received() == {}
