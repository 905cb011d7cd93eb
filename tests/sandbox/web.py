"""A browser inside WeChat: it opens the consent page as somebody, and comes back with a code."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox import demo
from tests.sandbox.accounts import Account

BACK = "https://brand.example/login?from=menu"


def authorize(account: Account, **more: str) -> Any:
    query = {
        "appid": account.appid,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
        **more,
    }
    return account.platform.http.get("/connect/oauth2/authorize", query_string=query)


def code_for(account: Account, **more: str) -> str:
    answer = authorize(account, **{"as": account.person["person_id"], **more})
    assert answer.status_code == 302, answer.get_data(as_text=True)
    return parse_qs(urlsplit(answer.location).query)["code"][0]


def tokens_of(account: Account, *, code: str, **more: str) -> Any:
    query = {"appid": account.appid, "secret": demo.OA_SECRET, "code": code, "grant_type": "authorization_code", **more}
    return account.platform.http.get("/sns/oauth2/access_token", query_string=query).json


def logged_in(account: Account, **more: str) -> Any:
    return tokens_of(account, code=code_for(account, **more))
