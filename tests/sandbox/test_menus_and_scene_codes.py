"""Menus with their lengths and counts, conditional ones; scene codes, their pictures and what scanning them gives."""

import io
from typing import Any

import pytest
from PIL import Image
from wechatpy.client import WeChatClient

from sandbox import InProcessAdapter, demo
from tests.sandbox.accounts import Account
from tests.sandbox.playing import Platform

CREATE = "/cgi-bin/menu/create"


@pytest.fixture
def account(platform: Platform) -> Account:
    platform.appid, platform.secret = demo.OA_APPID, demo.OA_SECRET
    return Account(platform)


@pytest.fixture
def client(platform: Platform) -> WeChatClient:
    found = WeChatClient(demo.OA_APPID, demo.OA_SECRET, timeout=5)
    found._http.mount("https://api.weixin.qq.com/", InProcessAdapter(platform.app))
    return found


def click(name: str = "积分", **more: Any) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": "points", **more}


def view(url: str) -> dict[str, Any]:
    return {"type": "view", "name": "商城", "url": url}


def below(*entries: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": "服务", "sub_button": list(entries)}]


PROGRAM = {"type": "miniprogram", "name": "会员卡", "url": "https://a.cn", "pagepath": "pages/card/index"}


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([click()] * 4, 40016),
        (below(*[click()] * 6), 40023),
        ([click("字" * 5 + "a")], 0),
        ([click("字" * 5 + "ab")], 40018),
        (below(click("字" * 20)), 0),
        (below(click("字" * 20 + "a")), 40025),
        ([click(key="k" * 128)], 0),
        ([click(key="k" * 129)], 40019),
        (below(click(key="k" * 129)), 40026),
        ([click(key="")], 40019),
        ([view("https://a.cn/" + "x" * 1011)], 0),
        ([view("https://a.cn/" + "x" * 1012)], 40020),
        (below(view("https://a.cn/" + "x" * 1012)), 40027),
        ([view("ftp://a.cn")], 40055),
        (below(view("a.cn")), 40054),
        ([click(type="dance")], 40017),
        (below(click(type="dance")), 40024),
        ([{"name": "空"}], 40017),
        (below({"name": "深", "sub_button": [click()]}), 40022),
        ([{**PROGRAM, "appid": demo.APPID}], 0),
        ([{**PROGRAM, "appid": "wx0000000000000000"}], 45064),
        ([{"type": "media_id", "name": "图", "media_id": "none"}], 40007),
    ],
)
def test_a_menu_is_refused_with_the_code_of_what_is_wrong(account: Account, buttons: Any, code: int) -> None:
    assert account.post(CREATE, {"button": buttons})["errcode"] == code
    assert ("menu" in account.platform.get("/cgi-bin/menu/get")) is (code == 0)


def test_a_menu_comes_and_goes(client: WeChatClient) -> None:
    assert client.menu.get() is None
    assert client.menu.get_menu_info() == {"is_menu_open": 0, "selfmenu_info": {"button": []}}
    client.menu.create({"button": [click(), *below(view("https://a.cn"), click("生日", key="birthday"))]})
    assert client.menu.get()["menu"]["button"][1]["sub_button"][1]["key"] == "birthday"
    (first, second) = client.menu.get_menu_info()["selfmenu_info"]["button"]
    assert first == {"type": "click", "name": "积分", "key": "points"}
    assert [row["name"] for row in second["sub_button"]["list"]] == ["商城", "生日"]
    client.menu.delete()
    assert client.menu.get_menu_info()["is_menu_open"] == 0


