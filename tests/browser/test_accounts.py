"""An operator looks at the brand's accounts: nothing read yet, read, checked, renamed."""

import datetime as dt
from collections.abc import Callable

import flask
import pytest

from app.kernel.database import unit_of_work
from app.outreach import materials
from app.web import guards
from tests.browser.conftest import Phone
from tests.factories.people import a_staff
from tests.factories.platform import Platform

LONG_NAME = "归一·丝绒唇釉·杭州湖滨银泰in77旗舰店会员服务号（测试）"


@pytest.fixture
def operator(
    committed: flask.Flask, desk: Phone, platform: Platform, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> None:
    with committed.app_context(), unit_of_work():
        materials.purposes.ship_stock(now=now, accounts=materials.templates.accounts_of_the_brand())
        lead = a_staff(now, role="lead", name="沈越")
        token = guards.sign_in_staff(staff_id=lead)
    time_is(now)
    desk.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": token, "url": desk.server}])


@pytest.mark.usefixtures("operator")
def test_accounts_are_read_checked_and_named(desk: Phone, platform: Platform) -> None:
    desk.open("/console/accounts")
    desk.keep("accounts-empty")
    card = desk.page.locator(f"#account-{platform.oa_appid}")
    card.get_by_role("button", name="同步").click()
    card.get_by_text("已同步").wait_for()
    desk.keep("accounts-synced")
    card.get_by_role("button", name="上线检查").click()
    card.get_by_text("密钥有效").wait_for()
    desk.keep("accounts-checked")
    assert desk.check() == []
    assert desk.troubles == []


@pytest.mark.usefixtures("operator")
def test_an_account_is_named_limited_and_its_trouble_shown(desk: Phone, platform: Platform) -> None:
    page = desk.page
    desk.open("/console/accounts")
    page.get_by_role("button", name="全部同步").click()
    card = page.locator(f"#account-{platform.oa_appid}")
    page.locator(f"#account-{platform.appid}").get_by_text("预约到店提醒").wait_for()
    desk.keep("accounts-all")
    card.get_by_text("改名").click()
    card.get_by_label("大家怎么称呼它").fill(LONG_NAME)
    card.get_by_role("button", name="保存").click()
    card.get_by_role("heading", name=LONG_NAME).wait_for()
    row = card.locator("tr", has_text="100,000 / 100,000")
    row.get_by_text("改上限").click()
    row.get_by_label("每天最多").fill("5000")
    desk.keep("accounts-limit")
    row.get_by_role("button", name="保存").click()
    card.get_by_role("cell", name="5,000", exact=True).wait_for()
    platform.fault("/cgi-bin/template/get_all_private_template", "errcode", errcode=48001)
    card.get_by_role("button", name="同步").click()
    card.get_by_text("上次同步没有成功").wait_for()
    desk.keep("accounts-trouble")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing scrolls sideways"
    assert desk.troubles == []
