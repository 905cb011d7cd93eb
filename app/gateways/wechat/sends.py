"""One message to one person: posted once, its outcome named as exactly as it is known."""

import json
import logging
import time
from dataclasses import dataclass
from typing import Any

import requests
from redis.exceptions import RedisError
from wechatpy.exceptions import WeChatClientException

from app.gateways.wechat import transport
from app.gateways.wechat.answers import send_refusal
from app.gateways.wechat.client import PlatformClient, client_of
from app.gateways.wechat.refusals import (
    AccountRefused,
    AccountUnknown,
    AnswerLost,
    Busy,
    NotSent,
    PlatformAway,
    QuotaSpent,
    RateReached,
    TokenRefused,
)
from app.kernel.settings import AccountKind

log = logging.getLogger("guiyi.wechat")

OK = 200
# How long a process uses the shared token without looking it up again; a refused one is looked up at once.
REMEMBERED_SECONDS = 5.0
# Made once: json makes a new one for every call with other settings than its own.
_TO_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_FROM_JSON = json.JSONDecoder(strict=False)
_remembered: dict[str, tuple[str, float]] = {}


@dataclass(frozen=True)
class Accepted:
    """Taken over by the other side, which is not yet delivered. `msgid` comes again in the receipt, where there is one."""

    msgid: str | None


def send(
    appid: str,
    path: str,
    body: dict[str, Any],
    *,
    kind: AccountKind,
    also: frozenset[int] = frozenset(),
) -> dict[str, Any]:
    """Post `body`; a refused token is replaced and the call made once more. Gives the platform's answer; errcodes in
    `also` count as one. Raises NotSent, AnswerLost, and nothing else."""
    try:
        client = client_of(appid, kind)
    except AccountUnknown as error:
        raise AccountRefused("account", f"no such {kind}: {appid}") from error
    payload = _TO_JSON.encode(body).encode("utf-8", "replace")
    token = _token(client, None)
    try:
        return _post(client, path, token, payload, also)
    except TokenRefused:
        return _post(client, path, _token(client, token), payload, also)


def accepted(answer: dict[str, Any], name: str = "msgid") -> Accepted:
    """The id that the receipt will have, as text: it has 64 bits."""
    return Accepted(str(answer[name]) if name in answer else None)


def _post(client: PlatformClient, path: str, token: str, payload: bytes, also: frozenset[int]) -> dict[str, Any]:
    try:
        status, content = transport.post(client.base, f"{path}?access_token={token}", payload)
    except transport.Unconnected as error:
        raise Busy(None, str(error)) from error
    except transport.Unanswered as error:
        raise AnswerLost(None, str(error)) from error
    answer = _read(status, content)
    errcode = int(answer.get("errcode", 0))
    if errcode and errcode not in also:
        raise send_refusal(errcode, str(answer.get("errmsg", "")))
    return answer


def _read(status: int, content: bytes) -> dict[str, Any]:
    """The platform says everything with 200 and an object; whatever else comes is from somebody in between."""
    try:
        answer = _FROM_JSON.decode(content.decode("utf-8", "ignore")) if status == OK else None
        if isinstance(answer, dict) and int(answer.get("errcode", 0)) is not None:
            return answer
    except (ValueError, TypeError, RecursionError):
        pass
    raise AnswerLost(status, "no answer of the platform")


def _token(client: PlatformClient, stale: str | None) -> str:
    """The shared token. Whatever goes wrong here, the message has not been written."""
    direct = transport.is_direct(client.base)
    token, until = _remembered.get(client.appid, ("", 0.0))
    if direct and token != stale and time.monotonic() < until:
        return token
    try:
        token = client.token(stale)
    except WeChatClientException as error:
        raise _no_token(error) from error
    except (requests.RequestException, transport.Unconnected, PlatformAway, RedisError) as error:
        raise Busy(None, f"no token: {type(error).__name__}") from error
    _remembered[client.appid] = (token, time.monotonic() + REMEMBERED_SECONDS)
    return token


def _no_token(error: WeChatClientException) -> NotSent:
    if error.errcode is None:
        return Busy(None, "no token: HTTP error")
    refusal = send_refusal(error.errcode, str(error.errmsg))
    if isinstance(refusal, Busy | QuotaSpent | RateReached):
        return refusal
    log.error("no token", extra={"appid": error.client.appid, "errcode": error.errcode, "errmsg": error.errmsg})
    return AccountRefused(error.errcode, str(error.errmsg))
