"""Web pages inside WeChat: the consent page, codes, tokens, and what each scope shows."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from wechatpy.oauth import WeChatOAuth

from sandbox import demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform
from tests.sandbox.web import BACK, authorize, code_for, logged_in, tokens_of


@pytest.fixture
def account(platform: Platform) -> Account:
    return Account(platform)


def userinfo(account: Account, found: Any, **more: str) -> Any:
    query = {"access_token": found["access_token"], "openid": found["openid"], **more}
    return account.platform.http.get("/sns/userinfo", query_string=query).json


def auth(account: Account, found: Any, **more: str) -> Any:
    query = {"access_token": found["access_token"], "openid": found["openid"], **more}
    return account.platform.http.get("/sns/auth", query_string=query).json


def refresh(account: Account, token: str) -> Any:
    query = {"appid": account.appid, "grant_type": "refresh_token", "refresh_token": token}
    return account.platform.http.get("/sns/oauth2/refresh_token", query_string=query).json


def test_the_page_lets_one_pick_a_person_and_leads_back(account: Account) -> None:
    account.platform.person(name="林晓")
    page = authorize(account).get_data(as_text=True)
    assert "林晓" in page
    assert "静默授权" in page
    assert "昵称、头像" in authorize(account, scope="snsapi_userinfo").get_data(as_text=True)
    assert "林晓" not in authorize(account, q="没有").get_data(as_text=True)
    address = urlsplit(authorize(account, **{"as": account.person["person_id"], "state": "状态 1"}).location)
    query = parse_qs(address.query)
    assert address.geturl().startswith(BACK)
    assert (query["from"], query["state"]) == (["menu"], ["状态 1"])
    assert tokens_of(account, code=query["code"][0])["openid"] == account.openid


def test_the_address_of_the_library_leads_there(account: Account) -> None:
    login = WeChatOAuth(demo.OA_APPID, demo.OA_SECRET, BACK, scope="snsapi_userinfo", state="s")
    address = urlsplit(login.authorize_url)
    answer = account.platform.http.get(f"{address.path}?{address.query}&as={account.openid}")
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"appid": demo.APPID}, "10013"),
        ({"redirect_uri": "brand.example"}, "10003"),
        ({"response_type": "token"}, "10004"),
        ({"scope": "snsapi_login"}, "10005"),
    ],
)
def test_a_wrong_address_is_said_on_the_page(account: Account, wrong: dict[str, str], words: str) -> None:
    answer = authorize(account, **{"as": account.openid, **wrong})
    assert answer.status_code == 200
    assert words in answer.get_data(as_text=True)


def test_a_code_is_good_once_and_five_minutes(account: Account) -> None:
    code = code_for(account)
    assert tokens_of(account, code=code, secret="wrong")["errcode"] == 40125
    assert tokens_of(account, code=code, appid=demo.APPID, secret=demo.SECRET)["errcode"] == 40029
    assert tokens_of(account, code="")["errcode"] == 41008
    assert tokens_of(account, code=code)["openid"] == account.openid
    assert tokens_of(account, code=code)["errcode"] == 40163
    late = code_for(account)
    account.platform.world("clock", advance=301)
    assert tokens_of(account, code=late)["errcode"] == 42003


def test_base_gives_the_openid_only_and_userinfo_the_name(account: Account) -> None:
    found = logged_in(account)
    assert found["openid"] == account.openid
    assert "unionid" not in found
    assert "is_snapshotuser" not in found
    assert userinfo(account, found)["errcode"] == 48001
    found = logged_in(account, scope="snsapi_userinfo")
    assert found["unionid"] == account.person["unionid"]
    shown = userinfo(account, found)
    assert (shown["nickname"], shown["sex"], shown["city"]) == (account.person["name"], 0, "")
    assert userinfo(account, found, openid="other")["errcode"] == 40003


def test_a_visitor_of_a_snapshot_page_is_nobody(account: Account) -> None:
    account.platform.world("switches", web_visitors_are_snapshots=True)
    found = logged_in(account)
    assert found["is_snapshotuser"] == 1
    assert found["openid"] != account.openid
    found = logged_in(account, scope="snsapi_userinfo")
    assert found["unionid"] != account.person["unionid"]
    assert userinfo(account, found)["unionid"] == found["unionid"]


def test_tokens_of_a_page_open_nothing_else_and_end_after_two_hours(account: Account) -> None:
    found = logged_in(account)
    assert auth(account, found)["errcode"] == 0
    assert auth(account, found, openid="other")["errcode"] == 40003
    query = {"access_token": found["access_token"], "openid": account.openid}
    assert account.platform.http.get("/cgi-bin/user/info", query_string=query).json["errcode"] in (40001, 40014)
    account.platform.world("clock", advance=7201)
    assert auth(account, found)["errcode"] == 42001


def test_refreshing_prolongs_a_living_token_and_replaces_a_dead_one_for_thirty_days(account: Account) -> None:
    found = logged_in(account)
    account.platform.world("clock", advance=7000)
    again = refresh(account, found["refresh_token"])
    assert again["access_token"] == found["access_token"]
    account.platform.world("clock", advance=7000)
    assert auth(account, found)["errcode"] == 0
    account.platform.world("clock", advance=7201)
    fresh = refresh(account, found["refresh_token"])
    assert fresh["access_token"] != found["access_token"]
    assert fresh["refresh_token"] == found["refresh_token"]
    assert refresh(account, "nonsense")["errcode"] == 40030
    account.platform.world("clock", advance=30 * 86400)
    assert refresh(account, found["refresh_token"])["errcode"] == 42002


def test_a_script_ticket_stays_the_same_while_it_lives(account: Account) -> None:
    account.platform.appid, account.platform.secret = account.appid, demo.OA_SECRET
    first = account.platform.get("/cgi-bin/ticket/getticket", type="jsapi")
    account.platform.world("clock", advance=100)
    again = account.platform.get("/cgi-bin/ticket/getticket", type="jsapi")
    assert again["ticket"] == first["ticket"]
    assert first["expires_in"] - again["expires_in"] in (100, 101)
    assert account.platform.get("/cgi-bin/ticket/getticket", type="wx_card")["ticket"] != first["ticket"]
    account.platform.world("clock", advance=7200)
    assert account.platform.get("/cgi-bin/ticket/getticket", type="jsapi")["ticket"] != first["ticket"]
    assert account.platform.get("/cgi-bin/ticket/getticket", type="dance")["errcode"] == 40097
