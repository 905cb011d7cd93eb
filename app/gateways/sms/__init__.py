"""Text messages through Alibaba Cloud's official client; the address decides whether that is the cloud or the sandbox.

`send` raises the family of `app.gateways.wechat.refusals.SendFailed` and nothing else. There is no key against sending a
text twice: after AnswerLost `out_id` tells in the receipt whether it went.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.gateways import alibaba
from app.gateways.alibaba import ReceiptUnreadable as ReceiptUnreadable
from app.gateways.wechat.refusals import AccountRefused
from app.gateways.wechat.sends import Accepted as Accepted
from app.kernel.settings import settings

REFUSING = frozenset({"R", "T", "TD", "N", "退订", "拒收"})


@dataclass(frozen=True)
class Receipt:
    """What became of one text. `msgid` and `out_id` are those of the sending; `code` is the carrier's."""

    msgid: str
    out_id: str
    phone: str
    delivered: bool
    code: str
    words: str
    at: dt.datetime | None


@dataclass(frozen=True)
class Reply:
    """A text that somebody sent back. `id` is the cloud's; `refuses`: they want no more promotion."""

    id: str
    phone: str
    words: str
    at: dt.datetime | None
    sign: str

    @property
    def refuses(self) -> bool:
        return self.words.strip().upper() in REFUSING


def send(*, phone: str, sign: str, template_code: str, params: Mapping[str, str], out_id: str) -> Accepted:
    """One text. `phone` with or without +86; an empty `sign` is the configured one. The receipt names msgid and out_id."""
    access = settings().sms
    if not access.key_id:
        raise AccountRefused("account", "SMS_ACCESS_KEY is not set")
    # Heavy, and of no use to a process that sends no texts.
    from alibabacloud_dysmsapi20170525.client import Client
    from alibabacloud_dysmsapi20170525.models import SendSmsRequest

    request = SendSmsRequest(
        phone_numbers=alibaba.dialled(phone),
        sign_name=sign or access.shown_as,
        template_code=template_code,
        template_param=alibaba.params_text(params),
        out_id=out_id,
    )
    body = alibaba.carry_out(lambda: alibaba.client(Client, access).send_sms(request))
    return Accepted(body.biz_id)


def receipts(body: bytes) -> list[Receipt]:
    """What the cloud pushed of texts sent (SmsReport). Answer `ACKNOWLEDGED`. Raises ReceiptUnreadable."""
    return [
        Receipt(
            msgid=str(row.get("biz_id", "")),
            out_id=str(row.get("out_id") or ""),
            phone=str(row.get("phone_number", "")),
            delivered=row.get("success") in (True, "true"),
            code=str(row.get("err_code") or ""),
            words=str(row.get("err_msg") or ""),
            at=alibaba.moment(row.get("report_time")),
        )
        for row in alibaba.rows(body)
    ]


def replies(body: bytes) -> list[Reply]:
    """What the cloud pushed of texts sent back (SmsUp). Answer `ACKNOWLEDGED`. Raises ReceiptUnreadable."""
    return [
        Reply(
            id=str(row.get("sequence_id", "")),
            phone=str(row.get("phone_number", "")),
            words=str(row.get("content", "")),
            at=alibaba.moment(row.get("send_time")),
            sign=str(row.get("sign_name") or ""),
        )
        for row in alibaba.rows(body)
    ]


ACKNOWLEDGED = {"code": 0, "msg": "接收成功"}
