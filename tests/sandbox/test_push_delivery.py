"""Callbacks as they leave the sandbox: signed, sealed, repeated, doubled, overtaken, lost; and what comes back."""

import json
import time
from typing import Any

import pytest
import wechatpy
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import InvalidSignatureException
from wechatpy.utils import check_signature

from sandbox import demo
from sandbox.world.push_sealing import NotOurs, seal, signature, unseal
from tests.sandbox.accounts import Account, Arrived
from tests.sandbox.playing import Platform, recorded

UNAVAILABLE = "该公众号提供的服务出现故障，请稍后再试"


def opened(account: Account, arrived: Arrived) -> str:
    """The message inside a sealed push, read by the client library as it ships."""
    crypto = WeChatCrypto(account.app["push_token"], account.app["push_aes_key"], account.appid)
    query = arrived.query
    return str(crypto.decrypt_message(arrived.body, query["msg_signature"], query["timestamp"], query["nonce"]))


def text_reply(account: Account, content: str, **other: str) -> str:
    fields = {"ToUserName": account.openid, "FromUserName": account.app["original_id"], "CreateTime": "1", **other}
    head = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return f"<xml>{head}<MsgType>text</MsgType><Content><![CDATA[{content}]]></Content></xml>"


def test_vectors_of_signature_and_cipher() -> None:
    for case in recorded("crypto-vectors/oa-push-signature")["cases"]:
        assert signature("AAAAA", case["timestamp"], case["nonce"]) == case["signature"]
    names = ("oa-push-aes-inbound", "oa-push-aes-reply", "oa-wxcrypt-pamtest-1")
    for vector in (recorded(f"crypto-vectors/{name}") for name in names):
        key = {"aes_key": vector["encoding_aes_key"], "appid": vector["appid"]}
        assert seal(vector["msg"], random16=vector["random16"].encode(), **key) == vector["encrypt"]
        assert unseal(vector["encrypt"], **key) == vector["msg"]
        with pytest.raises(NotOurs):
            unseal(vector["encrypt"], aes_key=vector["encoding_aes_key"], appid="wx0000000000000000")
        if "msg_signature" in vector:
            parts = (vector["token"], str(vector["timestamp"]), vector["nonce"], vector["encrypt"])
            assert signature(*parts) == vector["msg_signature"]


@pytest.mark.parametrize("mode", ["plain", "compat", "secure"])
def test_every_mode_is_read_by_the_client_library(platform: Platform, mode: str) -> None:
    account = Account(platform, mode=mode)
    account.act("follow", scene="门店12")
    arrived = account.last()
    query = arrived.query
    check_signature(account.app["push_token"], query["signature"], query["timestamp"], query["nonce"])
    assert query["openid"] == account.openid
    assert arrived.path == f"/oa/v1/callbacks/{account.appid}"
    assert ("encrypt_type" in query) == (mode != "plain")
    if mode != "plain":
        assert wechatpy.parse_message(opened(account, arrived)).scene_id == "门店12"
        query["msg_signature"] = query["signature"]
        with pytest.raises(InvalidSignatureException):
            opened(account, arrived)
    if mode != "secure":
        assert wechatpy.parse_message(arrived.body).source == account.openid
    assert ("FromUserName" in arrived.body) == (mode != "secure")


def test_the_miniprogram_speaks_sealed_json(platform: Platform) -> None:
    account = Account(platform, mode="secure", appid=demo.APPID)
    account.act("subscribe", answers={demo.TEMPLATES[0]["template_id"]: "reject"})
    body = json.loads(account.last().body)
    assert set(body) == {"ToUserName", "Encrypt"}
    inside = json.loads(unseal(body["Encrypt"], aes_key=demo.PUSH_AES_KEY, appid=demo.APPID))
    assert inside["List"]["SubscribeStatusString"] == "reject"


def test_a_sealed_reply_of_the_client_library_reaches_the_person(platform: Platform) -> None:
    account = Account(platform, mode="secure")
    crypto = WeChatCrypto(demo.OA_TOKEN, demo.OA_AES_KEY, demo.OA_APPID)

    def answer(arrived: Arrived) -> bytes:
        message = wechatpy.parse_message(opened(account, arrived))
        reply = wechatpy.create_reply("欢迎光临", message).render()
        return str(crypto.encrypt_message(reply, arrived.query["nonce"], arrived.query["timestamp"])).encode()

    account.product.answers = [answer]
    account.act("follow")
    assert account.chat()[-1]["text"] == "欢迎光临"
    assert account.received()["kinds"] == {"passive": 1}
    assert account.pushes()[-1]["deliveries"][0]["outcome"] == "reply"


