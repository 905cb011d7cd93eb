"""A lead at a desk: two people side by side, decided with the keyboard; one view of a person; a merge taken back."""

import datetime as dt
from collections.abc import Callable

import flask
import pytest

from app.kernel.database import unit_of_work
from app.kernel.ids import seal
from app.people import identity
from app.web import guards
from tests.browser.conftest import Phone
from tests.factories.members import a_member
from tests.factories.people import a_staff

LONG_NAME = "阿卜杜热合曼·买买提依明江·吐尔逊"
NICKNAME = "🌸小仙女不吃香菜🌸爱喝奶茶的第二十个字"
Seed = Callable[[list[tuple[str, str]]], list[tuple[int, int]]]


@pytest.fixture
def seed(committed: flask.Flask, desk: Phone, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> Seed:
    """Pairs of members by name, in whose way stands an old note of the CRM; a lead is signed in."""

    def make(names: list[tuple[str, str]]) -> list[tuple[int, int]]:
        with committed.app_context(), unit_of_work():
            pairs = [
                (a_member(now, full_name=one, birthday=None), a_member(now, full_name=other)) for one, other in names
            ]
            for number, (one, other) in enumerate(pairs):
                together(one, other, now - dt.timedelta(hours=90 - number))
        with committed.app_context(), unit_of_work():
            lead = a_staff(now, role="lead", name="沈越")
            token = guards.sign_in_staff(staff_id=lead)
        time_is(now)
        desk.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": token, "url": desk.server}])
        return pairs

    return make


def together(one: int, other: int, at: dt.datetime) -> None:
    first, second = (identity.phones.find_phone(who) for who in (one, other))
    crm = identity.identifier("crm", f"77{one:04}", scope="erp")
    for phone, source in ((first, "erp"), (second, "pos")):
        ids = (crm, identity.identifier("phone", str(phone)))
        identity.observing.observe(identity.observing.Observation(ids, source, at, "stated"), now=at)


def wide(desk: Phone) -> int:
    return int(desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_a_queue_is_worked_through_by_keyboard(desk: Phone, seed: Seed) -> None:
    pairs = seed([("林晓", "林晓"), (LONG_NAME, NICKNAME), ("陈一诺", "周楠")])
    desk.open("/console/conflicts")
    desk.keep("conflicts-many")
    assert desk.page.locator(".pair").count() == 3
    assert desk.check() == []
    assert wide(desk) == 0

    desk.page.keyboard.press("j")
    desk.page.wait_for_url(f"**/{seal('customer', pairs[1][0])}/**")
    desk.page.get_by_role("article", name=LONG_NAME).wait_for()
    desk.keep("conflicts-long-names")
    assert wide(desk) == 0
    desk.page.keyboard.press("k")
    desk.page.get_by_role("article", name="林晓 与 林晓").wait_for()

    desk.page.keyboard.press("m")
    assert desk.page.evaluate("document.activeElement.id") == "why"
    desk.page.keyboard.type("本人确认")
    desk.page.keyboard.press("Enter")
    desk.page.get_by_text("已合并为一位客户").wait_for()
    assert desk.page.get_by_role("article", name=LONG_NAME).is_visible(), "the next pair is open"
    desk.keep("conflicts-merged")

    desk.page.get_by_role("button", name="家人共用手机").click()
    desk.page.locator("h1").click()
    desk.page.keyboard.press("n")
    desk.page.get_by_text("以后不再提示").first.wait_for()
    assert desk.page.locator(".pair").count() == 1
    assert desk.troubles == []


def test_one_and_none(desk: Phone, seed: Seed) -> None:
    seed([("陈一诺", "周楠")])
    desk.open("/console/conflicts")
    desk.keep("conflicts-one")
    desk.page.get_by_role("button", name="以后再说").click()
    desk.page.get_by_text("没有要核对的客户").wait_for()
    desk.keep("conflicts-none")
    assert desk.check() == []


def test_a_person_as_a_whole_and_a_merge_taken_back(desk: Phone, seed: Seed) -> None:
    (pair,) = seed([(LONG_NAME, NICKNAME)])
    desk.open(f"/console/conflicts/{seal('customer', pair[0])}/{seal('customer', pair[1])}")
    desk.page.get_by_label("原因").fill("电话核实")
    desk.page.get_by_role("button", name="是同一人").click()
    desk.page.get_by_role("link", name="查看这位客户").click()
    desk.page.get_by_role("heading", name="合并记录").wait_for()
    desk.keep("person")
    assert desk.check() == []
    assert wide(desk) == 0
    desk.page.get_by_text("停用", exact=True).first.click()
    desk.keep("person-block")

    desk.page.get_by_role("link", name="撤销合并").click()
    desk.page.get_by_role("heading", name="分出去的客户").wait_for()
    desk.keep("undo")
    assert desk.check() == []
    desk.page.get_by_label("原因").fill("姐妹共用")
    desk.page.get_by_role("button", name="撤销合并").click()
    desk.page.get_by_text("已撤销合并").wait_for()
    desk.keep("person-after-undo")
    assert desk.troubles == []
