"""Texts and calls through the official client, against the simulated cloud."""

import json
from typing import Any

import pytest

from app.gateways import alibaba, sms, voice
from app.gateways.wechat import refusals
from tests.factories.platform import Platform

PHONE = "+8613900001111"
SMS, VOICE = "/dysmsapi/SendSms", "/dyvmsapi/SingleCallByTts"


def text(**more: Any) -> sms.Accepted:
    params = {"change": "+10", "points": "120"}
    asked = {"phone": PHONE, "sign": "", "template_code": "SMS_100000003", "params": params, "out_id": "d-1"} | more
    return sms.send(**asked)


def ring(**more: Any) -> voice.Accepted:
    params = {"brand": "归一", "words": "您预约的护理明天十点开始"}
    asked = {"phone": PHONE, "template_code": "TTS_100000002", "params": params, "out_id": "d-1"} | more
    return voice.call(**asked)


def test_a_text_arrives_and_its_receipt_names_it(platform: Platform) -> None:
    sent = text()

    (arrived,) = platform.http.get("/_world/sms").get_json()["sms"]
    assert (arrived["phone"], arrived["biz_id"], arrived["out_id"]) == ("13900001111", sent.msgid, "d-1")
    assert arrived["content"] == "【归一】您的积分变动+10，现有120积分。"


def test_a_call_rings(platform: Platform) -> None:
    made = ring()
    (rang,) = platform.http.get("/_world/voice").get_json()["voice"]
    assert (rang["phone"], rang["call_id"]) == ("13900001111", made.msgid)
    assert "明天十点" in rang["spoken"]


@pytest.mark.parametrize(
    ("wrong", "kind", "code"),
    [
        ({"phone": "+86139"}, refusals.RecipientRefused, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"sign": "别家"}, refusals.AccountRefused, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"template_code": "SMS_1"}, refusals.MessageInvalid, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"params": {}}, refusals.MessageInvalid, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"params": {"change": "x" * 36, "points": "1"}}, refusals.MessageInvalid, "isv.PARAM_LENGTH_LIMIT"),
    ],
)
def test_what_the_cloud_refuses_has_its_meaning(
    platform: Platform, wrong: dict[str, Any], kind: type[Exception], code: str
) -> None:
    with pytest.raises(refusals.SendFailed) as refused:
        text(**wrong)
    assert (type(refused.value), refused.value.code) == (kind, code)


def test_an_account_that_cannot_pay_or_is_unknown_waits_for_an_operator(platform: Platform) -> None:
    platform.world("telecom", balance=0)
    with pytest.raises(refusals.AccountRefused):
        text()
    platform.fault(SMS, "errcode", errcode=1, errmsg="InvalidAccessKeyId.NotFound")
    with pytest.raises(refusals.AccountRefused):
        text()
    platform.fault(SMS, "errcode", errcode=1, errmsg="Throttling.User")
    with pytest.raises(refusals.RateReached):
        text()


def test_the_limit_for_one_number_waits_a_minute_or_is_final(platform: Platform) -> None:
    code = {"template_code": "SMS_100000001", "params": {"code": "4711"}}
    text(**code)
    with pytest.raises(refusals.RateReached):
        text(**code)
    assert type(alibaba.refusal(alibaba.FLOW_CONTROL, "触发天级流控Permits:10")) is refusals.RecipientRefused


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        ({"kind": "lost_answer"}, refusals.AnswerLost),
        ({"kind": "lost_answer", "seconds": 0.01}, refusals.AnswerLost),
        ({"kind": "html"}, refusals.AnswerLost),
        ({"kind": "cut_short"}, refusals.AnswerLost),
        ({"kind": "http_error", "status": 503}, refusals.AnswerLost),
        ({"kind": "busy"}, refusals.Busy),
    ],
    ids=str,
)
def test_no_answer_is_no_refusal(platform: Platform, order: dict[str, Any], kind: type[Exception]) -> None:
    for path, do in ((SMS, text), (VOICE, ring)):
        platform.fault(path, **order)
        with pytest.raises(refusals.SendFailed) as failed:
            do()
        assert type(failed.value) is kind, path
        assert len(platform.calls(path)) == 1, "the client never tries by itself"


def test_a_cloud_that_is_not_there_was_never_asked(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    access = alibaba.CloudAccess("http://127.0.0.1:1", "id", "secret", "归一")
    monkeypatch.setattr(sms, "settings", lambda: type("Here", (), {"sms": access}))
    with pytest.raises(refusals.Busy):
        text()


def test_R02_receipts_refusing_replies_and_reports_are_read() -> None:
    row = {"phone_number": "13900001111", "success": False, "err_code": "MOBILE_IN_BLACK", "err_msg": "黑名单"}
    more = {"biz_id": "9^0", "out_id": "d-1", "report_time": "2026-05-20 12:00:03", "sms_size": "1"}
    (receipt,) = sms.receipts(json.dumps([row | more]).encode())
    assert (receipt.msgid, receipt.out_id, receipt.delivered, receipt.code) == ("9^0", "d-1", False, "MOBILE_IN_BLACK")
    assert receipt.at is not None
    assert receipt.at.isoformat() == "2026-05-20T12:00:03+08:00"

    up = {"phone_number": "139", "content": " td ", "send_time": "", "sequence_id": "7", "sign_name": "归一"}
    assert [reply.refuses for reply in sms.replies(json.dumps([up, up | {"content": "好"}]).encode())] == [True, False]

    called = {"call_id": "1^2", "out_id": "d-1", "callee": "139", "status_code": "200001", "duration": "4"}
    (report,) = voice.reports(json.dumps([called]).encode())
    assert (report.answered, report.heard, report.seconds) == (True, False, 4)


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff"])
def test_what_is_no_receipt_is_unreadable(body: bytes) -> None:
    for read in (sms.receipts, sms.replies, voice.reports):
        with pytest.raises(alibaba.ReceiptUnreadable):
            read(body)
