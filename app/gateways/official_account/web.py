"""Web pages opened inside WeChat: who opened them, and what they may ask of the client."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from redis.exceptions import LockError

from app.gateways.wechat.client import ask, client_of, fields
from app.gateways.wechat.refusals import PlatformAway
from app.kernel.redis import client
from app.kernel.settings import settings

MARGIN_SECONDS, LEAST_SECONDS = 120, 60
LOCK_SECONDS, WAIT_SECONDS = 15, 8
LONGEST_STATE = 128
Scope = Literal["snsapi_base", "snsapi_userinfo"]


@dataclass(frozen=True)
class PageVisitor:
    """Who opened a page. `unionid` only with scope snsapi_userinfo. `is_snapshot`: a virtual account of somebody who only
    looks; make no member of it. The token is this person's alone, for `profile`."""

    appid: str
    openid: str
    unionid: str | None
    scope: str
    access_token: str
    refresh_token: str
    is_snapshot: bool


def authorize_url(appid: str, *, redirect_to: str, state: str, scope: Scope = "snsapi_base") -> str:
    """Where to send a browser so that it comes back to `redirect_to` with a code. The order of the parts matters there."""
    client_of(appid, "official_account")
    if len(state) > LONGEST_STATE:
        raise ValueError(f"state has at most {LONGEST_STATE} letters")
    return (
        f"{settings().wechat_open_base}/connect/oauth2/authorize?appid={appid}&redirect_uri={quote(redirect_to, safe='')}"
        f"&response_type=code&scope={scope}&state={quote(state, safe='')}#wechat_redirect"
    )


def visitor(appid: str, code: str) -> PageVisitor:
    """Who is behind a code (once, five minutes). RequestInvalid with 40029: invalid; 40163: used, perhaps by a browser
    that opened the page twice."""
    secret = client_of(appid, "official_account").secret
    query = {"appid": appid, "secret": secret, "code": code, "grant_type": "authorization_code"}
    return _visitor(appid, fields(ask(appid, "get", "/sns/oauth2/access_token", query=query), *_MEMBERS))


def refreshed(appid: str, refresh_token: str) -> PageVisitor:
    """The same person again, within 30 days of their consent. RequestInvalid with 40030 or 42002: ask them anew."""
    query = {"appid": appid, "grant_type": "refresh_token", "refresh_token": refresh_token}
    return _visitor(appid, fields(ask(appid, "get", "/sns/oauth2/refresh_token", query=query), *_MEMBERS))


def unionid(visitor: PageVisitor) -> str | None:
    """The person's unionid, for scope snsapi_userinfo."""
    query = {"access_token": visitor.access_token, "openid": visitor.openid, "lang": "zh_CN"}
    return fields(ask(visitor.appid, "get", "/sns/userinfo", query=query), "openid").get("unionid") or None


def page_signature(appid: str, *, url: str, nonce: str, timestamp: int) -> dict[str, object]:
    """What wx.config wants for a page: appId, timestamp, nonceStr, signature. `url` as the browser shows it."""
    signed = f"jsapi_ticket={ticket(appid)}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    signature = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    return {"appId": appid, "timestamp": timestamp, "nonceStr": nonce, "signature": signature}


def ticket(appid: str) -> str:
    """The account's JS ticket: one for all processes, in Redis, fetched by one of them at a time."""
    name = f"platform-ticket:{appid}"
    if known := client().get(name):
        return str(known)
    try:
        with client().lock(f"{name}:refresh", timeout=LOCK_SECONDS, blocking_timeout=WAIT_SECONDS):
            if known := client().get(name):
                return str(known)
            answer = ask(appid, "get", "/cgi-bin/ticket/getticket", params={"type": "jsapi"})
            found = fields(answer, "ticket", "expires_in")
            seconds = max(LEAST_SECONDS, int(found["expires_in"]) - MARGIN_SECONDS)
            client().set(name, found["ticket"], ex=seconds)
            return str(found["ticket"])
    except LockError:
        raise PlatformAway from None


_MEMBERS = ("access_token", "refresh_token", "openid", "scope")


def _visitor(appid: str, answer: dict[str, object]) -> PageVisitor:
    return PageVisitor(
        appid=appid,
        openid=str(answer["openid"]),
        unionid=str(answer["unionid"]) if answer.get("unionid") else None,
        scope=str(answer["scope"]),
        access_token=str(answer["access_token"]),
        refresh_token=str(answer["refresh_token"]),
        is_snapshot=answer.get("is_snapshotuser") in {1, "1"},
    )
