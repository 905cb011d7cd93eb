"""The platform over wechatpy: time-outs, the shared token, one retry, errors as refusals."""

import functools
import logging
import time
from typing import Any

import requests
from wechatpy.client import WeChatClient
from wechatpy.exceptions import WeChatClientException

from app.gateways.wechat.answers import BUSY, TOKEN_REFUSED, call_refusal
from app.gateways.wechat.refusals import AccountUnknown, PlatformAway, PlatformRefused
from app.gateways.wechat.tokens import token_for
from app.gateways.wechat.transport import ANSWER_SECONDS, CONNECT_SECONDS, Unconnected, http
from app.kernel.settings import AccountKind, settings

log = logging.getLogger("guiyi.wechat")

BUSY_PAUSES_SECONDS = (0.1, 0.4)
NO_ANSWER = (requests.RequestException, Unconnected)


class PlatformClient(WeChatClient):
    """wechatpy's client with our address, our token and a single retry."""

    def __init__(self, appid: str, secret: str, base: str) -> None:
        super().__init__(appid, secret, timeout=(CONNECT_SECONDS, ANSWER_SECONDS))
        self.auto_retry = False  # its own retry has no end
        self.base = base
        self._http = http()

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """Call with the shared token; a refused token is replaced and the call made once more."""
        token = self.token(None)
        try:
            return self._with_token(method, path, token, **kwargs)
        except WeChatClientException as error:
            if error.errcode not in TOKEN_REFUSED:
                raise
        return self._with_token(method, path, self.token(token), **kwargs)

    def call_bare(self, method: str, path: str, *, query: dict[str, str]) -> Any:
        """Call where no token belongs. Pairs, because to a dict wechatpy would add one."""
        return self._request(method, f"{self.base}{path}", params=list(query.items()))

    def token(self, stale: str | None) -> str:
        """The shared token, a newer one than `stale`."""
        return token_for(self.appid, fetch=self._fetch_token, stale=stale)

    def _with_token(
        self, method: str, path: str, token: str, *, params: dict[str, str] | None = None, **kwargs: Any
    ) -> Any:
        return self._request(method, f"{self.base}{path}", params={"access_token": token} | (params or {}), **kwargs)

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


def client_of(appid: str, kind: AccountKind | None = None) -> PlatformClient:
    """The client of one account of the brand. Raises AccountUnknown: also when it is not of this kind."""
    here = settings()
    account = here.wechat_accounts.get(appid)
    if account is None or (kind and account.kind != kind):
        raise AccountUnknown(appid=appid)
    return _client(appid, account.secret, here.wechat_api_base)


def patiently(client: PlatformClient, method: str, path: str, **kwargs: Any) -> Any:
    """Call, and ask a busy platform (-1) again twice. With `query` no token travels along.

    Raises wechatpy's WeChatClientException, and what NO_ANSWER names.
    """
    for pause in (*BUSY_PAUSES_SECONDS, None):
        try:
            if "query" in kwargs:
                return client.call_bare(method, path, **kwargs)
            return client.call(method, path, **kwargs)
        except WeChatClientException as error:
            if error.errcode != BUSY or pause is None:
                raise
            time.sleep(pause)
    raise AssertionError("unreachable")


def ask(appid: str, method: str, path: str, **kwargs: Any) -> Any:
    """Call the platform and give its answer. Raises PlatformAway, CalledTooOften, PlatformRefused, RequestInvalid,
    AccountUnknown."""
    client = client_of(appid)
    try:
        return patiently(client, method, path, **kwargs)
    except WeChatClientException as error:
        if error.errcode is None:
            raise PlatformAway from error
        refusal = call_refusal(error.errcode, str(error.errmsg))
        words = {"appid": appid, "path": path, "errcode": error.errcode, "errmsg": error.errmsg}
        log.log(
            logging.ERROR if isinstance(refusal, PlatformRefused) else logging.INFO, "the platform refused", extra=words
        )
        raise refusal from error
    except NO_ANSWER as error:
        log.warning("the platform did not answer", extra={"path": path, "why": type(error).__name__})
        raise PlatformAway from error


def fields(answer: Any, *names: str) -> dict[str, Any]:
    """The answer as an object that has these members. Raises PlatformAway: half an answer and HTML are no answers."""
    if not isinstance(answer, dict) or any(name not in answer for name in names):
        raise PlatformAway
    return answer
