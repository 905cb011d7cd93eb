"""What the platform pushes: golden vectors, every mode and form, keys that change, and what is none of the platform's."""

import dataclasses
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from wechatpy.crypto import WeChatCrypto

from app.gateways.wechat import pushes, xml
from app.kernel.settings import WeChatAccount, settings
from tests.conftest import SHARED

VECTORS = SHARED / "platform" / "wechat-fixtures" / "crypto-vectors"
EVENTS = SHARED / "platform" / "wechat-fixtures"
APPID, TOKEN, KEY, FORMER = "wxb11529c136998cb6", "pamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "A" * 43
SAID = "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><MsgType>text</MsgType><Content><![CDATA[你好 ]]></Content></xml>"

Receives = Callable[..., None]


def golden(name: str) -> Any:
    if not VECTORS.is_dir():
        pytest.skip("the platform's vectors are not on this machine (set GUIYI_SHARED)")
    return json.loads((VECTORS / f"{name}.json").read_text())


@pytest.fixture
def receives(monkeypatch: pytest.MonkeyPatch) -> Receives:
    """Sets the one account that receives pushes."""

    def set_up(appid: str = APPID, token: str = TOKEN, keys: tuple[str, ...] = (KEY,)) -> None:
        account = WeChatAccount(appid, "official_account", "secret", token, keys)
        changed = dataclasses.replace(settings(), wechat_accounts={appid: account})
        monkeypatch.setattr(pushes, "settings", lambda: changed)

    set_up()
    return set_up


def signed(*words: str, name: str = "msg_signature") -> dict[str, str]:
    signature = hashlib.sha1("".join(sorted([TOKEN, "1700000000", "n1", *words])).encode()).hexdigest()
    return {"timestamp": "1700000000", "nonce": "n1", name: signature}


def sealed(message: str, *, key: str = KEY, appid: str = APPID) -> tuple[dict[str, str], bytes]:
    """As the platform posts it in secure mode."""
    whole = xml.parse(WeChatCrypto(TOKEN, key, appid).encrypt_message(message, "n1", "1700000000"))
    body = xml.write({"ToUserName": "gh_1", "Encrypt": whole["Encrypt"]})
    return signed(whole["Encrypt"]) | {"encrypt_type": "aes"}, body.encode()


def test_the_platforms_own_push_opens(receives: Receives) -> None:
    vector = golden("oa-push-aes-inbound")
    receives(vector["appid"], vector["token"], (vector["encoding_aes_key"],))
    query = {name: vector[name] for name in ("timestamp", "nonce", "signature", "msg_signature", "encrypt_type")}

    for body in (json.dumps({"Encrypt": vector["encrypt"]}), xml.write({"Encrypt": vector["encrypt"]})):
        push = pushes.open_push(vector["appid"], query, body.encode())
        assert push.raw.decode() == vector["msg"]
        assert push.fields == json.loads(vector["msg"])
        assert (push.form, push.secure) == ("json", True)


def test_the_platforms_own_reply_is_what_we_would_write(receives: Receives, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = golden("oa-push-aes-reply")
    receives(vector["appid"], vector["token"], (vector["encoding_aes_key"],))
    monkeypatch.setattr(pushes.secrets, "token_hex", lambda size: vector["random16"])

    reply = pushes.seal_reply(
        vector["appid"], json.loads(vector["msg"]), vector["nonce"], vector["timestamp"], form="json"
    )
    assert json.loads(reply) == {
        "Encrypt": vector["encrypt"],
        "MsgSignature": vector["msg_signature"],
        "TimeStamp": vector["timestamp"],
        "Nonce": vector["nonce"],
    }


def test_the_published_cipher_text_is_read_and_written(receives: Receives, monkeypatch: pytest.MonkeyPatch) -> None:
    vector = golden("oa-wxcrypt-pamtest-1")
    cipher = pushes._cipher(vector["encoding_aes_key"])
    monkeypatch.setattr(pushes.secrets, "token_hex", lambda size: vector["random16"])

    assert cipher.decrypt(vector["encrypt"], vector["appid"]) == vector["msg"]
    assert cipher.encrypt(vector["msg"], vector["appid"]).decode() == vector["encrypt"]


def test_an_address_is_verified_with_the_bare_echo(receives: Receives) -> None:
    vector = golden("oa-push-signature")
    receives(token=vector["token"])
    case = vector["cases"][0]

    assert pushes.check_address(APPID, case) == case["echostr"]
    with pytest.raises(pushes.PushForged):
        pushes.check_address(APPID, case | {"nonce": "1"})


def test_a_plain_push_is_read_where_the_account_has_no_key(receives: Receives) -> None:
    case = golden("oa-push-signature")["cases"][1]
    receives(token="AAAAA", keys=())

    push = pushes.open_push(APPID, case, json.dumps(case["body"]).encode())
    assert (push.fields, push.secure, push.form) == (case["body"], False, "json")


def test_what_is_not_protected_as_the_account_asks_is_forged(receives: Receives) -> None:
    """In plain mode the signature does not cover the body: with a key it would let anybody write anything."""
    query, body = signed(name="signature"), SAID.encode()
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, query, body)
    receives(keys=())
    assert pushes.open_push(APPID, query, body).fields["Content"] == "你好"


