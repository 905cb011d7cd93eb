"""Calls that read a text aloud, through Alibaba Cloud's official client.

`call` raises the family of `app.gateways.wechat.refusals.SendFailed` and nothing else. There is no key against calling twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.gateways import alibaba
from app.gateways.alibaba import ReceiptUnreadable as ReceiptUnreadable
from app.gateways.wechat.refusals import AccountRefused
from app.gateways.wechat.sends import Accepted as Accepted
from app.kernel.settings import settings

HEARD = "200000"
CUT_SHORT = "200001"
ACKNOWLEDGED = {"code": 0, "msg": "接收成功"}


@dataclass(frozen=True)
class CallReport:
    """What became of one call. `heard`: to the end; `answered`: at least picked up; `seconds`: how long they listened."""

    msgid: str
    out_id: str
    phone: str
    answered: bool
    heard: bool
    code: str
    words: str
    seconds: int


def call(*, phone: str, template_code: str, params: Mapping[str, str], out_id: str) -> Accepted:
    """One call. `out_id` has at most 15 letters; the report names it and the msgid."""
    access = settings().voice
    if not access.key_id:
        raise AccountRefused("account", "VOICE_ACCESS_KEY is not set")
    from alibabacloud_dyvmsapi20170525.client import Client
    from alibabacloud_dyvmsapi20170525.models import SingleCallByTtsRequest

    request = SingleCallByTtsRequest(
        called_number=alibaba.dialled(phone),
        called_show_number=access.shown_as or None,
        tts_code=template_code,
        tts_param=alibaba.params_text(params),
        out_id=out_id,
    )
    body = alibaba.carry_out(lambda: alibaba.client(Client, access).single_call_by_tts(request))
    return Accepted(body.call_id)


def reports(body: bytes) -> list[CallReport]:
    """What the cloud pushed of calls made (VoiceReport). Answer `ACKNOWLEDGED`. Raises ReceiptUnreadable."""
    return [
        CallReport(
            msgid=str(row.get("call_id", "")),
            out_id=str(row.get("out_id") or ""),
            phone=str(row.get("callee", "")),
            answered=str(row.get("status_code")) in {HEARD, CUT_SHORT},
            heard=str(row.get("status_code")) == HEARD,
            code=str(row.get("status_code") or ""),
            words=str(row.get("status_msg") or ""),
            seconds=int(row["duration"]) if str(row.get("duration") or "").isdigit() else 0,
        )
        for row in alibaba.rows(body)
    ]
