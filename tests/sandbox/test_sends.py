"""What an account sends to its followers: template messages, subscription notices, customer-service messages."""

from typing import Any

import pytest

from sandbox import demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform, recorded

SEND = "/cgi-bin/message/template/send"
SERVICE = "/cgi-bin/message/custom/send"
TEMPLATE = demo.OA_TEMPLATES[0]["template_id"]
REFUND = demo.OA_TEMPLATES[11]["template_id"]
NOTICE = next(row["template_id"] for row in demo.OA_TEMPLATES if row.get("channel") == "subscription")
CARD = {"thing1": "林晓", "character_string2": "A100", "phrase3": "银卡会员", "time4": "2026-11-22 15:00"}
REFUNDED = {"character_string1": "E20261122", "amount2": "￥29.90", "const3": "原路退回", "time4": "2026-11-22 15:00"}
ACTIVITY = {"thing1": "双十一", "time2": "15:00", "thing3": "准时"}


def data_of(values: dict[str, str]) -> dict[str, Any]:
    return {key: {"value": value} for key, value in values.items()}


def template(account: Account, *, values: dict[str, str] = CARD, **more: Any) -> Any:
    body = {"touser": account.openid, "template_id": TEMPLATE, "data": data_of(values), **more}
    return account.post(SEND, body)


def service(account: Account, **more: Any) -> Any:
    body = {"touser": account.openid, "msgtype": "text", "text": {"content": "您好"}, **more}
    return account.post(SERVICE, body)["errcode"]


@pytest.fixture
def account(platform: Platform) -> Account:
    found = Account(platform)
    found.act("follow")
    return found


def test_a_template_message_arrives_and_its_job_finishes(account: Account) -> None:
    answer = template(account, url="https://shop.example/a")
    assert set(answer) == {"errcode", "errmsg", "msgid"}
    assert 2**53 < answer["msgid"] < 2**63
    assert account.drain(due_only=True) == 0
    account.drain()
    assert f"<MsgID>{answer['msgid']}</MsgID>" in account.last().body
    message = account.platform.http.get(f"/_world/people/{account.person['person_id']}/messages").json["messages"][-1]
    assert (message["kind"], message["url"], message["title"]) == (
        "template",
        "https://shop.example/a",
        "会员卡绑定成功通知",
    )
    assert {row["key"]: row["value"] for row in message["rows"]} == CARD
    assert account.received()["templates"] == {TEMPLATE: 1}


def test_the_same_client_msg_id_is_one_message_for_ten_minutes(account: Account) -> None:
    first = template(account, client_msg_id="MSG_1")
    account.platform.world("clock", advance=595)
    assert template(account, client_msg_id="MSG_1")["msgid"] == first["msgid"]
    assert template(account, client_msg_id="MSG_2")["msgid"] != first["msgid"]
    assert account.received()["kinds"] == {"template": 2}
    account.platform.world("clock", advance=10)
    assert template(account, client_msg_id="MSG_1")["msgid"] != first["msgid"]
    assert account.received()["kinds"] == {"template": 3}
    assert len([row for row in account.pushes() if row["name"] == "TEMPLATESENDJOBFINISH"]) == 3
    template(account)
    template(account)
    assert account.received()["kinds"] == {"template": 5}


def test_client_msg_ids_are_kept_apart_by_person(account: Account) -> None:
    first = template(account, client_msg_id="MSG_1")
    other = Account(account.platform)
    other.act("follow")
    assert template(other, client_msg_id="MSG_1")["msgid"] != first["msgid"]
    assert (account.received()["total"], other.received()["total"]) == (1, 1)