def sealed_reply(account: Account, *, token: str = demo.OA_TOKEN, key: str = demo.OA_AES_KEY, appid: str = "") -> bytes:
    crypto = WeChatCrypto(token, key, appid or account.appid)
    return str(crypto.encrypt_message(text_reply(account, "好"), "1", "1")).encode()


BAD_REPLIES: dict[str, Any] = {
    "plain text in secure mode": lambda account: text_reply(account, "好").encode(),
    "another token": lambda account: sealed_reply(account, token="other"),
    "another key": lambda account: sealed_reply(account, key=demo.PUSH_AES_KEY),
    "another appid": lambda account: sealed_reply(account, appid=demo.APPID),
    "words": lambda account: b"ok",
    "not even text": lambda account: b"\xff\xfe",
}


@pytest.mark.parametrize("name", BAD_REPLIES)
def test_a_wrong_reply_in_secure_mode_is_a_grey_notice(platform: Platform, name: str) -> None:
    account = Account(platform, mode="secure")
    account.quietly("follow")
    account.drain()
    account.product.answers = [BAD_REPLIES[name](account)]
    account.act("say", text="你好")
    assert (account.chat()[-1]["by"], account.chat()[-1]["text"]) == ("platform", UNAVAILABLE)
    assert account.received() == {}
    assert account.pushes()[-1]["deliveries"][0]["outcome"] == "bad_reply"
    assert len(account.product.arrived) == 2


@pytest.mark.parametrize(
    ("content", "other", "taken"),
    [
        ("字" * 682, {}, True),
        ("字" * 683, {}, False),
        ("", {}, False),
        ("好", {"ToUserName": "somebody"}, False),
        ("好", {"FromUserName": "somebody"}, False),
        ("好", {"CreateTime": ""}, False),
    ],
)
def test_rules_of_a_text_reply(platform: Platform, content: str, other: dict[str, str], taken: bool) -> None:
    account = Account(platform)
    account.product.answers = [b"success", text_reply(account, content, **other).encode()]
    account.act("follow")
    account.act("say", text="你好")
    assert (account.received().get("total", 0) == 1) == taken
    assert (account.chat()[-1].get("text") == UNAVAILABLE) == (not taken)


@pytest.mark.parametrize(
    "body", ["<xml/>", "<MsgType>text</MsgType>", "<xml><MsgType>poll</MsgType></xml>", "<!DOCTYPE x>"]
)
def test_other_nonsense_is_a_grey_notice(platform: Platform, body: str) -> None:
    account = Account(platform)
    account.product.answers = [body.encode()]
    account.act("follow")
    assert account.chat()[-1]["text"] == UNAVAILABLE


def test_nothing_reaches_who_cannot_be_answered(platform: Platform) -> None:
    account = Account(platform)
    account.act("follow")
    account.product.answers = [text_reply(account, "别走").encode()]
    account.act("view", url="https://shop.example/")
    account.act("unfollow")
    assert account.received() == {}
    assert [row["deliveries"][0]["outcome"] for row in account.pushes()[1:]] == ["reply_not_shown"] * 2
    account.product.answers = [500]
    account.act("follow")
    assert account.chat()[-1]["text"] == UNAVAILABLE


@pytest.mark.parametrize("deliveries", [3, 4])
def test_silence_is_asked_again_with_the_same_body_and_a_fresh_signature(platform: Platform, deliveries: int) -> None:
    platform.world("switches", push_deliveries=deliveries)
    account = Account(platform, mode="secure")
    account.product.answers = [500]
    account.act("follow")
    arrived = account.product.arrived
    assert len(arrived) == deliveries
    assert len({one.body for one in arrived}) == 1
    assert len({one.query["nonce"] for one in arrived}) == deliveries
    assert len({one.query["msg_signature"] for one in arrived}) == deliveries
    push = account.pushes()[0]
    assert (push["state"], [row["attempt"] for row in push["deliveries"]]) == (
        "given_up",
        list(range(1, deliveries + 1)),
    )
    assert [line["kind"] for line in account.chat()] == ["follow", "notice"]


def test_an_answer_after_silence_ends_the_repeats(platform: Platform) -> None:
    account = Account(platform)
    account.product.answers = [503, text_reply(account, "来了").encode()]
    account.act("follow")
    assert len(account.product.arrived) == 2
    assert account.chat()[-1]["text"] == "来了"
    assert account.received()["kinds"] == {"passive": 1}
    assert account.pushes()[0]["state"] == "answered"


