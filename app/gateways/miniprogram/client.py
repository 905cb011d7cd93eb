"""The mini-program's calls over the shared client, with its refusals in our own words."""

import logging
from typing import Any

from wechatpy.exceptions import WeChatClientException

from app.gateways import wechat
from app.gateways.miniprogram.refusals import (
    CalledTooOften,
    CodeForeign,
    CodeInvalid,
    CodeUsed,
    LoginBlocked,
    PlatformAway,
    PlatformRefused,
)
from app.gateways.wechat.answers import BUSY
from app.gateways.wechat.client import NO_ANSWER, client_of, patiently
from app.kernel.errors import Refusal
from app.kernel.settings import settings

log = logging.getLogger("guiyi.miniprogram")

ANSWERS: dict[int | None, type[Refusal]] = {
    40029: CodeInvalid,
    40163: CodeUsed,
    40226: LoginBlocked,
    45009: CalledTooOften,
    45011: CalledTooOften,
    None: PlatformAway,
    BUSY: PlatformAway,
}
PHONE_REFUSALS: dict[int | None, type[Refusal]] = {40013: CodeInvalid, 40003: CodeForeign}


def ask(method: str, path: str, *, refusals: dict[int | None, type[Refusal]] | None = None, **kwargs: Any) -> Any:
    """Call the platform and give its answer. A busy platform (-1) is asked again twice; everything else that is no answer
    becomes a refusal: `refusals` for this path's own codes, then ANSWERS, then PlatformRefused."""
    client = client_of(settings().miniprogram_appid)
    try:
        return patiently(client, method, path, **kwargs)
    except WeChatClientException as error:
        raise _refusal(path, error, refusals or {}) from error
    except NO_ANSWER as error:
        log.warning("the platform did not answer", extra={"path": path, "why": type(error).__name__})
        raise PlatformAway from error
    except wechat.refusals.PlatformAway as error:
        raise PlatformAway from error


def fields(answer: Any, *names: str) -> dict[str, Any]:
    """The answer as an object that has these members. Raises PlatformAway: half an answer and HTML are no answers."""
    try:
        return wechat.fields(answer, *names)
    except wechat.refusals.PlatformAway as error:
        raise PlatformAway from error


def _refusal(path: str, error: WeChatClientException, refusals: dict[int | None, type[Refusal]]) -> Refusal:
    kind = refusals.get(error.errcode) or ANSWERS.get(error.errcode, PlatformRefused)
    words = {"path": path, "errcode": error.errcode, "errmsg": error.errmsg}
    log.log(logging.ERROR if kind is PlatformRefused else logging.INFO, "the platform refused", extra=words)
    return kind(errcode=error.errcode) if error.errcode is not None else kind()
