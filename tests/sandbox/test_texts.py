"""Texts by the official client: the signature, the codes, the pieces, the receipts and what people write back."""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from alibabacloud_dysmsapi20170525 import models
from alibabacloud_tea_openapi.exceptions import ClientException, ServerException

from sandbox.world.clock import BEIJING
from sandbox.world.telecom import pieces_of
from tests.sandbox.playing import Platform
from tests.sandbox.texting import PHONE, Cloud, Inbox, inbox, listening, soon

CODE = {"template_code": "SMS_100000001", "values": {"code": "4711"}}
PROMOTION = {"template_code": "SMS_100000021", "values": {"words": "秋冬新品到店"}}


@pytest.fixture
def cloud(platform: Platform) -> Iterator[Cloud]:
    with listening(platform.app) as port:
        yield Cloud(port)


@pytest.fixture
def reports(platform: Platform) -> Iterator[Inbox]:
    with inbox() as found:
        platform.world("telecom", report_url=found.url, up_url=found.url)
        yield found


def texts(platform: Platform) -> list[Any]:
    return list(platform.http.get("/_world/sms").json["sms"])


def today() -> str:
    return datetime.now(BEIJING).strftime("%Y%m%d")


def test_a_text_arrives_with_its_signature_and_can_be_looked_up(platform: Platform, cloud: Cloud) -> None:
    sent = cloud.send(out_id="外部 编号+~*'")
    assert sent.code == "OK"
    (text,) = texts(platform)
    assert text["content"] == "【归一】您有120积分将于2026年12月31日过期，请及时使用。"
    assert (text["phone"], text["biz_id"], text["pieces"]) == (PHONE, sent.biz_id, 1)
    (detail,) = cloud.details(today())
    assert (detail.send_status, detail.err_code, detail.out_id) == (3, "DELIVERED", "外部 编号+~*'")
    assert detail.content == text["content"]


def test_a_batch_gives_each_number_its_own_values(platform: Platform, cloud: Cloud) -> None:
    request = models.SendBatchSmsRequest(
        phone_number_json='["13900002222","+8613900003333"]',
        sign_name_json='["归一","归一"]',
        template_code="SMS_100000003",
        template_param_json='[{"change":"+10","points":"10"},{"change":"-5","points":"95"}]',
    )
    answer = cloud.sms().send_batch_sms(request).body
    assert answer.code == "OK"
    assert [(row["phone"], row["biz_id"]) for row in texts(platform)] == [
        ("13900002222", answer.biz_id),
        ("13900003333", answer.biz_id),
    ]
    assert "现有95积分" in texts(platform)[1]["content"]


@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"secret": "not the secret"}, "SignatureDoesNotMatch", 400),
        ({"key_id": "LTAInobody"}, "InvalidAccessKeyId.NotFound", 404),
    ],
)
def test_a_wrong_key_gets_nothing_sent(
    platform: Platform, cloud: Cloud, wrong: dict[str, str], code: str, status: int
) -> None:
    with pytest.raises(ClientException) as refused:
        Cloud(cloud.port, **wrong).send()
    assert (refused.value.code, refused.value.status_code) == (code, status)
    assert texts(platform) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"phone_numbers": "12345"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone_numbers": "13900001111-2044"}, "isv.MOBILE_NUMBER_ILLEGAL"),
        ({"phone_numbers": ",".join(["13900001111"] * 1001)}, "isv.MOBILE_COUNT_OVER_LIMIT"),
        ({"sign_name": "别家"}, "isv.SMS_SIGNATURE_ILLEGAL"),
        ({"template_code": "SMS_404"}, "isv.SMS_TEMPLATE_ILLEGAL"),
        ({"values": {"points": "120"}}, "isv.TEMPLATE_MISSING_PARAMETERS"),
        ({"values": {"points": 120, "date": "明天"}}, "isv.INVALID_JSON_PARAM"),
        ({"template_param": "{"}, "isv.INVALID_JSON_PARAM"),
        ({"values": {"points": "120", "date": "字" * 36}}, "isv.PARAM_LENGTH_LIMIT"),
        ({"values": {"points": "120", "date": "http://a.cn"}}, "isv.PARAM_NOT_SUPPORT_URL"),
        ({"values": {"points": "120", "date": "【假签名】"}}, "isv.BLACK_KEY_CONTROL_LIMIT"),
    ],
)
def test_a_wrong_message_is_refused_with_its_code(
    platform: Platform, cloud: Cloud, more: dict[str, Any], code: str
) -> None:
    assert cloud.send(**more).code == code
    assert texts(platform) == []


