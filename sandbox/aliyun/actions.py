"""One call of an action: what came in, what it needs, how it is refused."""

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.world import World
from sandbox.world.telecom import Telecom

VERSION = "2017-05-25"

TEXTS: dict[str, str] = {
    "isp.SYSTEM_ERROR": "系统异常，请重试",
    "isv.OUT_OF_SERVICE": "业务停机",
    "isv.AMOUNT_NOT_ENOUGH": "账户余额不足",
    "isv.SMS_SIGNATURE_ILLEGAL": "该账号下找不到对应签名",
    "isv.SMS_TEMPLATE_ILLEGAL": "该账号下找不到对应模板",
    "isv.TTS_TEMPLATE_ILLEGAL": "TTS模板不合法",
    "isv.DISPLAY_NUMBER_ILLEGAL": "号显不合法",
    "isv.MOBILE_NUMBER_ILLEGAL": "非法手机号",
    "isv.MOBILE_COUNT_OVER_LIMIT": "手机号码数量超过限制",
    "isv.INVALID_JSON_PARAM": "参数格式错误，请修改为字符串值",
    "isv.INVALID_PARAMETERS": "参数异常",
    "isv.TEMPLATE_MISSING_PARAMETERS": "模板变量缺少对应参数值",
    "isv.TEMPLATE_PARAMS_ILLEGAL": "模板变量非法",
    "isv.PARAM_LENGTH_LIMIT": "参数超过长度限制",
    "isv.PARAM_NOT_SUPPORT_URL": "变量不支持传入URL",
    "isv.BLACK_KEY_CONTROL_LIMIT": "变量内容含有限制发送的内容",
    "isv.BUSINESS_LIMIT_CONTROL": "触发业务流控限制",
    "InvalidAccessKeyId.NotFound": "Specified access key is not found.",
    "SignatureDoesNotMatch": "Specified signature does not match our calculation.",
    "SignatureNonceUsed": "Specified signature nonce was used already.",
    "InvalidTimeStamp.Expired": "Specified time stamp or date value is expired.",
    "IncompleteSignature": "The request signature does not conform to Aliyun standards.",
    "InvalidAction.NotFound": "Specified api is not found, please check your url and method.",
    "InvalidVersion": "Specified parameter Version is not valid.",
    "Throttling": "Request was denied due to request throttling.",
    "Throttling.User": "Request was denied due to user flow control.",
    "ServiceUnavailable": "The request has failed due to a temporary failure of the server.",
}
STATUSES = {
    "InvalidAccessKeyId.NotFound": 404,
    "InvalidAction.NotFound": 404,
    "SignatureDoesNotMatch": 400,
    "ServiceUnavailable": 503,
}


class Refused(Exception):
    """`isv.` and `isp.` codes are answers with HTTP 200; the gateway's own codes come with 400 or what STATUSES says."""

    def __init__(self, code: str, *, text: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.text = text if text is not None else TEXTS.get(code, code)

    @property
    def status(self) -> int:
        return 200 if self.code.startswith(("isv.", "isp.")) else STATUSES.get(self.code, 400)


@dataclass(slots=True)
class Asked:
    """An authenticated call; `fields` holds query and form together."""

    world: World
    fields: Mapping[str, str]
    now: float

    @property
    def telecom(self) -> Telecom:
        return self.world.telecom

    def needed(self, name: str) -> str:
        value = self.fields.get(name, "")
        if not value:
            raise Refused(f"Missing{name}", text=f"{name} is mandatory for this action.")
        return value

    def open_for_business(self) -> None:
        """Refuses when the account is stopped or empty."""
        if not self.telecom.in_service:
            raise Refused("isv.OUT_OF_SERVICE")
        if self.telecom.balance is not None and self.telecom.balance <= 0:
            raise Refused("isv.AMOUNT_NOT_ENOUGH")

    def report(self, kind: str, *, url: str, row: Mapping[str, Any], due_at: float) -> None:
        """Tells the product later, unless a fault ordered for `push:<kind>` has it otherwise."""
        faults = self.world.faults.take_push(kind) if url else {}
        self.telecom.reports.add(kind, url=url, row=row, due_at=due_at, faults=faults)

    def pay(self, pieces: int) -> None:
        if self.telecom.balance is not None:
            self.telecom.balance -= pieces


ACTIONS: dict[str, Callable[[Asked], dict[str, Any]]] = {}


def action(name: str) -> Callable[[Callable[[Asked], dict[str, Any]]], Callable[[Asked], dict[str, Any]]]:
    """Registers a function as the answer to this action."""

    def register(view: Callable[[Asked], dict[str, Any]]) -> Callable[[Asked], dict[str, Any]]:
        ACTIONS[name] = view
        return view

    return register


def request_id() -> str:
    return str(uuid.uuid4()).upper()


def values_of(given: str, *, wanted: list[str]) -> dict[str, str]:
    """The template's variables from a JSON object of texts; refused when one is missing or no text."""
    try:
        found = json.loads(given) if given else {}
    except ValueError:
        raise Refused("isv.INVALID_JSON_PARAM") from None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise Refused("isv.INVALID_JSON_PARAM")
    if any(not found.get(name, "").strip() for name in wanted):
        raise Refused("isv.TEMPLATE_MISSING_PARAMETERS")
    return {name: str(found[name]) for name in wanted}


def list_of(given: str) -> list[str]:
    """A JSON list, as the batch fields carry it; objects in it come back as text."""
    try:
        found = json.loads(given)
    except ValueError:
        raise Refused("isv.INVALID_JSON_PARAM") from None
    if not isinstance(found, list):
        raise Refused("isv.INVALID_JSON_PARAM")
    return [item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in found]