def test_an_answer_that_comes_too_late_is_none(platform: Platform) -> None:
    platform.world("switches", push_timeout_seconds=0.05)
    account = Account(platform)

    def slow(arrived: Arrived) -> bytes:
        time.sleep(0.06)
        return text_reply(account, "太迟").encode()

    account.product.answers = [slow]
    account.act("follow")
    assert [row["outcome"] for row in account.pushes()[0]["deliveries"]] == ["timeout"] * 3
    assert account.received() == {}


def order(platform: Platform, kind: str, *, path: str = "push", **more: Any) -> None:
    assert platform.http.post("/_world/faults", json={"path": path, "kind": kind, **more}).status_code == 201


def contents(account: Account) -> list[str]:
    return [getattr(wechatpy.parse_message(one.body), "content", "") for one in account.product.arrived]


def test_a_doubled_push_arrives_twice_and_one_answer_is_shown(platform: Platform) -> None:
    account = Account(platform)
    order(platform, "push_duplicate", path="push:subscribe")
    account.product.answers = [text_reply(account, "欢迎").encode()]
    account.act("follow")
    first, second = account.product.arrived
    assert first.body == second.body
    assert first.query["nonce"] != second.query["nonce"]
    assert account.received()["kinds"] == {"passive": 1}
    assert account.pushes()[0]["replies"] == 2


def test_a_push_is_overtaken_by_the_next_one(platform: Platform) -> None:
    account = Account(platform)
    account.act("follow")
    order(platform, "push_reorder", path="push:text")
    for word in ("一", "二", "三"):
        account.quietly("say", text=word)
    account.drain()
    assert contents(account)[1:] == ["二", "一", "三"]
    order(platform, "push_reorder")
    account.act("say", text="四")
    assert contents(account)[-1] == "四"


def test_a_lost_push_never_arrives_and_is_told_apart(platform: Platform) -> None:
    account = Account(platform)
    order(platform, "push_lost", path="push:subscribe")
    account.act("follow")
    assert account.product.arrived == []
    assert account.pushes()[0]["state"] == "lost"
    totals = platform.http.get("/_world/pushes").json["totals"]
    assert totals == [{"appid": demo.OA_APPID, "name": "subscribe", "state": "lost", "count": 1}]


def test_a_delayed_push_waits_for_the_clock(platform: Platform) -> None:
    account = Account(platform)
    order(platform, "push_delay", seconds=60)
    account.quietly("follow")
    assert account.drain(due_only=True) == 0
    platform.world("clock", advance=61)
    assert account.drain(due_only=True) == 1


def test_push_faults_and_path_faults_do_not_mix(platform: Platform) -> None:
    account = Account(platform)
    order(platform, "latency", path="*", seconds=0, times=0)
    order(platform, "push_lost", path="push:CLICK", times=0)
    account.act("follow")
    assert "access_token" in platform.token()
    assert [row["kind"] for row in platform.http.get("/_world/faults").json["faults"]] == ["latency", "push_lost"]
    assert platform.http.post("/_world/faults", json={"kind": "push_lost", "path": "/cgi-bin/token"}).status_code == 400


def test_without_an_address_nothing_is_pushed(platform: Platform) -> None:
    account = Account(platform)
    platform.world(f"apps/{demo.OA_APPID}", callback_url="")
    account.act("follow")
    assert (account.product.arrived, account.pushes()) == ([], [])
    assert account.chat()[0]["kind"] == "follow"


@pytest.mark.parametrize("words", ["]]>", "a]]>b]]>c", "<b>&amp;</b>", "😀 换行\n第二行", "\"'\\"])
def test_awkward_words_arrive_as_they_were_said(platform: Platform, words: str) -> None:
    account = Account(platform, mode="secure")
    account.act("follow")
    account.act("say", text=words)
    assert wechatpy.parse_message(opened(account, account.last())).content == words


@pytest.mark.parametrize("mode", ["plain", "secure"])
def test_an_address_is_verified_by_its_bare_echo(platform: Platform, mode: str) -> None:
    account = Account(platform, mode=mode)
    path = f"apps/{demo.OA_APPID}/verify_callback"
    account.product.answers = [lambda arrived: arrived.query["echostr"].encode()]
    assert platform.world(path)["verified"] is True
    query = account.last().query
    check_signature(demo.OA_TOKEN, query["signature"], query["timestamp"], query["nonce"])
    assert account.last().body == ""
    for wrong in (b"success", lambda arrived: f'"{arrived.query["echostr"]}"'.encode(), 403):
        account.product.answers = [wrong]
        assert platform.world(path)["verified"] is False
    platform.world(f"apps/{demo.OA_APPID}", callback_url="")
    assert platform.http.post(f"/_world/{path}").status_code == 400
