"""SendSms, SendBatchSms and QuerySendDetails."""

import re
import secrets
from datetime import datetime
from typing import Any

from sandbox import demo_telecom
from sandbox.aliyun.actions import Asked, Refused, action, list_of, values_of
from sandbox.platform.content import risky_words_in
from sandbox.world import lines
from sandbox.world.clock import BEIJING, beijing_day
from sandbox.world.telecom import Text, TextTemplate, pieces_of

MOST_NUMBERS, MOST_IN_BATCH = 1000, 100
LONGEST_VALUE = 35
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
# (how many, seconds of the window, what the refusal calls it); a day is a day in Beijing
CODE_LIMITS = ((1, 60, "分钟级"), (5, 3600, "小时级"), (10, 86400, "天级"))
NOTICE_LIMITS = ((50, 86400, "天级"),)


@action("SendSms")
def send(asked: Asked) -> dict[str, Any]:
    """One content to up to a thousand numbers."""
    numbers = asked.needed("PhoneNumbers").split(",")
    sign, template = _manner(asked, sign=asked.needed("SignName"))
    if len(numbers) > MOST_NUMBERS:
        raise Refused("isv.MOBILE_COUNT_OVER_LIMIT")
    phones = [_phone(number) for number in numbers]
    content = _content(template, sign=sign, given=asked.fields.get("TemplateParam", ""))
    for phone in phones:
        _count(asked, phone=phone, sign=sign, template=template)
    biz_id = _biz_id(asked.now)
    for phone in phones:
        _deliver(asked, text=_text(asked, biz_id=biz_id, phone=phone, sign=sign, template=template, content=content))
    return {"BizId": biz_id}


@action("SendBatchSms")
def send_batch(asked: Asked) -> dict[str, Any]:
    """Up to a hundred numbers, each with its own signature and values."""
    numbers = list_of(asked.needed("PhoneNumberJson"))
    signs = list_of(asked.needed("SignNameJson"))
    values = list_of(asked.fields.get("TemplateParamJson") or "[]")
    if len(numbers) > MOST_IN_BATCH:
        raise Refused("isv.MOBILE_COUNT_OVER_LIMIT")
    if len(signs) != len(numbers) or (values and len(values) != len(numbers)):
        raise Refused("isv.PARAM_LENGTH_LIMIT")
    biz_id = _biz_id(asked.now)
    rows = []
    for place, number in enumerate(numbers):
        sign, template = _manner(asked, sign=signs[place])
        content = _content(template, sign=sign, given=values[place] if values else "")
        rows.append((_phone(number), sign, template, content))
    for phone, sign, template, _ in rows:
        _count(asked, phone=phone, sign=sign, template=template)
    for phone, sign, template, content in rows:
        _deliver(asked, text=_text(asked, biz_id=biz_id, phone=phone, sign=sign, template=template, content=content))
    return {"BizId": biz_id}


@action("QuerySendDetails")
def details(asked: Asked) -> dict[str, Any]:
    """What became of a number's texts of one day in Beijing, newest first."""
    phone = _phone(asked.needed("PhoneNumber"))
    day, biz_id = asked.needed("SendDate"), asked.fields.get("BizId", "")
    page, size = _whole(asked, name="CurrentPage"), _whole(asked, name="PageSize")
    if not 1 <= size <= 50 or page < 1 or not re.fullmatch(r"\d{8}", day):
        raise Refused("isv.INVALID_PARAMETERS")
    found = [
        text
        for text in reversed(asked.telecom.texts)
        if text.phone == phone and beijing_day(text.sent_at).replace("-", "") == day and biz_id in ("", text.biz_id)
    ]
    shown = [_detail(text) for text in found[(page - 1) * size : page * size]]
    return {"TotalCount": len(found), "SmsSendDetailDTOs": {"SmsSendDetailDTO": shown}}


def _whole(asked: Asked, *, name: str) -> int:
    value = asked.needed(name)
    if not value.isdigit():
        raise Refused("isv.INVALID_PARAMETERS")
    return int(value)