def test_a_lost_answer_with_client_msg_id_is_safe_to_repeat(account: Account) -> None:
    account.platform.world("faults", path=SEND, kind="lost_answer")
    template(account, client_msg_id="MSG_1")
    template(account, client_msg_id="MSG_1")
    assert account.received()["kinds"] == {"template": 1}


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "unknown person": ({"touser": "nobody"}, 40003),
    "short id": ({"template_id": "short"}, 40036),
    "unknown id": ({"template_id": "x" * 43}, 40037),
    "id of the other list": ({"template_id": NOTICE}, 40037),
    "no data": ({"data": None}, 47003),
    "missing key": ({"data": data_of({"thing1": "林晓"})}, 47003),
    "empty value": ({"data": data_of({**CARD, "thing1": " "})}, 47003),
    "too long": ({"data": data_of({**CARD, "thing1": "字" * 21})}, 47003),
    "not Chinese": ({"data": data_of({**CARD, "phrase3": "13笔"})}, 47003),
    "foreign key": ({"data": data_of({**CARD, "thing9": "x"})}, 47003),
    "not of its list": ({"template_id": REFUND, "data": data_of({**REFUNDED, "const3": "支票"})}, 47003),
    "sensitive": ({"data": data_of({**CARD, "thing1": "网络诈骗"})}, 45168),
    "unknown mini-program": ({"miniprogram": {"appid": "wx0000000000000000", "pagepath": "a"}}, 40013),
    "unreleased page": ({"miniprogram": {"appid": demo.APPID, "pagepath": "pages/none"}}, 40165),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_template_messages_reach_nobody(account: Account, name: str) -> None:
    more, errcode = REFUSED[name]
    before = len(account.pushes())
    assert template(account, **more)["errcode"] == errcode
    assert account.received() == {}
    assert len(account.pushes()) == before


def test_recorded_errors_are_answered_to_the_letter(account: Account) -> None:
    account.platform.world("switches", template_per_person_minute=1)
    cases = {
        "oa/template_send.error-40036": {"template_id": "short"},
        "oa/template_send.error-40037": {"template_id": "x" * 43},
    }
    for name, more in cases.items():
        wanted, got = recorded(name), template(account, **more)
        assert got["errcode"] == wanted["errcode"]
        assert got["errmsg"].partition(" rid: ")[0] == wanted["errmsg"].partition(" rid: ")[0]
    assert template(account)["errcode"] == 0
    wanted, got = recorded("oa/template_send.error-43117"), template(account)
    assert (got["errcode"], got["errmsg"].partition(" rid: ")[0]) == (wanted["errcode"], wanted["errmsg"])
    account.platform.world("clock", advance=60)
    assert template(account)["errcode"] == 0


def test_the_recorded_phrase_fails_at_its_key(account: Account) -> None:
    fields = ["thing1", "phrase4"]
    account.platform.world(f"apps/{demo.OA_APPID}/templates", template_id="T" * 43, fields=fields)
    got = template(account, template_id="T" * 43, values={"thing1": "一", "phrase4": "13笔"})
    wanted = recorded("oa/template_send.error-47003-phrase")
    assert got["errmsg"].partition(" rid: ")[0] == wanted["errmsg"].partition(" rid: ")[0]


def test_the_recorded_request_is_taken(account: Account) -> None:
    request = recorded("oa/template_send.request")
    world = account.platform.world
    world(f"apps/{demo.OA_APPID}/templates", template_id=request["template_id"], fields=list(request["data"]))
    world("apps", appid=request["miniprogram"]["appid"], pages=["index"])
    answer = account.post(SEND, {**request, "touser": account.openid})
    wanted = recorded("oa/template_send.response")
    assert {key: type(value) for key, value in answer.items()} == {key: type(value) for key, value in wanted.items()}


def test_who_left_is_not_reached_and_old_texts_are_passed_over(account: Account) -> None:
    answer = template(account, values={**CARD, "first": "您好", "remark": "谢谢"})
    assert answer["errcode"] == 0
    account.act("unfollow")
    assert template(account)["errcode"] == 43004
    account.act("follow")
    assert template(account)["errcode"] == 0
    account.quietly("relation", blacklisted=True)
    assert template(account)["errcode"] == 43019
    assert account.received()["kinds"] == {"template": 2}


