"""The clerk at the counter: the whole way of a code through a phone's page."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import flask
import pytest

from app.kernel.database import unit_of_work
from app.web import guards
from tests.browser.conftest import Phone
from tests.factories.bookings import a_booking, a_salon
from tests.factories.members import a_member
from tests.factories.people import a_staff

TOMORROW = dt.datetime(2026, 5, 21, 2, tzinfo=dt.UTC)
LONG_NAME = "阿卜杜热合曼·买买提依明江·吐尔逊"


@dataclass(frozen=True)
class Counter:
    """A clerk signed in at a store, and the codes of two people who booked."""

    token: str
    codes: list[str]


@pytest.fixture
def counter(committed: flask.Flask, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> Counter:
    with committed.app_context(), unit_of_work():
        salon = a_salon(now, store={"name": "杭州湖滨店"}, seats=2, name="丝绒唇釉体验装")
    with committed.app_context(), unit_of_work():
        clerk = a_staff(now, name="陈一诺", role="store_manager", store_id=salon.store_id)
        people = [a_member(now, full_name=name) for name in ("林晓", LONG_NAME)]
        codes = [a_booking(now, salon, TOMORROW, customer_id=person).code for person in people]
        token = guards.sign_in_staff(staff_id=clerk)
    time_is(TOMORROW)
    return Counter(token, [code for code in codes if code])


@pytest.fixture
def scan(phone: Phone, counter: Counter) -> Phone:
    phone.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": counter.token, "url": phone.server}])
    phone.open("/wecom/scan")
    return phone


def outcome(phone: Phone, code: str, kind: str) -> str:
    phone.page.get_by_label("预约码或券码").fill(code)
    phone.page.get_by_role("button", name="核销", exact=True).click()
    phone.page.wait_for_selector(f"[data-outcome={kind}]")
    return str(phone.page.locator("#result").inner_text())


def test_a_code_is_redeemed_once_and_the_second_attempt_is_told_kindly(scan: Phone, counter: Counter) -> None:
    assert "等待扫码" in scan.page.locator("#result").inner_text()
    scan.keep("scan-empty")

    first = outcome(scan, counter.codes[0], "redeemed")
    scan.keep("scan-redeemed")
    second = outcome(scan, f" {counter.codes[0].lower()} ", "refused")
    scan.keep("scan-refused")

    assert "已核销" in first
    assert "林晓" in first
    assert "已于 10:00 在杭州湖滨店核销过" in second
    assert "陈一诺" in second
    assert scan.troubles == []


def test_the_next_code_is_one_tap_or_no_tap_away(scan: Phone, counter: Counter) -> None:
    outcome(scan, counter.codes[1], "redeemed")
    scan.keep("scan-long-name")

    assert scan.page.get_by_role("button", name="扫下一个").is_visible()
    assert scan.page.evaluate("document.activeElement.id") == "code"
    scan.page.keyboard.type("YNOSUCHCODE")
    scan.page.keyboard.press("Enter")
    scan.page.wait_for_selector("[data-outcome=refused]")
    assert "没有找到这个码" in scan.page.locator("#result").inner_text()
    scan.keep("scan-unknown")


def test_a_device_that_cannot_scan_says_so_and_lets_one_type(scan: Phone, counter: Counter) -> None:
    scan.page.get_by_role("button", name="扫一扫").click()

    scan.page.wait_for_selector("#camera-note:not([hidden])")
    assert "输入或粘贴" in scan.page.locator("#camera-note").inner_text()
    assert scan.page.evaluate("document.activeElement.id") == "code"
    scan.keep("scan-no-camera")


def test_a_lead_takes_a_redemption_back_with_a_reason(scan: Phone, counter: Counter) -> None:
    outcome(scan, counter.codes[0], "redeemed")
    scan.page.get_by_text("撤销", exact=True).click()
    scan.keep("scan-undo")
    scan.page.get_by_role("button", name="撤销这次核销").click()
    scan.page.wait_for_selector("[data-outcome=undone]")

    assert "已核销" in outcome(scan, counter.codes[0], "redeemed")


def test_every_state_of_the_page_can_be_read_by_everybody(scan: Phone, counter: Counter) -> None:
    found = scan.check()
    outcome(scan, counter.codes[0], "redeemed")
    found += scan.check()
    outcome(scan, counter.codes[0], "refused")
    found += scan.check()

    assert found == []
    wide = scan.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "nothing is scrolled sideways"