def _detail(text: Text) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "PhoneNum": text.phone,
        "SendStatus": text.state,
        "TemplateCode": text.template_code,
        "Content": text.content,
        "SendDate": moment(text.sent_at),
        "OutId": text.out_id,
    }
    if text.received_at is not None:
        shown |= {"ErrCode": text.err_code, "ReceiveDate": moment(text.received_at)}
    return shown


def moment(at: float) -> str:
    """A time as the cloud writes it: Beijing, to the second."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _manner(asked: Asked, *, sign: str) -> tuple[str, TextTemplate]:
    asked.open_for_business()
    if sign not in asked.telecom.signs:
        raise Refused("isv.SMS_SIGNATURE_ILLEGAL")
    template = asked.telecom.templates.get(asked.needed("TemplateCode"))
    if template is None:
        raise Refused("isv.SMS_TEMPLATE_ILLEGAL")
    return sign, template


def _phone(number: str) -> str:
    phone = lines.mobile(number)
    if phone is None:
        raise Refused("isv.MOBILE_NUMBER_ILLEGAL")
    return phone


def _content(template: TextTemplate, *, sign: str, given: str) -> str:
    values = values_of(given, wanted=template.variables)
    for name, value in values.items():
        if len(value) > LONGEST_VALUE:
            raise Refused("isv.PARAM_LENGTH_LIMIT")
        if _ADDRESS.search(value) and name not in template.links:
            raise Refused("isv.PARAM_NOT_SUPPORT_URL")
        if risky_words_in(value) or "【" in value or "】" in value:
            raise Refused("isv.BLACK_KEY_CONTROL_LIMIT")
    return f"【{sign}】{template.filled(values)}"


def _count(asked: Asked, *, phone: str, sign: str, template: TextTemplate) -> None:
    """How often one number may get codes of a signature, or the same notice."""
    is_code = template.kind == demo_telecom.CODE
    name = f"sms {phone} {sign} {'code' if is_code else template.code}"
    for cap, seconds, words in CODE_LIMITS if is_code else NOTICE_LIMITS:
        beijing = 8 * 3600 if seconds == 86400 else 0
        if not asked.world.quotas.window(name, cap=cap, seconds=seconds, now=asked.now + beijing):
            raise Refused("isv.BUSINESS_LIMIT_CONTROL", text=f"触发{words}流控Permits:{cap}")


def _biz_id(now: float) -> str:
    return f"{int(now * 1_000_000) % 10**15:015d}{secrets.randbelow(1000):03d}^0"


def _text(asked: Asked, *, biz_id: str, phone: str, sign: str, template: TextTemplate, content: str) -> Text:
    return Text(
        biz_id=biz_id,
        phone=phone,
        sign=sign,
        template_code=template.code,
        promotion=template.kind == demo_telecom.PROMOTION,
        content=content,
        pieces=pieces_of(content),
        out_id=asked.fields.get("OutId", ""),
        virtual=asked.telecom.lines.get(phone).virtual,
        sent_at=asked.now,
    )


def _deliver(asked: Asked, *, text: Text) -> None:
    """The carrier takes it; its receipt follows `receipt_seconds` later. Failed texts cost as well."""
    telecom = asked.telecom
    line = telecom.lines.get(text.phone)
    failure = lines.TEXT_FAILURES.get(line.kind)
    if failure is None and text.promotion and line.refuses_promotion:
        failure = lines.TEXT_FAILURES[lines.LineKind.BLOCKED]
    code, words = failure or ("DELIVERED", "用户接收成功")
    text.state, text.err_code = (2 if failure else 3), code
    text.received_at = asked.now + telecom.receipt_seconds
    asked.pay(text.pieces)
    telecom.texts.append(text)
    if not failure:
        telecom.received["sms", text.phone, text.template_code] += 1
    row = {
        "phone_number": text.phone,
        "send_time": moment(text.sent_at),
        "report_time": moment(text.received_at),
        "success": failure is None,
        "err_code": code,
        "err_msg": words,
        "sms_size": str(text.pieces),
        "biz_id": text.biz_id,
        "out_id": text.out_id,
    }
    asked.report("SmsReport", url=telecom.report_url, row=row, due_at=text.received_at)
