"""Menus: checked before anybody sees them, published to the platform, and what it says then."""

import datetime as dt
from typing import Any

import pytest

from app.gateways.wechat.refusals import PlatformAway
from app.outreach import auto_replies
from app.outreach.auto_replies import menus
from tests.factories.chatting import OA
from tests.factories.platform import Platform

SAY = {"type": "click", "name": "积分", "key": "积分"}
pytestmark = pytest.mark.usefixtures("stock")


def go(**more: Any) -> dict[str, Any]:
    return {"type": "view", "name": "官网", "url": "https://a.example/"} | more


def test_what_ships_is_what_2_5_says_and_can_be_published(now: dt.datetime) -> None:
    assert menus.ship_stock(now=now) == 1
    assert menus.ship_stock(now=now) == 0
    menu = menus.get(OA)

    assert [(one["name"], [below["name"] for below in one["sub_button"]]) for one in menu.buttons] == [
        ("会员中心", ["会员卡", "积分商城", "我的券"]),
        ("到店", ["附近门店", "预约"]),
        ("服务", ["我的导购", "订单", "联系客服"]),
    ]
    assert menus.check(menu.buttons) == []
    assert (menu.is_stock, menu.is_published) == (True, False)


@pytest.mark.parametrize(
    ("buttons", "why"),
    [
        ([], "至少要有一个按钮"),
        ([SAY] * 4, "一级按钮最多 3 个"),
        ([{"name": "更多", "sub_button": [SAY] * 6}], "二级按钮最多 5 个"),
        ([SAY | {"name": "会员中心呀"}, SAY | {"name": "会员中心呀呀"}], "18 字节，最多 16"),
        ([{"name": "更多", "sub_button": [SAY | {"name": "长" * 21}]}], "63 字节，最多 60"),
        ([SAY | {"name": " "}], "写上名字"),
        ([SAY | {"key": ""}], "写上关键词"),
        ([SAY | {"key": "长" * 43}], "最多 128 字节"),
        ([go(url="")], "写上网址"),
        ([go(url="https://" + "a" * 1020)], "最多 1024 字节"),
        ([go(url="a.example")], "以 https:// 开头"),
        ([{"type": "miniprogram", "name": "卡", "appid": "wx1", "url": "https://a.example/"}], "写上页面路径"),
        ([{"type": "dance", "name": "跳舞"}], "选点了以后做什么"),
        ([{"name": "更多", "sub_button": [{"name": "再多", "sub_button": [SAY]}]}], "菜单只有两级"),
    ],
)
def test_what_the_platform_would_refuse_is_refused_here(now: dt.datetime, buttons: list[Any], why: str) -> None:
    with pytest.raises(auto_replies.MenuInvalid) as refused:
        menus.save(OA, buttons=buttons, now=now)
    assert any(why in problem["why"] for problem in refused.value.data["problems"])


def test_a_menu_is_seen_when_it_is_published_and_not_before(now: dt.datetime, platform: Platform) -> None:
    menus.save(OA, buttons=[SAY, go()], now=now)
    assert auto_replies.errands.read_live_menu(OA) == []

    auto_replies.errands.publish_menu(OA, staff_id=None, now=now)

    live = auto_replies.errands.read_live_menu(OA)
    assert menus.tidy(live) == [SAY, go()]
    assert menus.get(OA).is_published
    menus.save(OA, buttons=[SAY], now=now)
    assert (menus.get(OA).is_published, menus.get(OA).published_at) == (False, now)
    menus.reset(OA, now=now)
    assert menus.get(OA).is_stock


def test_what_the_platform_refuses_is_told_and_kept(now: dt.datetime, platform: Platform) -> None:
    menus.save(OA, buttons=[SAY], now=now)
    platform.fault("/cgi-bin/menu/create", "errcode", errcode=40018)

    with pytest.raises(auto_replies.MenuRefused) as refused:
        auto_replies.errands.publish_menu(OA, staff_id=None, now=now)

    menu = menus.get(OA)
    assert "40018" in refused.value.data["why"]
    assert menu.trouble is not None
    assert "40018" in menu.trouble
    assert menu.published is None
    auto_replies.errands.publish_menu(OA, staff_id=None, now=now)
    assert menus.get(OA).trouble is None


def test_a_platform_that_is_away_changes_nothing(now: dt.datetime, platform: Platform) -> None:
    menus.save(OA, buttons=[SAY], now=now)
    platform.fault("/cgi-bin/menu/create", "busy", times=5)

    with pytest.raises(PlatformAway):
        auto_replies.errands.publish_menu(OA, staff_id=None, now=now)
    assert menus.get(OA).published is None


def test_there_are_menus_of_our_own_accounts_only(now: dt.datetime) -> None:
    for act in (lambda: menus.get("wx-another"), lambda: menus.save("wx0123456789abcdef", buttons=[SAY], now=now)):
        with pytest.raises(auto_replies.AccountUnknown):
            act()