def test_a_disabled_template_and_a_used_up_day(account: Account) -> None:
    account.platform.world(f"apps/{demo.OA_APPID}", limits={SEND: {"daily": 2}})
    assert [template(account)["errcode"] for _ in range(3)] == [0, 0, 45009]
    account.platform.world("clock", advance=86400)
    account.platform.world(
        f"apps/{demo.OA_APPID}/templates", template_id=TEMPLATE, fields=list(CARD), channel="template", banned=True
    )
    assert template(account)["errcode"] == 43116
    quota = account.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/message/custom/send"})["quota"]
    assert quota["daily_limit"] == 500_000


def test_people_who_refuse_are_told_of_later_and_receive_nothing(account: Account) -> None:
    account.platform.world(f"people/{account.person['person_id']}", accepts_messages=False)
    assert template(account)["errcode"] == 0
    account.drain()
    assert account.pushes()[-1]["fields"]["Status"] == "failed:user block"
    assert account.received() == {}


def test_a_miniprogram_may_not_use_the_accounts_paths(platform: Platform) -> None:
    assert platform.post(SEND, {"touser": "x"})["errcode"] == 48001
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    assert platform.post("/cgi-bin/message/subscribe/send", {"touser": "x"})["errcode"] == 48001


def bizsend(account: Account, **more: Any) -> Any:
    body = {"touser": account.openid, "template_id": NOTICE, "data": data_of(ACTIVITY), **more}
    return account.post("/cgi-bin/message/subscribe/bizsend", body)["errcode"]


def test_a_subscription_notice_takes_one_grant(platform: Platform) -> None:
    account = Account(platform)
    assert bizsend(account) == 43101
    account.act("oa_subscribe", answers={NOTICE: "accept"})
    account.act("oa_subscribe", answers={NOTICE: "accept"})
    assert [bizsend(account) for _ in range(3)] == [0, 0, 43101]
    assert account.received() | {"appid": "", "to": ""} == {
        "appid": "", "to": "", "kinds": {"subscription": 2}, "templates": {NOTICE: 2}, "total": 2,
    }  # fmt: skip
    account.drain()
    assert [row["name"] for row in account.pushes()][-2:] == ["subscribe_msg_sent_event"] * 2
    assert bizsend(account, template_id=TEMPLATE) == 40037
    assert bizsend(account, data=data_of({**ACTIVITY, "time2": "下午三点"})) == 47003


def test_cancelling_a_subscription_loses_the_grants_and_is_told(platform: Platform) -> None:
    account = Account(platform)
    account.act("oa_subscribe", answers={NOTICE: "accept"})
    assert account.act("unsubscribe", template_id=NOTICE) == {"lost": 1}
    assert account.pushes()[-1]["name"] == "subscribe_msg_change_event"
    assert bizsend(account) == 43101


def test_the_recorded_subscription_request_is_taken(platform: Platform) -> None:
    request = recorded("oa/subscribe_bizsend.request")
    account = Account(platform)
    kept = {"template_id": request["template_id"], "fields": list(request["data"]), "channel": "subscription"}
    platform.world(f"apps/{demo.OA_APPID}/templates", **kept)
    platform.world("apps", appid="APPID", pages=["index"])
    account.act("oa_subscribe", answers={request["template_id"]: "accept"})
    taken = {**request, "touser": account.openid}
    refused = account.post("/cgi-bin/message/subscribe/bizsend", taken)
    assert refused["errcode"] == 47003  # by the table a time needs its clock time; the sample has a date alone
    platform.world("switches", time_takes_date=True)
    assert account.post("/cgi-bin/message/subscribe/bizsend", taken)["errcode"] == 0


BUCKETS = [
    ("say", {"text": "你好"}, 5, 48 * 3600),
    ("click", {"key": "K"}, 3, 60),
    ("scan", {"scene": "1"}, 3, 60),
    ("say", {"text": "菜单一", "menu_message_id": "101"}, 3, 60),
]


