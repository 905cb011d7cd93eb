"""A marketer writes replies, tries a sentence and publishes a menu; people who wait are answered at the desk."""

import datetime as dt
from collections.abc import Callable, Iterator

import flask
import pytest

from app.kernel.database import unit_of_work
from app.membership import members
from app.outreach import auto_replies, materials
from app.outreach.auto_replies.queries import books
from app.web import guards
from tests.browser.conftest import Phone
from tests.factories.chatting import OA, an_openid, ask, text, writes_as
from tests.factories.members import a_member
from tests.factories.people import a_staff
from tests.factories.platform import Platform

LONG_NAME = "阿卜杜热合曼·买买提依明江·吐尔逊"
LONG_WORDS = "🌸" + "我在你们店里买的粉底好像有一点点过敏，" * 8


@pytest.fixture
def marketer(
    committed: flask.Flask, desk: Phone, platform: Platform, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> Iterator[Phone]:
    """Signed in at a desktop, with the stock replies and menus."""
    with committed.app_context(), unit_of_work():
        members.ship_stock(now=now)
        auto_replies.rulebook.ship_stock(now=now)
        auto_replies.menus.ship_stock(now=now)
        accounts = materials.purposes.Accounts(official_accounts=(OA,))
        materials.purposes.ship_stock(now=now, accounts=accounts)
        token = guards.sign_in_staff(staff_id=a_staff(now, role="marketer", name="何静"))
    time_is(now)
    desk.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": token, "url": desk.server}])
    yield desk
    books.forget()


def stands_still(desk: Phone, name: str) -> None:
    """Nothing wrong, nothing sideways; a picture."""
    desk.keep(name)
    assert desk.check() == []
    assert desk.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"
    assert desk.troubles == []


def test_replies_are_tried_and_written(marketer: Phone) -> None:
    desk, page = marketer, marketer.page
    desk.open("/console/bot")
    page.get_by_label("试一试").fill("我有多少积分呀")
    page.locator("#tried").get_by_text("您的可用积分：2,340 分").wait_for()
    stands_still(desk, "bot-tried")
    desk.open("/console/bot?group=welcome")
    stands_still(desk, "bot-welcomes")

    page.get_by_role("link", name="新回复").click()
    page.get_by_label("名称").fill("满赠")
    page.get_by_label("场合").select_option("关键词")
    page.get_by_label("匹配方式").select_option("表达式")
    page.get_by_label("词 一行一个").fill("(满赠")
    page.get_by_label("回复内容").fill("全场最好的满赠，{{等级}}可以翻倍。\n[去看看](小程序:pages/activity/index)")
    page.locator("#said").get_by_text("表达式写法有误").wait_for()
    page.get_by_role("button", name="保存").first.click()
    page.locator(".problems").get_by_text("绝对化用语").first.wait_for()
    desk.keep("bot-problems")
    desk.troubles.clear()  # the browser notes the refusal's 422
    page.get_by_label("词 一行一个").fill("满赠|赠品")
    page.get_by_label("回复内容").fill("满赠进行中，{{等级}}可以翻倍。\n[去看看](小程序:pages/activity/index)")
    page.get_by_role("button", name="保存").first.click()
    page.get_by_text("已保存，几秒后生效").wait_for()
    stands_still(desk, "bot-rule")

    desk.open("/console/bot")
    page.get_by_label("试一试").fill("有什么赠品")
    page.locator("#tried").get_by_text("满赠进行中，金卡可以翻倍").wait_for()


def test_a_menu_is_looked_at_and_published(marketer: Phone, platform: Platform) -> None:
    desk, page = marketer, marketer.page
    desk.open("/console/bot/menu")
    page.get_by_text("线上还没有菜单").wait_for()
    stands_still(desk, "bot-menu")

    page.get_by_label("第 1 个按钮的名字").fill("会员中心和积分")
    page.locator("#phone").get_by_text("有 21 字节，最多 16").wait_for()
    desk.keep("bot-menu-problem")
    page.get_by_label("第 1 个按钮的名字").fill("会员")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存，发布后顾客才会看到").wait_for()
    page.get_by_role("button", name="发布给关注者").click()
    page.get_by_text("已发布，顾客的手机会在 24 小时内更新").wait_for()
    page.locator("[hx-get*=live]").get_by_text("联系客服").wait_for()
    stands_still(desk, "bot-menu-live")
    (call,) = platform.calls("/cgi-bin/menu/create")
    assert "会员" in str(call)


def test_people_who_wait_are_answered(marketer: Phone, committed: flask.Flask, now: dt.datetime) -> None:
    desk, page = marketer, marketer.page
    desk.open("/console/bot/desk")
    stands_still(desk, "bot-desk-empty")
    with committed.app_context(), unit_of_work():
        theirs = writes_as(a_member(now, full_name=LONG_NAME), now)
        for number, words in enumerate(["人工", LONG_WORDS, "在吗"]):
            ask(text(theirs, words), now - dt.timedelta(minutes=12 - number))
        ask(text(an_openid(), "转人工"), now - dt.timedelta(minutes=2))

    desk.open("/console/bot/desk")
    page.get_by_role("link", name=LONG_NAME).click()
    page.get_by_role("textbox", name="回复").fill("您好，我是何静。先停用，拍张照片给我看看好吗？")
    desk.keep("bot-desk-waiting")
    page.get_by_role("button", name="发送").click()
    page.get_by_text("您在接待").wait_for()
    stands_still(desk, "bot-desk-answered")
    page.get_by_role("button", name="结束对话").click()
    page.get_by_text("对话已结束").wait_for()
    assert page.locator(".queue .pair").count() == 1
