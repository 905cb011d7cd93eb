"""A marketer at a desk: what every message says, changed with a preview beside it."""

import datetime as dt
from collections.abc import Callable

import flask
import pytest

from app.kernel.database import unit_of_work
from app.outreach import materials
from app.outreach.materials.operations import templates
from app.web import guards
from sandbox import demo
from tests.browser.conftest import Phone
from tests.factories.members import a_member
from tests.factories.people import a_phone, a_staff

LONG_NAME = "阿卜杜热合曼·买买提依明江·吐尔逊"
OA = "wxfedcba9876543210"


@pytest.fixture
def phone_number(committed: flask.Flask, desk: Phone, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> str:
    """The stock with the account's templates, a marketer at the desk, and the number of a member with a long name."""
    number = a_phone()
    with committed.app_context(), unit_of_work():
        materials.purposes.ship_stock(now=now, accounts=templates.accounts_of_the_brand())
        told = [templates.Told(row["template_id"], "oa_template", row["title"], row["fields"], {}) for row in NOTICES]
        templates.keep(OA, told=told, quotas={}, now=now)
        a_member(now, full_name=LONG_NAME, phone=number)
        token = guards.sign_in_staff(staff_id=a_staff(now, role="marketer", name="周岚"))
    time_is(now)
    desk.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": token, "url": desk.server}])
    return number


NOTICES = [row for row in demo.OA_TEMPLATES if row.get("channel") != "subscription"]


def wide(desk: Phone) -> int:
    return int(desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_words_are_written_with_the_phone_beside_them(desk: Phone, phone_number: str) -> None:
    page = desk.page
    desk.open("/console/messages")
    desk.keep("messages")
    assert desk.check() == []
    assert wide(desk) == 0
    page.get_by_role("link", name="绑卡成功").click()
    page.get_by_role("heading", name="绑卡成功").wait_for()
    desk.keep("message-shipped")
    assert desk.check() == []
    assert wide(desk) == 0

    page.get_by_label("给谁看").fill(f"{phone_number} 000")
    page.locator(".notice-card").get_by_text("阿卜杜热合曼·买买提依明江·吐尔逊").wait_for()
    name = page.get_by_label("会员姓名")
    name.fill("最好的")
    page.get_by_text("“最好”：广告法禁止绝对化用语").wait_for()
    name.press("End")
    page.get_by_role("button", name="等级", exact=True).click()
    assert name.input_value() == "最好的{{等级|会员}}"
    page.locator(".notice-card").get_by_text("最好的普卡").wait_for()
    desk.keep("message-typing")
    assert desk.check() == []
    assert wide(desk) == 0
    assert desk.troubles == []


def test_what_is_wrong_is_not_kept_and_what_ships_can_be_put_back(desk: Phone, phone_number: str) -> None:
    page = desk.page
    desk.open("/console/messages")
    page.get_by_role("link", name="绑卡成功").click()
    page.get_by_label("会员姓名").fill("最好的{{等级|会员}}")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("没有保存：有 1 处要改").wait_for()
    desk.keep("message-refused")
    assert desk.check() == []
    page.get_by_label("会员姓名").fill("{{昵称|会员}}")
    page.get_by_role("button", name="保存").click()
    page.get_by_text("已保存").wait_for()
    desk.keep("message-saved")
    assert desk.check() == []
    page.get_by_role("button", name="恢复出厂文案").click()
    page.get_by_text("已恢复出厂文案").wait_for()
    assert [line for line in desk.troubles if "422" not in line] == []


def test_every_channel_has_its_own_look(desk: Phone, phone_number: str) -> None:
    desk.open("/console/messages")
    desk.page.get_by_role("link", name="候补到号").click()
    for channel in ("小程序订阅", "客服消息", "短信"):
        desk.page.get_by_role("navigation", name="渠道").get_by_text(channel).click()
        desk.page.locator(f"nav a[aria-current]:has-text('{channel}')").wait_for()
        desk.keep(f"message-{('sub', 'service', 'sms')[('小程序订阅', '客服消息', '短信').index(channel)]}")
        assert desk.check() == []
        assert wide(desk) == 0
    assert "【归一】" in desk.page.locator(".bubble").inner_text()
    assert desk.troubles == []
