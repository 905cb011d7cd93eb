"""The console as its readers use it, over HTTP."""

import dataclasses
import datetime as dt

import pytest
from flask.testing import FlaskClient

from app.kernel import clock, ids, job_runs
from app.kernel.database import db
from app.kernel.settings import settings
from app.membership import members, points
from app.people.teams import operations
from app.trade import orders
from console import sign_in, time_machine
from tests.factories.members import a_member
from tests.factories.orders import a_report
from tests.factories.people import a_staff, signed_in_staff


@pytest.fixture
def lead(client: FlaskClient, now: dt.datetime) -> dict[str, str]:
    members.ship_stock(now=now)
    return signed_in_staff(a_staff(now, role="lead"))


@pytest.mark.parametrize(
    "path", ["/console/", "/console/members", "/console/orders", "/console/recount", "/console/jobs"]
)
def test_a_stranger_is_sent_to_sign_in(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/console/sign-in")


@pytest.mark.parametrize("role", ["guide", "clerk", "community"])
def test_shop_floor_roles_have_no_console(client: FlaskClient, now: dt.datetime, role: str) -> None:
    answer = client.get("/console/members", headers=signed_in_staff(a_staff(now, role=role)))
    assert answer.status_code == 403
    assert "没有权限" in answer.text or "不能这样做" in answer.text


def test_the_empty_lists_say_how_something_gets_here(client: FlaskClient, lead: dict[str, str]) -> None:
    assert "顾客在小程序里领卡以后就会出现在这里" in client.get("/console/members", headers=lead).text
    assert "import-orders" in client.get("/console/orders", headers=lead).text


def test_a_member_is_found_by_phone_and_shown_masked(
    client: FlaskClient, lead: dict[str, str], now: dt.datetime
) -> None:
    customer_id = a_member(now, phone="13912345678")
    found = client.get("/console/members?q=13912345678", headers=lead)
    page = client.get(found.headers["Location"], headers=lead)

    assert found.headers["Location"].endswith(ids.seal("member", customer_id))
    assert "139****5678" in page.text
    assert "13912345678" not in page.text


def test_points_are_explained_line_by_line(client: FlaskClient, lead: dict[str, str], now: dt.datetime) -> None:
    customer_id = a_member(now)
    points.earn(customer_id=customer_id, amount=240, cause="survey:1", why=points.Why("填写问卷"), now=now)
    rows = client.get(f"/console/members/{ids.seal('member', customer_id)}/points", headers=lead).text

    assert "填写问卷" in rows
    assert "+240" in rows


def test_a_recount_finds_nothing_and_says_so_and_shows_a_broken_balance(
    client: FlaskClient, lead: dict[str, str], now: dt.datetime
) -> None:
    customer_id = a_member(now)
    points.earn(customer_id=customer_id, amount=240, cause="survey:1", why=points.Why("填写问卷"), now=now)
    assert "没有差异" in client.post("/console/recount", headers=lead).text

    db.session.connection().exec_driver_sql("UPDATE points_account SET spendable = spendable + 1")
    broken = client.post("/console/recount", headers=lead).text
    assert "处差异" in broken
    assert "241" in broken


def test_orders_are_listed_and_found(client: FlaskClient, lead: dict[str, str], now: dt.datetime) -> None:
    orders.report_orders([a_report(number="R-77")], source="demo-shop", now=now)

    assert "R-77" in client.get("/console/orders", headers=lead).text
    assert "R-77" in client.get("/console/orders?channel=demo-shop&number=R-77", headers=lead).text
    assert "没有订单「R-78」" in client.get("/console/orders?channel=demo-shop&number=R-78", headers=lead).text


def test_jobs_show_their_newest_run(client: FlaskClient, lead: dict[str, str], now: dt.datetime) -> None:
    job_runs.describe([("points.expire", "10 0 * * *", "end points")])
    job_runs.plan(job="points.expire", planned_at=now, now=now)
    job_runs.finish(job="points.expire", planned_at=now, now=now, done=3, failed=1, detail="RuntimeError: no")
    page = client.get("/console/jobs", headers=lead).text

    assert "points.expire" in page
    assert "✕ 失败" in page


def test_in_the_demo_brand_one_chooses_who_to_be(client: FlaskClient, now: dt.datetime) -> None:
    a_staff(now, role="lead", code="E777", name="沈越")

    assert "沈越" in client.get("/console/sign-in").text
    answer = client.post("/console/sign-in", data={"staff_code": "E777"}, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303
    assert client.get("/console/jobs").status_code == 200
    client.post("/console/sign-out", headers={"Origin": "http://localhost"})
    assert client.get("/console/jobs").status_code == 303


def test_nobody_signs_in_by_name_outside_the_demo_brand(
    client: FlaskClient, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = dataclasses.replace(settings(), demo=False)
    for module in (operations, sign_in):
        monkeypatch.setattr(module, "settings", lambda: real)
    a_staff(now, role="lead", code="E777", name="沈越")

    assert "沈越" not in client.get("/console/sign-in").text
    assert client.post("/console/sign-in", data={"staff_code": "E777"}).status_code == 403


FORM = {
    "名称": "秋日券",
    "类型": "cash",
    "满多少元": "100",
    "减多少元": "20",
    "总张数": "20",
    "每人几张": "1",
    "有效天数": "7",
}


@pytest.fixture
def marketer(client: FlaskClient, now: dt.datetime) -> dict[str, str]:
    return signed_in_staff(a_staff(now, role="marketer"))


def test_a_marketer_drafts_a_coupon_and_opens_it(client: FlaskClient, marketer: dict[str, str]) -> None:
    drafted = client.post("/console/coupons", data=FORM, headers=marketer)
    page = drafted.headers["Location"]
    assert "草稿" in client.get(page, headers=marketer).text
    client.post(f"{page}/open", headers=marketer)

    shown = client.get("/console/coupons", headers=marketer).text
    assert "秋日券" in shown
    assert "满100减20" in shown


def test_K06_a_coupon_worth_more_than_half_needs_two_people(client: FlaskClient, marketer: dict[str, str]) -> None:
    page = client.post("/console/coupons", data=FORM | {"减多少元": "60"}, headers=marketer).headers["Location"]

    assert client.post(f"{page}/open", headers=marketer).status_code == 409
    client.post(f"{page}/approve", headers=marketer)
    client.post(f"{page}/approve", headers=marketer)
    assert client.post(f"{page}/open", headers=marketer).status_code == 409, "one person signing twice is one"


@pytest.mark.parametrize(("field", "value"), [("减多少元", "二十"), ("总张数", "0"), ("名称", ""), ("减多少元", "NaN")])
def test_a_form_that_is_wrong_says_which_field(
    client: FlaskClient, marketer: dict[str, str], field: str, value: str
) -> None:
    answer = client.post("/console/coupons", data=FORM | {field: value}, headers=marketer)
    assert answer.status_code == 422
    assert field in answer.text


def test_a_lead_reads_but_does_not_make_coupons(client: FlaskClient, lead: dict[str, str]) -> None:
    assert "新建券" not in client.get("/console/coupons", headers=lead).text
    assert client.post("/console/coupons", data=FORM, headers=lead).status_code == 403


def test_an_admin_moves_the_clock_where_it_is_a_test_clock(client: FlaskClient, now: dt.datetime) -> None:
    admin = signed_in_staff(a_staff(now, role="admin"))
    client.post("/console/clock", data={"seconds": "86400"}, headers=admin)
    ahead = clock.now() - dt.datetime.now(dt.UTC)
    assert dt.timedelta(hours=23, minutes=59) < ahead < dt.timedelta(hours=24, minutes=1)

    assert client.post("/console/clock", data={"seconds": "soon"}, headers=admin).status_code == 422
    client.post("/console/clock", data={"seconds": "0"}, headers=admin)
    assert abs(clock.now() - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_nobody_moves_the_time_of_a_real_shop(
    client: FlaskClient, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = signed_in_staff(a_staff(now, role="admin"))
    real = dataclasses.replace(settings(), test_clock=False)
    monkeypatch.setattr(time_machine, "settings", lambda: real)
    assert client.post("/console/clock", data={"seconds": "86400"}, headers=admin).status_code == 404


@pytest.mark.parametrize("path", ["/console/members?q=%00", "/console/orders?channel=a&number=%00"])
def test_words_that_cannot_be_kept_are_malformed(client: FlaskClient, lead: dict[str, str], path: str) -> None:
    assert client.get(path, headers=lead).status_code == 400
    assert client.post("/console/sign-in", data={"staff_code": "E\0"}).status_code == 400