def test_a_missing_field_and_an_ordered_throttling_are_exceptions(platform: Platform, cloud: Cloud) -> None:
    with pytest.raises(ClientException) as refused:
        cloud.send(sign_name=None)
    assert refused.value.code == "MissingSignName"
    platform.world("faults", kind="errcode", path="/dysmsapi/SendSms", errmsg="Throttling.User")
    with pytest.raises(ClientException) as refused:
        cloud.send()
    assert refused.value.code == "Throttling.User"
    platform.world("faults", kind="http_error", path="/dysmsapi/SendSms", status=503)
    with pytest.raises(ServerException):
        cloud.send()
    assert cloud.send().code == "OK"
    assert len(texts(platform)) == 1


def test_a_stopped_and_an_empty_account_send_nothing(platform: Platform, cloud: Cloud) -> None:
    platform.world("telecom", in_service=False)
    assert cloud.send().code == "isv.OUT_OF_SERVICE"
    platform.world("telecom", in_service=True, balance=2)
    assert cloud.send(values={"points": "1", "date": "长" * 35}).code == "OK"
    assert cloud.send().code == "OK"
    assert cloud.send().code == "isv.AMOUNT_NOT_ENOUGH"
    assert len(texts(platform)) == 2


def test_one_number_gets_one_code_a_minute_five_an_hour_ten_a_day(platform: Platform, cloud: Cloud) -> None:
    platform.world("clock", now="2026-11-22T08:00:05+08:00")
    answers = []
    for _ in range(5):
        answers.append(cloud.send(**CODE).code)
        answers.append(cloud.send(**CODE).message)
        platform.world("clock", advance=60)
    assert answers == ["OK", "触发分钟级流控Permits:1"] * 5
    assert cloud.send(**CODE).message == "触发小时级流控Permits:5"
    platform.world("clock", now="2026-11-22T09:00:05+08:00")
    for _ in range(5):
        assert cloud.send(**CODE).code == "OK"
        platform.world("clock", advance=60)
    platform.world("clock", now="2026-11-22T23:30:05+08:00")
    assert cloud.send(**CODE).message == "触发天级流控Permits:10"
    platform.world("clock", now="2026-11-23T00:00:05+08:00")
    assert cloud.send(**CODE).code == "OK"


def test_the_same_notice_reaches_a_number_fifty_times_a_day(cloud: Cloud) -> None:
    assert {cloud.send().code for _ in range(50)} == {"OK"}
    assert cloud.send().code == "isv.BUSINESS_LIMIT_CONTROL"
    assert cloud.send(phone_numbers="13900009999").code == "OK"
    assert cloud.send(template_code="SMS_100000003", values={"change": "1", "points": "2"}).code == "OK"


