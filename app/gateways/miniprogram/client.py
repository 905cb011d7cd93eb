"""The platform over wechatpy: time-outs, the shared token, one retry, errors as refusals."""

import functools
import logging
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from app.gateways.miniprogram.refusals import (
    CalledTooOften,
    CodeForeign,
    CodeInvalid,
    CodeUsed,
    LoginBlocked,
    PlatformAway,
    PlatformRefused,
)
from app.gateways.miniprogram.tokens import token_for
from app.kernel.errors import Refusal
from app.kernel.settings import settings

log = logging.getLogger("guiyi.miniprogram")

CONNECT_SECONDS, ANSWER_SECONDS = 2.0, 5.0
BUSY = -1
BUSY_PAUSES_SECONDS = (0.1, 0.4)
TOKEN_REFUSED = {40001, 40014, 42001}
ANSWERS: dict[int | None, type[Refusal]] = {
    40029: CodeInvalid,
    40163: CodeUsed,
    40226: LoginBlocked,
    45009: CalledTooOften,
    45011: CalledTooOften,
    None: PlatformAway,
    BUSY: PlatformAway,
}


@functools.cache
def http() -> requests.Session:
    """This process's connections to the platform; tests mount the sandbox here."""
    session = requests.Session()
    session.mount("https://", HTTPAdapter(pool_maxsize=64))
    session.mount("http://", HTTPAdapter(pool_maxsize=64))
    return session


class PlatformClient(WeChatClient):
    """wechatpy's client with our address, our token and a single retry."""

    def __init__(self, appid: str, secret: str, base: str) -> None:
        super().__init__(appid, secret, timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
        self.auto_retry = False  # its own retry has no end
        self.base = base
        self._http = http()

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """Call with the shared token; a refused token is replaced and the call made once more."""
        token = self._token(None)
        try:
            return self._with_token(method, path, token, **kwargs)
        except WeChatClientException as error:
            if error.errcode not in TOKEN_REFUSED:
                raise
        return self._with_token(method, path, self._token(token), **kwargs)

    def call_bare(self, method: str, path: str, *, query: dict[str, str]) -> Any:
        """Call where no token belongs. Pairs, because to a dict wechatpy would add one."""
        return self._request(method, f"{self.base}{path}", params=list(query.items()))

    def _with_token(self, method: str, path: str, token: str, **kwargs: Any) -> Any:
        return self._request(method, f"{self.base}{path}", params={"access_token": token}, **kwargs)

    def _token(self, stale: str | None) -> str:
        return token_for(self.appid, fetch=self._fetch_token, stale=stale)

    def _fetch_token(self, force: bool) -> tuple[str, int]:
        log.info("fetching the platform's token", extra={"appid": self.appid, "forced": force})
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        # Pairs again: an empty list keeps wechatpy from asking for the token it is about to fetch.
        answer = self._request("post", f"{self.base}/cgi-bin/stable_token", params=[], data=body)
        found = fields(answer, "access_token", "expires_in")
        return str(found["access_token"]), int(found["expires_in"])


@functools.cache
def _client(appid: str, secret: str, base: str) -> PlatformClient:
    # Kept: wechatpy looks through its thirty interfaces each time a client is made.
    return PlatformClient(appid, secret, base)


def ask(method: str, path: str, *, refusals: dict[int | None, type[Refusal]] | None = None, **kwargs: Any) -> Any:
    """Call the platform and give its answer. A busy platform (-1) is asked again twice; everything else that is no answer
    becomes a refusal: `refusals` for this path's own codes, then ANSWERS, then PlatformRefused."""
    here = settings()
    client = _client(here.miniprogram_appid, here.miniprogram_secret, here.wechat_api_base)
    for pause in (*BUSY_PAUSES_SECONDS, None):
        try:
            if "query" in kwargs:
                return client.call_bare(method, path, **kwargs)
            return client.call(method, path, **kwargs)
        except WeChatClientException as error:
            if error.errcode != BUSY or pause is None:
                raise _refusal(path, error, refusals or {}) from error
            time.sleep(pause)
        except requests.RequestException as error:
            log.warning("the platform did not answer", extra={"path": path, "why": type(error).__name__})
            raise PlatformAway from error
    raise AssertionError("unreachable")


def fields(answer: Any, *names: str) -> dict[str, Any]:
    """The answer as an object that has these members. Raises PlatformAway: half an answer and HTML are no answers."""
    if not isinstance(answer, dict) or any(name not in answer for name in names):
        raise PlatformAway
    return answer


def _refusal(path: str, error: WeChatClientException, refusals: dict[int | None, type[Refusal]]) -> Refusal:
    kind = refusals.get(error.errcode) or ANSWERS.get(error.errcode, PlatformRefused)
    words = {"path": path, "errcode": error.errcode, "errmsg": error.errmsg}
    log.log(logging.ERROR if kind is PlatformRefused else logging.INFO, "the platform refused", extra=words)
    return kind(errcode=error.errcode) if error.errcode is not None else kind()


PHONE_REFUSALS: dict[int | None, type[Refusal]] = {40013: CodeInvalid, 40003: CodeForeign}
