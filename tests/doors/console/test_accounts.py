"""The brand's accounts as an operator sees them: synchronised from the simulated platform, checked before going live."""

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.materials import PlatformTemplate, Words, errands
from app.outreach.messaging import limits
from jobs import tasks
from jobs.schedule import find_job
from sandbox import demo
from tests.conftest import NOW
from tests.factories.people import a_staff, signed_in_staff
from tests.factories.platform import Platform

pytestmark = pytest.mark.usefixtures("database")
TEMPLATES = "/cgi-bin/template/get_all_private_template"


@pytest.fixture
def lead(client: FlaskClient, now: dt.datetime) -> dict[str, str]:
    return signed_in_staff(a_staff(now, role="lead"))


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def living(account: str) -> set[str]:
    rows = select(PlatformTemplate.template_id).where(
        PlatformTemplate.account == account, PlatformTemplate.gone_at.is_(None)
    )
    return set(db.session.scalars(rows))


def test_an_account_is_synchronised_at_a_press(client: FlaskClient, lead: dict[str, str], platform: Platform) -> None:
    before = text_of(client.get("/console/accounts", headers=lead).text)
    assert before.count("还没有同步过") == 2

    card = client.post(f"/console/accounts/{platform.oa_appid}/sync", headers=lead | {"HX-Request": "true"})
    assert f"{len(demo.OA_TEMPLATES)} 个模板" in text_of(card.text)
    after = text_of(client.get("/console/accounts", headers=lead).text)
    assert all(template["title"] in after for template in demo.OA_TEMPLATES)
    assert "100,000 / 100,000" in after


def test_every_account_is_synchronised_by_the_job(platform: Platform, now: dt.datetime) -> None:
    assert sum(iter(lambda: tasks._batch(find_job("messaging.templates")), 0)) == 2
    assert living(platform.oa_appid) == {template["template_id"] for template in demo.OA_TEMPLATES}
    assert living(platform.appid) == {template["template_id"] for template in demo.TEMPLATES}
    reminder = db.session.get(PlatformTemplate, (platform.appid, demo.TEMPLATES[0]["template_id"]))
    assert reminder is not None
    assert reminder.channel == "mp_subscription"
    assert reminder.fields["time2"] == {"label": "预约时间", "kind": "time"}


def test_a_template_that_went_is_gone_and_comes_back(platform: Platform, now: dt.datetime) -> None:
    errands.sync_account(platform.appid, now=now)
    first = demo.TEMPLATES[0]["template_id"]
    platform.http.post(f"/wxaapi/newtmpl/deltemplate?access_token={_token(platform)}", json={"priTmplId": first})
    found = errands.sync_account(platform.appid, now=now)
    assert (found.new, found.gone) == (0, 1)
    assert first not in living(platform.appid)
    (row,) = (one for one in materials.accounts.list_accounts()[0].templates if one.template_id == first)
    assert row.gone_at == now

    platform.world(f"apps/{platform.appid}/templates", **demo.TEMPLATES[0])
    found = errands.sync_account(platform.appid, now=now)
    assert (found.new, found.gone) == (1, 0)
    assert first in living(platform.appid)


def _token(platform: Platform) -> str:
    from app.gateways.wechat import tokens
    from app.kernel.redis import client as redis_client

    return str(redis_client().get(tokens._name(platform.appid)))


def test_words_of_the_stock_take_their_templates(platform: Platform, now: dt.datetime) -> None:
    where = materials.templates.accounts_of_the_brand()
    materials.purposes.ship_stock(now=now, accounts=where)
    without = select(Words).where(Words.account == platform.oa_appid, Words.template_id.is_(None))
    assert db.session.scalars(without.where(Words.channel == "oa_template")).first()

    errands.sync_account(platform.oa_appid, now=now)
    assert not db.session.scalars(without.where(Words.channel == "oa_template")).all()
    account = next(one for one in materials.accounts.list_accounts() if one.account == platform.oa_appid)
    assert account.wordless == ()
    assert any("积分变动" in template.used_by for template in account.templates)