@pytest.mark.parametrize(("length", "pieces"), [(1, 1), (70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
def test_seventy_characters_are_one_piece_else_sixty_seven_each(length: int, pieces: int) -> None:
    assert pieces_of("字" * length) == pieces


def test_receipts_come_in_arrays_and_carry_the_callers_id(platform: Platform, cloud: Cloud, reports: Inbox) -> None:
    platform.http.post("/_world/lines/13900002222", json={"kind": "empty"})
    sent = cloud.send(phone_numbers="13900001111,13900002222", out_id="out-1")
    rows = {row["phone_number"]: row for row in soon(lambda: reports.rows if len(reports.rows) == 2 else None)}
    assert rows["13900001111"] == {
        "phone_number": "13900001111",
        "send_time": rows["13900001111"]["send_time"],
        "report_time": rows["13900001111"]["report_time"],
        "success": True,
        "err_code": "DELIVERED",
        "err_msg": "用户接收成功",
        "sms_size": "1",
        "biz_id": sent.biz_id,
        "out_id": "out-1",
    }
    assert rows["13900002222"]["success"] is False
    assert rows["13900002222"]["err_code"] == "MOBILE_NOT_ON_SERVICE"
    assert len(reports.posts) == 1


def test_a_refused_receipt_is_repeated_after_one_five_and_ten_minutes_and_then_no_more(
    platform: Platform, cloud: Cloud, reports: Inbox
) -> None:
    reports.status = 503
    cloud.send()
    for seconds, tries in ((60, 1), (300, 2), (600, 3)):
        soon(lambda tries=tries: len(reports.posts) == tries)
        platform.world("clock", advance=seconds - 2)
        time.sleep(0.2)
        assert len(reports.posts) == tries
        platform.world("clock", advance=3)
    soon(lambda: len(reports.posts) == 4)
    platform.world("clock", advance=86400)
    (push,) = soon(lambda: [row for row in platform.http.get("/_world/cloud_pushes").json["pushes"] if row["done"]])
    assert push["outcomes"] == ["http 503"] * 4
    assert len({post[0]["biz_id"] for post in reports.posts}) == 1


def test_replying_r_is_told_and_stops_promotions_but_not_notices(
    platform: Platform, cloud: Cloud, reports: Inbox
) -> None:
    assert cloud.send(**PROMOTION).code == "OK"
    assert texts(platform)[0]["content"].endswith("拒收请回复R")
    soon(lambda: reports.rows)
    person = platform.person(phone=PHONE)
    platform.world(f"people/{person['person_id']}/reply_sms", text="R")
    up = soon(lambda: [row for row in reports.rows if "content" in row])[0]
    assert (up["phone_number"], up["content"], up["sign_name"]) == (PHONE, "R", "归一")
    assert cloud.send(**PROMOTION).code == "OK"
    assert cloud.send().code == "OK"
    assert [text["state"] for text in texts(platform)] == [3, 2, 3]
    assert texts(platform)[1]["err_code"] == "MOBILE_IN_BLACK"


def test_virtual_numbers_are_marked(platform: Platform, cloud: Cloud) -> None:
    platform.http.post("/_world/lines/13900002222", json={"kind": "virtual"})
    cloud.send(phone_numbers="13900001111,13900002222,17012345678")
    assert [(text["virtual"], text["state"]) for text in texts(platform)] == [(False, 3), (True, 2), (True, 3)]


def test_a_lost_answer_has_sent_the_text(platform: Platform, cloud: Cloud) -> None:
    platform.world("faults", kind="lost_answer", path="/dysmsapi/SendSms")
    with pytest.raises(Exception, match=r"Connection|closed|reset|aborted"):
        cloud.send()
    assert len(texts(platform)) == 1


def test_ordered_faults_lose_double_and_delay_receipts(platform: Platform, cloud: Cloud, reports: Inbox) -> None:
    for kind, more in (
        ("push_lost", {}),
        ("push_duplicate", {}),
        ("push_delay", {"seconds": 60}),
        ("push_reorder", {}),
    ):
        platform.world("faults", path="push:SmsReport", kind=kind, **more)
        cloud.send(out_id=kind)
    cloud.send(out_id="usual")
    soon(lambda: len(reports.rows) >= 4)
    assert sorted(row["out_id"] for row in reports.rows) == [
        "push_duplicate", "push_duplicate", "push_reorder", "usual",
    ]  # fmt: skip
    assert [row["out_id"] for row in reports.rows][-1] == "push_reorder"
    platform.world("clock", advance=61)
    soon(lambda: len(reports.rows) == 5)
    assert reports.rows[-1]["out_id"] == "push_delay"