def test_a_conditional_menu_is_seen_by_those_who_carry_its_tag(account: Account, client: WeChatClient) -> None:
    account.quietly("follow")
    body = {"button": [click("金卡", key="gold")], "matchrule": {"tag_id": ""}}
    assert account.post("/cgi-bin/menu/addconditional", body)["errcode"] == 65303
    client.menu.create({"button": [click()]})
    assert account.post("/cgi-bin/menu/addconditional", body)["errcode"] == 65304
    tag = client.tag.create("金卡")["id"]
    body["matchrule"] = {"tag_id": str(tag)}
    menu_id = client.menu.add_conditional(body)["menuid"]
    assert client.menu.try_match(account.openid)["button"][0]["key"] == "points"
    client.tag.tag_user(tag, account.openid)
    assert client.menu.try_match(account.openid)["button"][0]["key"] == "gold"
    assert str(client.menu.get()["conditionalmenu"][0]["menuid"]) == menu_id
    assert account.post("/cgi-bin/menu/trymatch", {"user_id": "nobody"})["errcode"] == 65302
    client.menu.del_conditional(menu_id)
    assert client.menu.try_match(account.openid)["button"][0]["key"] == "points"
    assert account.post("/cgi-bin/menu/delconditional", {"menuid": menu_id})["errcode"] == 65301


def code(action: str, scene: Any, **more: Any) -> dict[str, Any]:
    name = "scene_str" if action.endswith("STR_SCENE") else "scene_id"
    return {"action_name": action, "action_info": {"scene": {name: scene}}, **more}


@pytest.mark.parametrize(
    ("action", "scene", "more", "good"),
    [
        ("QR_SCENE", 2**32 - 1, {}, True),
        ("QR_SCENE", 2**32, {}, False),
        ("QR_SCENE", 0, {}, False),
        ("QR_SCENE", "7", {}, False),
        ("QR_STR_SCENE", "s" * 64, {"expire_seconds": 2_592_000}, True),
        ("QR_STR_SCENE", "s" * 65, {}, False),
        ("QR_STR_SCENE", "", {}, False),
        ("QR_STR_SCENE", "s", {"expire_seconds": 2_592_001}, False),
        ("QR_LIMIT_SCENE", 100_000, {}, True),
        ("QR_LIMIT_SCENE", 100_001, {}, False),
        ("QR_LIMIT_STR_SCENE", "门店7", {}, True),
        ("QR_DANCE", 1, {}, False),
    ],
)
def test_scenes_have_their_ranges(account: Account, action: str, scene: Any, more: Any, good: bool) -> None:
    found = account.post("/cgi-bin/qrcode/create", code(action, scene, **more))
    assert ("ticket" in found) is good
    assert good or found["errcode"] == 40053
    assert ("expire_seconds" in found) is (good and "LIMIT" not in action)


def test_the_picture_is_a_real_one_until_the_code_ends(account: Account, client: WeChatClient) -> None:
    made = client.qrcode.create(code("QR_SCENE", 7, expire_seconds=60))
    address = client.qrcode.get_url(made).removeprefix("https://mp.weixin.qq.com")
    assert Image.open(io.BytesIO(account.platform.http.get(address).data)).format == "PNG"
    assert account.platform.http.get("/cgi-bin/showqrcode?ticket=nonsense").status_code == 404
    account.platform.world("clock", advance=61)
    assert account.platform.http.get(address).status_code == 404


def test_scanning_follows_with_the_scene_and_later_only_scans(account: Account) -> None:
    made = account.post("/cgi-bin/qrcode/create", code("QR_LIMIT_STR_SCENE", "store-7"))
    account.act("scan", ticket=made["ticket"])
    assert "<EventKey><![CDATA[qrscene_store-7]]></EventKey>" in account.last().body
    assert made["ticket"] in account.last().body
    account.act("scan", ticket=made["ticket"])
    assert "<Event><![CDATA[SCAN]]></Event>" in account.last().body
    assert "<EventKey><![CDATA[store-7]]></EventKey>" in account.last().body


def test_a_permanent_scene_keeps_its_ticket(account: Account) -> None:
    wanted = code("QR_LIMIT_SCENE", 7)
    first = account.post("/cgi-bin/qrcode/create", wanted)
    assert account.post("/cgi-bin/qrcode/create", wanted) == first
    assert account.post("/cgi-bin/qrcode/create", code("QR_LIMIT_STR_SCENE", "7"))["ticket"] != first["ticket"]
