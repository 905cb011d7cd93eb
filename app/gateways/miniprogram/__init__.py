"""The mini-program's platform in our own words: who opened it, which number they picked, codes and links to its pages.

Every function may raise PlatformAway (busy, silent, nonsense), CalledTooOften, or PlatformRefused (the operator must mend
something); `send_subscription` the family of `app.gateways.wechat.refusals.SendFailed` and nothing else, `templates` what
`app.gateways.wechat.ask` raises. Call them between two transactions, never inside one. The session key stays here.
"""

from dataclasses import dataclass

import requests

from app.gateways.miniprogram.client import PHONE_REFUSALS, ask, fields
from app.gateways.miniprogram.messages import Accepted as Accepted
from app.gateways.miniprogram.messages import send_subscription as send_subscription
from app.gateways.miniprogram.messages import templates as templates
from app.gateways.miniprogram.refusals import CalledTooOften as CalledTooOften
from app.gateways.miniprogram.refusals import CodeForeign as CodeForeign
from app.gateways.miniprogram.refusals import CodeInvalid as CodeInvalid
from app.gateways.miniprogram.refusals import CodeUsed as CodeUsed
from app.gateways.miniprogram.refusals import LoginBlocked as LoginBlocked
from app.gateways.miniprogram.refusals import PlatformAway as PlatformAway
from app.gateways.miniprogram.refusals import PlatformRefused as PlatformRefused
from app.gateways.wechat import http as http
from app.kernel.settings import settings

LOGIN_REFUSALS = (CodeInvalid, CodeUsed, LoginBlocked, CalledTooOften, PlatformAway, PlatformRefused)
PHONE_CODE_REFUSALS = (CodeInvalid, CodeUsed, CodeForeign, CalledTooOften, PlatformAway, PlatformRefused)


@dataclass(frozen=True)
class Visitor:
    """Who opened the mini-program. `unionid` only where the app is bound to an open-platform account."""

    appid: str
    openid: str
    unionid: str | None


def code_to_session(code: str) -> Visitor:
    """Who is behind a login code (wx.login: once, five minutes). Raises CodeInvalid, CodeUsed, LoginBlocked."""
    here = settings()
    query = {
        "appid": here.miniprogram_appid,
        "secret": here.miniprogram_secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    answer = fields(ask("get", "/sns/jscode2session", query=query), "openid")
    return Visitor(here.miniprogram_appid, str(answer["openid"]), answer.get("unionid") or None)


def phone_number(code: str, openid: str) -> str:
    """The number behind the phone button's code (once, five minutes), with + and country where it is foreign.

    It was picked, not proven (C02). Each success costs money. Raises CodeInvalid, CodeUsed, CodeForeign.
    """
    body = {"code": code, "openid": openid}
    answer = ask("post", "/wxa/business/getuserphonenumber", data=body, refusals=PHONE_REFUSALS)
    info = fields(fields(answer, "phone_info")["phone_info"], "purePhoneNumber", "countryCode")
    return f"+{info['countryCode']}{info['purePhoneNumber']}"


def page_code(*, scene: str, page: str, width: int = 430) -> bytes:
    """The image of a code that opens a page; `scene` up to 32 letters is handed to it. As many codes as one likes."""
    body = {"scene": scene, "page": page, "width": width}
    answer = ask("post", "/wxa/getwxacodeunlimit", data=body)
    if not isinstance(answer, requests.Response) or not answer.content.startswith((b"\xff\xd8", b"\x89PNG")):
        raise PlatformAway
    return bytes(answer.content)


def page_link(*, path: str, query: str = "", days: int = 30) -> str:
    """A web address that opens a page of the mini-program from SMS and the like, valid for up to 30 days."""
    body = {"path": path, "query": query, "expire_type": 1, "expire_interval": days}
    return str(fields(ask("post", "/wxa/generate_urllink", data=body), "url_link")["url_link"])
