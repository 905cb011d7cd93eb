"""Alibaba Cloud's texts and calls share one client, one way of refusing and one way of telling the outcome."""

import datetime as dt
import functools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import requests

from app.gateways.wechat.refusals import (
    AccountRefused,
    AnswerLost,
    Busy,
    MessageInvalid,
    NotSent,
    QuotaSpent,
    RateReached,
    RecipientRefused,
    SendFailed,
)
from app.gateways.wechat.transport import ANSWER_SECONDS, CONNECT_SECONDS, http, never_connected
from app.kernel.settings import CloudAccess

BEIJING = ZoneInfo("Asia/Shanghai")
OK = "OK"
FLOW_CONTROL = "isv.BUSINESS_LIMIT_CONTROL"
THIS_MINUTE = "分钟级"
CODES: dict[str, type[NotSent]] = {
    "isp.SYSTEM_ERROR": Busy,
    "SignatureNonceUsed": Busy,
    "isv.DAY_LIMIT_CONTROL": QuotaSpent,
    "isv.MONTH_LIMIT_CONTROL": QuotaSpent,
    "isv.MOBILE_NUMBER_ILLEGAL": RecipientRefused,
    "isv.BLACK_LIST": RecipientRefused,
    "isv.OUT_OF_SERVICE": AccountRefused,
    "isv.AMOUNT_NOT_ENOUGH": AccountRefused,
    "isv.ACCOUNT_NOT_EXISTS": AccountRefused,
    "isv.ACCOUNT_ABNORMAL": AccountRefused,
    "isv.PRODUCT_UN_SUBSCRIPT": AccountRefused,
    "isv.PRODUCT_UNSUBSCRIBE": AccountRefused,
    "isv.SMS_SIGNATURE_ILLEGAL": AccountRefused,
    "isv.SMS_SIGN_ILLEGAL": AccountRefused,
    "isv.DENY_IP_RANGE": AccountRefused,
    "isv.DISPLAY_NUMBER_ILLEGAL": AccountRefused,
    "isp.RAM_PERMISSION_DENY": AccountRefused,
    "SignatureDoesNotMatch": AccountRefused,
    "InvalidTimeStamp.Expired": AccountRefused,
    "Forbidden.RAM": AccountRefused,
    "NoPermission": AccountRefused,
}
BEGINNINGS: dict[str, type[NotSent]] = {"Throttling": RateReached, "InvalidAccessKeyId": AccountRefused}


class ReceiptUnreadable(Exception):
    """What was posted is no list of receipts."""


@functools.cache
def client(kind: type[Any], access: CloudAccess) -> Any:
    """An official client of this process, for the configured address: plain HTTP where it says so."""
    from alibabacloud_tea_openapi.utils_models import Config
    from darabonba.core import DaraCore

    # Its connections are ours: kept as all others are, and tests mount the sandbox in the same place.
    DaraCore._get_session = staticmethod(lambda **_: http())
    address = urlsplit(access.base)
    return kind(
        Config(
            access_key_id=access.key_id,
            access_key_secret=access.key_secret,
            endpoint=address.netloc,
            protocol=address.scheme,
            connect_timeout=int(CONNECT_SECONDS * 1000),
            read_timeout=int(ANSWER_SECONDS * 1000),
        )
    )


def carry_out(call: Callable[[], Any]) -> Any:
    """The body of an accepted call. Raises NotSent, AnswerLost, and nothing else; the client never tries twice."""
    from Tea.exceptions import TeaException, UnretryableException

    try:
        body = call().body
    except UnretryableException as error:  # its words hold the whole address with the number in it: not for us
        raise _unanswered(error) from None
    except TeaException as error:  # the cloud answered with an HTTP error
        if getattr(error, "statusCode", None) and int(error.statusCode) < requests.codes.server_error and error.code:
            raise refusal(str(error.code), str(error.message)) from error
        raise AnswerLost(str(error.code or ""), str(error.message)) from error
    except Exception as error:  # the client stumbles over what is no answer
        raise _unanswered(error) from None
    if not getattr(body, "code", None):
        raise AnswerLost(None, "no answer of the cloud")
    if body.code != OK:
        raise refusal(body.code, body.message or "")
    return body


def refusal(code: str, words: str) -> NotSent:
    """What a code means. The carriers' limit for one number passes within a minute only where it says so."""
    if code == FLOW_CONTROL:
        return (RateReached if THIS_MINUTE in words else RecipientRefused)(code, words)
    found = CODES.get(code)
    begins = next((kind for beginning, kind in BEGINNINGS.items() if code.startswith(beginning)), MessageInvalid)
    return (found or begins)(code, words)


def _unanswered(error: BaseException) -> SendFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, requests.RequestException):
            kind = Busy if never_connected(cause) else AnswerLost
            return kind(None, type(cause).__name__)
        cause = getattr(cause, "inner_exception", None) or cause.__cause__ or cause.__context__
    return AnswerLost(None, type(error).__name__)


def params_text(params: Mapping[str, str]) -> str:
    """Template variables as the cloud wants them."""
    return json.dumps(dict(params), ensure_ascii=False, separators=(",", ":"))


def dialled(phone: str) -> str:
    """A number as the cloud takes it: without the plus, and without 86."""
    return phone.removeprefix("+86").removeprefix("+")


def rows(body: bytes) -> list[dict[str, Any]]:
    """The rows of a push. Raises ReceiptUnreadable."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ReceiptUnreadable("no JSON") from error
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise ReceiptUnreadable("no list of rows")
    return found


def moment(text: Any) -> dt.datetime | None:
    """A time of a receipt, which is Beijing's; None where it has none."""
    try:
        return dt.datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)
    except ValueError:
        return None