@pytest.mark.parametrize(("act", "body", "count", "seconds"), BUCKETS)
def test_each_act_opens_its_own_bucket(account: Account, act: str, body: Any, count: int, seconds: int) -> None:
    advance = account.platform.world
    advance("clock", advance=61)
    assert service(account) == 45015
    account.act(act, **body)
    assert [service(account) for _ in range(count + 1)] == [0] * count + [45047]
    account.act(act, **body)
    advance("clock", advance=seconds - 2)
    assert service(account) == 0
    advance("clock", advance=3)
    assert service(account) == 45015
    assert account.received()["kinds"] == {"service": count + 1}


def test_buckets_are_independent_and_the_first_to_end_is_used_first(account: Account) -> None:
    account.act("say", text="你好")
    account.act("click", key="K")
    assert [service(account) for _ in range(12)] == [0] * 11 + [45047]  # follow 3, click 3, message 5
    account.platform.world("switches", service_messages_after_message=20)
    account.platform.world("clock", advance=61)
    account.act("say", text="在吗")
    assert [service(account) for _ in range(21)] == [0] * 20 + [45047]


def test_payment_opens_without_limit_and_leaving_closes_everything(platform: Platform) -> None:
    account = Account(platform)
    account.act("follow", paid="4200001")
    assert [service(account) for _ in range(30)] == [0] * 30
    account.act("unfollow")
    assert service(account) == 45015
    wanted = recorded("oa/custom_send.error-45015")
    body = {"touser": account.openid, "msgtype": "text", "text": {"content": "您好"}}
    got = account.post(SERVICE, body)
    assert got["errmsg"].partition(" rid: ")[0] == wanted["errmsg"].partition(" rid: ")[0]


SERVICE_MESSAGES: dict[str, tuple[dict[str, Any], int]] = {
    "text": ({"content": "字" * 683}, 45002),
    "image": ({}, 40007),
    "voice": ({}, 40007),
    "video": ({}, 40007),
    "music": ({"title": "a"}, 40007),
    "news": ({"articles": [{"title": "a"}, {"title": "b"}]}, 45008),
    "mpnews": ({}, 40007),
    "mpnewsarticle": ({}, 40035),
    "msgmenu": ({"head_content": "a", "list": []}, 47001),
    "wxcard": ({}, 40035),
    "miniprogrampage": ({"title": "a"}, 40035),
    "poll": ({}, 40008),
}


@pytest.mark.parametrize("kind", SERVICE_MESSAGES)
def test_wrong_service_messages_are_refused_and_cost_nothing(account: Account, kind: str) -> None:
    content, errcode = SERVICE_MESSAGES[kind]
    assert service(account, msgtype=kind, **{kind: content}) == errcode
    assert [service(account) for _ in range(4)] == [0, 0, 0, 45047]


@pytest.mark.parametrize("kind", ["text", "miniprogrampage", "msgmenu"])
def test_recorded_service_messages_are_taken(account: Account, kind: str) -> None:
    request = recorded(f"oa/custom_send.{kind}.request")
    assert account.post(SERVICE, {**request, "touser": account.openid}) == recorded("oa/custom_send.response")
    assert account.chat()[-1]["type"] == kind


def test_who_blocks_is_not_written_to(account: Account) -> None:
    account.quietly("relation", blocked=True)
    assert service(account) == 48002
    assert service(account, touser="nobody") == 40003


def test_typing_needs_a_recent_act(account: Account) -> None:
    request = {**recorded("oa/custom_typing.request"), "touser": account.openid}
    path = "/cgi-bin/message/custom/typing"
    assert [account.post(path, request)["errcode"] for _ in range(2)] == [0, 45081]
    assert account.post(path, {**request, "command": "CancelTyping"})["errcode"] == 0
    assert account.post(path, request)["errcode"] == 0
    assert account.post(path, {**request, "command": "Dance"})["errcode"] == 45072
    account.platform.world("clock", advance=31)
    assert account.post(path, request)["errcode"] == 45080