def test_a_platform_that_refuses_leaves_what_was_known(
    client: FlaskClient, lead: dict[str, str], platform: Platform, now: dt.datetime
) -> None:
    errands.sync_account(platform.oa_appid, now=now)
    known = living(platform.oa_appid)
    platform.fault(TEMPLATES, "errcode", errcode=48001)
    card = client.post(f"/console/accounts/{platform.oa_appid}/sync", headers=lead | {"HX-Request": "true"})

    assert "上次同步没有成功" in card.text
    assert "48001" in card.text
    assert living(platform.oa_appid) == known
    platform.fault(TEMPLATES, "html")
    assert "微信繁忙" in client.post(f"/console/accounts/{platform.oa_appid}/sync", headers=lead).text


def test_all_accounts_are_synchronised_at_one_press(
    client: FlaskClient, lead: dict[str, str], platform: Platform
) -> None:
    assert client.post("/console/accounts/sync", headers=lead).headers["Location"].endswith("/console/accounts")
    assert all(living(account) for account in (platform.oa_appid, platform.appid))


def test_an_account_has_a_name_and_only_accounts_of_ours_have_one(
    client: FlaskClient, lead: dict[str, str], platform: Platform
) -> None:
    client.post(f"/console/accounts/{platform.oa_appid}/name", headers=lead, data={"name": "  归一 服务号 "})
    assert materials.accounts.account_names()[platform.oa_appid] == "归一 服务号"
    assert materials.accounts.account_names()[platform.appid].startswith("小程序 …")
    assert client.post("/console/accounts/wx0/name", headers=lead, data={"name": "x"}).status_code == 404
    assert client.post("/console/accounts/wx0/sync", headers=lead).status_code == 404


def test_before_going_live_what_is_wrong_is_said(
    client: FlaskClient, lead: dict[str, str], platform: Platform, now: dt.datetime
) -> None:
    errands.sync_account(platform.oa_appid, now=now)
    page = text_of(client.post(f"/console/accounts/{platform.oa_appid}/examine", headers=lead).text)
    assert "密钥有效" in page
    assert "消息推送已配置，安全模式" in page
    assert "还没有发布菜单" in page
    assert "今天还能发" in page

    platform.fault(
        "/cgi-bin/get_api_domain_ip", "errcode", errcode=40164, errmsg="invalid ip 1.2.3.4, not in whitelist"
    )
    page = text_of(client.post(f"/console/accounts/{platform.oa_appid}/examine", headers=lead).text)
    assert "invalid ip 1.2.3.4" in page
    assert "把服务器的出口 IP 加进公众平台的白名单" in page


def test_limits_are_shown_and_set(client: FlaskClient, lead: dict[str, str], platform: Platform) -> None:
    given = {"a_day": "5000", "a_minute": "300", "kept_for_notices": "20"}
    for account, channel in ((platform.oa_appid, "oa_template"), ("telecom", "sms")):
        assert client.post(f"/console/accounts/{account}/limits/{channel}", headers=lead, data=given).status_code == 303
    found = limits.usage(platform.oa_appid, now=NOW) + limits.usage("", now=NOW)
    assert [one.limit for one in found if one.channel in ("oa_template", "sms")] == [limits.Limit(300, 5000, 20)] * 2
    assert "5,000" in client.get("/console/accounts", headers=lead).text


@pytest.mark.parametrize(
    ("where", "status"),
    [("telecom/limits/oa_template", 404), ("wx0/limits/oa_template", 404), ("{oa}/limits/mp_subscription", 404),
     ("{oa}/limits/oa_template", 422)],
)  # fmt: skip
def test_a_limit_that_makes_no_sense_is_refused(
    client: FlaskClient, lead: dict[str, str], platform: Platform, where: str, status: int
) -> None:
    given = {"a_day": "-1", "a_minute": "x", "kept_for_notices": "101"}
    address = f"/console/accounts/{where.format(oa=platform.oa_appid)}"
    assert client.post(address, headers=lead, data=given).status_code == status


def test_no_other_site_starts_a_synchronising(client: FlaskClient, lead: dict[str, str], platform: Platform) -> None:
    foreign = lead | {"Origin": "https://evil.example"}
    assert client.post(f"/console/accounts/{platform.oa_appid}/sync", headers=foreign).status_code == 403
    assert platform.calls(TEMPLATES) == []


@pytest.mark.parametrize("role", ["analyst", "store_manager"])
def test_who_only_reads_figures_does_not_see_accounts(client: FlaskClient, now: dt.datetime, role: str) -> None:
    headers = signed_in_staff(a_staff(now, role=role))
    assert client.get("/console/accounts", headers=headers).status_code == 403
