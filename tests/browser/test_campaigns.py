"""A marketer at a desk: a list, a draft, a test, a start; the same page afterwards with its curve and figures."""

import datetime as dt
from collections.abc import Callable

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.kernel.ids import seal
from app.outreach import campaigns
from app.web import guards
from tests.browser.conftest import Phone
from tests.factories.people import a_customer, a_phone, a_staff

SENT = (
    "UPDATE delivery SET state = 'delivered', sent_at = :now"
    " WHERE dispatch_id = ANY(:ids) AND abs(hashint8(id)) % 10 < 6"
)
HELD_BACK = (
    "UPDATE delivery SET state = 'held_back', ended_at = :now, reason = CASE abs(hashint8(id)) % 10"
    " WHEN 6 THEN 'control' WHEN 7 THEN 'no_consent' ELSE 'unreachable' END"
    " WHERE dispatch_id = ANY(:ids) AND state = 'planned'"
)
LONG_NAME = "春季会员日提前购·肤质检测预约满减双重礼·给每一位支持过我们的老朋友的信"


@pytest.fixture
def marketer(committed: flask.Flask, desk: Phone, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> int:
    with committed.app_context(), unit_of_work():
        staff_id = a_staff(now, role="marketer", name="顾念")
        token = guards.sign_in_staff(staff_id=staff_id)
    time_is(now)
    desk.page.context.add_cookies([{"name": guards.STAFF_COOKIE, "value": token, "url": desk.server}])
    return staff_id


def a_campaign(committed: flask.Flask, now: dt.datetime, staff_id: int, *, people: int = 40) -> int:
    with committed.app_context(), unit_of_work():
        phones = [a_phone() for _ in range(people)]
        for phone in phones:
            a_customer(now, phone=phone)
        lines = ["手机号\n", *(f"{phone}\n" for phone in phones)]
        list_id = campaigns.lists.import_list(lines, name="五月到店未购", staff_id=staff_id, now=now)
        wanted = campaigns.drafting.Draft(name=LONG_NAME[:38], channels=("mp_subscription", "sms"), list_id=list_id)
        campaign_id = campaigns.drafting.draft(wanted, staff_id=staff_id, now=now)
    return campaign_id


def went(committed: flask.Flask, campaign_id: int, now: dt.datetime) -> None:
    """As it looks an hour later: most got it, some were held back, some opened it."""
    with committed.app_context(), unit_of_work():
        row = campaigns.listing.find(campaign_id)
        row.tested_at, row.state, row.starts_at = now, "scheduled", now
        db.session.flush()
        campaigns.running.plan_due(now=now, limit=1000)
        ids = {"ids": list(campaigns.listing.find(campaign_id).dispatch_ids), "now": now}
        db.session.execute(text(SENT), ids)
        db.session.execute(text(HELD_BACK), ids)
        for minute in range(30):
            for what, number in (("sent", 40 + minute % 7), ("delivered", 38 + minute % 5), ("opened", minute)):
                db.session.execute(
                    text("INSERT INTO dispatch_minute VALUES (:id, :at, :what, '', :number) ON CONFLICT DO NOTHING"),
                    {"id": ids["ids"][0], "at": now + dt.timedelta(minutes=minute), "what": what, "number": number},
                )


def test_a_marketer_drafts_a_campaign_and_sees_what_is_missing(marketer: int, desk: Phone, now: dt.datetime) -> None:
    desk.open("/console/campaigns")
    desk.page.get_by_role("link", name="新的群发").click()
    desk.keep("campaign-new")
    assert desk.check() == []
    desk.page.get_by_label("名称", exact=True).fill("会员日预告")
    desk.page.get_by_role("button", name="下一步：写文案").click()
    desk.page.get_by_role("heading", name="会员日预告").wait_for()
    assert desk.page.get_by_text("还没写好").is_visible()
    assert desk.page.get_by_role("button", name="开始").is_disabled()
    desk.keep("campaign-draft")
    assert desk.check() == []
    assert desk.troubles == []


def test_the_page_of_a_campaign_that_runs_shows_curve_reasons_and_figures(
    committed: flask.Flask, marketer: int, desk: Phone, now: dt.datetime
) -> None:
    campaign_id = a_campaign(committed, now, marketer)
    went(committed, campaign_id, now)
    desk.open(f"/console/campaigns/{seal('campaign', campaign_id)}")
    desk.page.locator("#curve svg").wait_for()
    desk.page.wait_for_timeout(400)
    assert desk.page.get_by_text("对照组", exact=True).first.is_visible()
    desk.keep("campaign-running")
    assert desk.check() == []
    desk.page.get_by_role("button", name="暂停").click()
    desk.page.get_by_text("已暂停").wait_for()
    assert desk.troubles == []