def test_in_compatible_mode_only_what_is_encrypted_counts(receives: Receives) -> None:
    query, body = sealed(SAID)
    both = body.replace(b"<xml>", b"<xml><MsgType>text</MsgType><Content>forged</Content>")

    assert pushes.open_push(APPID, query, both).fields["Content"] == "你好"


def test_the_former_key_opens_for_a_while(receives: Receives) -> None:
    query, body = sealed(SAID, key=FORMER)
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, query, body)
    receives(keys=(KEY, FORMER))
    assert pushes.open_push(APPID, query, body).raw.decode() == SAID


@pytest.mark.parametrize("spoil", ["msg_signature", "timestamp", "nonce", "body", "missing"])
def test_a_forged_push_is_refused(receives: Receives, spoil: str) -> None:
    query, body = sealed(SAID)
    if spoil == "body":
        body = body.replace(b"<Encrypt><![CDATA[", b"<Encrypt><![CDATA[A")
    elif spoil == "missing":
        query = {}
    else:
        query = query | {spoil: "0" * 40}
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, query, body)


@pytest.mark.parametrize("encrypted", ["", "A", "é", "AAAA", "A" * 44, "A" * 64])
def test_signed_rubbish_is_refused(receives: Receives, encrypted: str) -> None:
    body = xml.write({"Encrypt": encrypted}).encode()
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, signed(encrypted), body)


def test_a_push_for_another_account_or_to_none_of_ours_is_refused(receives: Receives) -> None:
    query, body = sealed(SAID, appid="wx0000000000000000")
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, query, body)
    query, body = sealed(SAID)
    with pytest.raises(pushes.PushForged):
        pushes.open_push("wx0000000000000000", query, body)
    receives(token="")
    with pytest.raises(pushes.PushForged):
        pushes.open_push(APPID, signed(name="signature"), body)


@pytest.mark.parametrize(
    "document",
    [
        "<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml><MsgType>text</MsgType></xml>",
        "<!DOCTYPE x [<!ENTITY e 'boom'>]><xml><Content>&e;</Content></xml>",
        "<xml><Content>&undeclared;</Content></xml>",
        "<xml>" + "<a>" * 40 + "</a>" * 40 + "</xml>",
        "<xml><a>",
        "<xml></xml>",
        "",
        "[1, 2]",
        '{"half": ',
        '{"deep": ' + "[" * 100_000,
    ],
)
def test_what_cannot_be_read_is_said_to_be_unreadable(receives: Receives, document: str) -> None:
    receives(keys=())
    with pytest.raises(pushes.PushUnreadable):
        pushes.open_push(APPID, signed(name="signature"), document.encode())
    receives()
    query, body = sealed(document or " ")
    with pytest.raises(pushes.PushUnreadable):
        pushes.open_push(APPID, query, body)


@pytest.mark.parametrize("text", ["好的", "a]]>b", "<b>&amp;</b>", "x\x00\x0by", "🎁"])
def test_a_sealed_reply_reads_for_wechats_own_client(receives: Receives, text: str) -> None:
    fields = {"ToUserName": "o1", "CreateTime": 1700000001, "MsgType": "text", "Content": text}
    reply = xml.parse(pushes.seal_reply(APPID, fields, "n1", 1700000001))

    assert (reply["Nonce"], reply["TimeStamp"]) == ("n1", "1700000001")
    opened = WeChatCrypto(TOKEN, KEY, APPID).decrypt_message(
        {"Encrypt": reply["Encrypt"]}, reply["MsgSignature"], "1700000001", "n1"
    )
    read = xml.parse(opened)
    assert read == {name: str(value) for name, value in fields.items()} | {"Content": text.replace("\x00\x0b", "")}


def test_articles_are_repeated_elements() -> None:
    fields = {"ArticleCount": 1, "Articles": {"item": [{"Title": "一", "Url": "https://a.example/?x=1&y=2"}]}}
    assert xml.parse(xml.write(fields))["Articles"]["item"] == {"Title": "一", "Url": "https://a.example/?x=1&y=2"}


def test_subscription_events_read_alike_in_every_form() -> None:
    mp, oa = EVENTS / "mp", EVENTS / "oa"
    if not mp.is_dir():
        pytest.skip("the platform's recorded events are not on this machine (set GUIYI_SHARED)")
    one = json.loads((mp / "event.subscribe_msg_popup_event.object.json").read_text())
    many = json.loads((mp / "event.subscribe_msg_popup_event.array.json").read_text())
    nested = xml.parse((oa / "event.subscribe_msg_popup_event.xml").read_bytes())

    assert [len(pushes.subscription_items(event)) for event in (one, many)] == [1, len(many["List"])]
    assert {"TemplateId", "SubscribeStatusString", "PopupScene"} <= pushes.subscription_items(nested)[0].keys()
    assert pushes.subscription_items({"Event": "subscribe"}) == []


def test_every_recorded_event_and_message_is_read() -> None:
    found = sorted((EVENTS / "oa").glob("*.xml"))
    if not found:
        pytest.skip("the platform's recorded events are not on this machine (set GUIYI_SHARED)")
    for document in found:
        fields = xml.parse(document.read_bytes())
        assert {"ToUserName", "FromUserName", "CreateTime", "MsgType"} <= fields.keys(), document.name
        assert str(fields["CreateTime"]).isdigit(), document.name
