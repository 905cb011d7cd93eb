"""Every recorded payload of followers, tags, menus, codes, tickets, web logins and template lists: requests are accepted,
answers have the same keys and types."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox import demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform, recorded
from tests.sandbox.web import logged_in, tokens_of

Scene = Callable[[Account], Any]


def shape(value: Any) -> Any:
    """Keys and JSON types; a list is the set of the shapes of its items."""
    if isinstance(value, dict):
        return {key: shape(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return sorted({repr(shape(item)) for item in value})
    return type(value).__name__


def get(account: Account, path: str, **query: str) -> Any:
    account.platform.appid, account.platform.secret = account.appid, demo.OA_SECRET
    return account.platform.get(path, **query)


def follower(account: Account, *, openid: str, follows: bool = True) -> str:
    """Somebody with this openid in the account."""
    person = account.platform.person(openids={account.appid: openid})
    if follows:
        path = f"/_world/people/{person['person_id']}/follow"
        assert account.platform.http.post(path, json={"appid": account.appid}).status_code == 200
    return openid


def tag(account: Account, *, number: int = 134) -> None:
    """A tag of exactly this number."""
    book = account.platform.app.extensions["world"].book(account.appid)
    book.next_tag = number
    account.post("/cgi-bin/tags/create", {"tag": {"name": "广东"}})


def record(account: Account) -> Any:
    account.quietly("follow", scene="98765")
    tag(account, number=128)
    account.post("/cgi-bin/tags/members/batchtagging", {"openid_list": [account.openid], "tagid": 128})
    return get(account, "/cgi-bin/user/info", openid=account.openid)


def nobodys_record(account: Account) -> Any:
    return get(account, "/cgi-bin/user/info", openid=account.openid)


def records(account: Account) -> Any:
    request = recorded("oa/user_info_batchget.request")
    account.platform.world("switches", user_info_as_before_2021=True)
    first, second = (row["openid"] for row in request["user_list"])
    follower(account, openid=first)
    follower(account, openid=second, follows=False)
    return account.post("/cgi-bin/user/info/batchget", request)


def followers(account: Account) -> Any:
    for openid in ("OPENID1", "OPENID2"):
        follower(account, openid=openid)
    return get(account, "/cgi-bin/user/get")


def tagged(account: Account) -> Any:
    request = recorded("oa/tags_members_batchtagging.request")
    tag(account)
    for openid in request["openid_list"]:
        follower(account, openid=openid)
    return account.post("/cgi-bin/tags/members/batchtagging", request)


def tagged_then(account: Account, path: str, *, name: str) -> Any:
    tagged(account)
    return account.post(path, recorded(name))


def tag_list(account: Account) -> Any:
    tagged(account)
    return get(account, "/cgi-bin/tags/get")


def menu(account: Account) -> Any:
    return account.post("/cgi-bin/menu/create", recorded("oa/menu_create.request"))


def menu_read(account: Account) -> Any:
    menu(account)
    return get(account, "/cgi-bin/menu/get")


def conditional(account: Account) -> Any:
    menu(account)
    body = {**recorded("oa/menu_create.request"), "matchrule": {"tag_id": "2"}}
    return account.post("/cgi-bin/menu/addconditional", body)


def template_list(account: Account) -> Any:
    rows = recorded("oa/template_get_all_private_template.response")["template_list"]
    account.platform.world(f"apps/{account.appid}", templates=rows)
    return get(account, "/cgi-bin/template/get_all_private_template")


def added(account: Account) -> Any:
    return account.post("/cgi-bin/template/api_add_template", recorded("oa/template_api_add_template.request"))


def userinfo(account: Account) -> Any:
    account.platform.world("switches", web_sex_as_text=True)
    found = logged_in(account, scope="snsapi_userinfo")
    query = {"access_token": found["access_token"], "openid": found["openid"]}
    return {**account.platform.http.get("/sns/userinfo", query_string=query).json, "privilege": ["one"]}


def refreshed(account: Account) -> Any:
    found = logged_in(account)
    query = {"appid": account.appid, "grant_type": "refresh_token", "refresh_token": found["refresh_token"]}
    return account.platform.http.get("/sns/oauth2/refresh_token", query_string=query).json


ANSWERS: dict[str, Scene] = {
    "user_info.response": record,
    "user_info.response-not-subscribed": nobodys_record,
    "user_info_batchget.response": records,
    "user_get.response": followers,
    "tags_create.response": lambda a: a.post("/cgi-bin/tags/create", recorded("oa/tags_create.request")),
    "tags_members_batchtagging.response": tagged,
    "tags_get.response": tag_list,
    "tags_getidlist.response": lambda a: tagged_then(a, "/cgi-bin/tags/getidlist", name="oa/tags_getidlist.request"),
    "user_tag_get.response": lambda a: tagged_then(a, "/cgi-bin/user/tag/get", name="oa/user_tag_get.request"),
    "menu_create.response": menu,
    "menu_get.response": menu_read,
    "menu_addconditional.response": conditional,
    "qrcode_create.response": lambda a: a.post("/cgi-bin/qrcode/create", recorded("oa/qrcode_create.request-temp-str")),
    "ticket_getticket.response": lambda a: get(a, "/cgi-bin/ticket/getticket", type="jsapi"),
    "template_get_all_private_template.response": template_list,
    "template_api_add_template.response": added,
    "sns_oauth2_access_token.response": lambda a: logged_in(a, scope="snsapi_userinfo", snapshot="1"),
    "sns_oauth2_refresh_token.response": refreshed,
    "sns_userinfo.response": userinfo,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_has_the_recorded_shape(platform: Platform, name: str) -> None:
    assert shape(ANSWERS[name](Account(platform))) == shape(recorded(f"oa/{name}"))


def test_the_recorded_menu_reads_back_as_recorded(platform: Platform) -> None:
    assert menu_read(Account(platform)) == recorded("oa/menu_get.response")


def test_recorded_template_keeps_its_words(platform: Platform) -> None:
    account = Account(platform)
    assert template_list(account) == recorded("oa/template_get_all_private_template.response")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("tags_update.request", "/cgi-bin/tags/update"),
        ("tags_members_batchuntagging.request", "/cgi-bin/tags/members/batchuntagging"),
        ("tags_delete.request", "/cgi-bin/tags/delete"),
    ],
)
def test_recorded_tag_requests_are_accepted(platform: Platform, name: str, path: str) -> None:
    account = Account(platform)
    assert tagged_then(account, path, name=f"oa/{name}") == {"errcode": 0, "errmsg": "ok"}


def test_recorded_remark_is_kept(platform: Platform) -> None:
    account, request = Account(platform), recorded("oa/user_info_updateremark.request")
    follower(account, openid=request["openid"])
    assert account.post("/cgi-bin/user/info/updateremark", request)["errcode"] == 0
    assert get(account, "/cgi-bin/user/info", openid=request["openid"])["remark"] == "pangzi"


def test_recorded_template_is_deleted_once(platform: Platform) -> None:
    account, request = Account(platform), recorded("oa/template_del_private_template.request")
    platform.world(f"apps/{account.appid}/templates", template_id=request["template_id"], fields=["thing1"])
    assert account.post("/cgi-bin/template/del_private_template", request)["errcode"] == 0
    assert account.post("/cgi-bin/template/del_private_template", request)["errcode"] == 40037


def test_recorded_refusals_keep_their_codes(platform: Platform) -> None:
    account = Account(platform)
    follower(account, openid="OPENID1")
    refused = account.post("/cgi-bin/tags/members/batchtagging", {"openid_list": ["OPENID1"], "tagid": 999})
    wanted = recorded("oa/tags_members_batchtagging.error-45159")
    assert refused["errcode"] == wanted["errcode"]
    assert refused["errmsg"].startswith("invalid tag id")
    refused = tokens_of(account, code="nonsense")
    wanted = recorded("oa/sns_oauth2_access_token.error-40029")
    assert (refused["errcode"], refused["errmsg"].partition(",")[0]) == (wanted["errcode"], wanted["errmsg"])


def test_every_answer_is_json_with_real_characters(platform: Platform) -> None:
    account = Account(platform)
    tag(account)
    token = platform.fresh_token()
    raw = platform.http.get("/cgi-bin/tags/get", query_string={"access_token": token}).get_data(as_text=True)
    assert "广东" in raw
    assert json.loads(raw)["tags"][-1]["name"] == "广东"
