"""Campaigns in the console: draft, words, test, release, start; and the same page afterwards with what came of it."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock, ids
from app.kernel.clock import BRAND_ZONE
from app.kernel.errors import NotFound
from app.membership import members
from app.outreach import campaigns, messaging
from app.people import identity, teams
from app.web.guards import Staff, staff
from console.coupons import FormWrong
from console.pages import Answer, pages, show

makers = staff("marketer", "admin")
STATES = {
    "draft": ("草稿", ""),
    "scheduled": ("等开始", "attention"),
    "planning": ("正在安排", "attention"),
    "running": ("发送中", "good"),
    "paused": ("已暂停", "attention"),
    "stopped": ("已停止", "bad"),
    "ended": ("已结束", ""),
}
CHANNELS = {
    "mp_subscription": "小程序订阅消息",
    "oa_subscription": "公众号订阅通知",
    "oa_service": "客服消息（48 小时内互动过）",
    "sms": "短信",
    "voice": "智能外呼",
}
# Beside the pipeline's own reasons, what campaigns object.
HELD_BACK = {**messaging.REASONS, "objected:stopped": "活动已停止", "objected:left_list": "已从名单移出"}
WHATS = {"sent": "已发送", "delivered": "已送达", "opened": "已打开", "held_back": "未发", "failed": "失败"}


class DraftForm(ma.Schema):
    """The form's fields; times are the brand's (Asia/Shanghai)."""

    name = ma.fields.String(required=True, data_key="名称", validate=ma.validate.Length(1, 40))
    list_id = ma.fields.String(data_key="名单", load_default="")
    starts_at = ma.fields.String(data_key="开始", load_default="")
    first_percent = ma.fields.Integer(data_key="第一批百分比", load_default=100, validate=ma.validate.Range(1, 100))
    later_minutes = ma.fields.Integer(data_key="第二批晚几分钟", load_default=60, validate=ma.validate.Range(0, 20160))
    control_percent = ma.fields.Integer(data_key="对照组", load_default=10, validate=ma.validate.Range(0, 50))
    goal_days = ma.fields.Integer(data_key="效果天数", load_default=7, validate=ma.validate.Range(1, 60))


@pages.shows("/campaigns")
def list_campaigns(caller: Staff) -> Answer:
    """All campaigns, the newest first."""
    found = campaigns.listing.list_campaigns()
    return show("campaigns.html", caller, heading="群发活动", campaigns=found, **_words(caller))


@pages.shows("/campaigns/new", guard=makers)
def new_campaign(caller: Staff) -> Answer:
    """An empty draft."""
    lists = campaigns.listing.list_lists()
    everybody = identity.who.count_everybody()
    return show("campaign_new.html", caller, heading="新的群发", lists=lists, everybody=everybody, **_words(caller))


@pages.acts("/campaigns", guard=makers)
def draft_campaign(caller: Staff) -> Answer:
    """Begin a campaign from the form."""
    campaign_id = campaigns.drafting.draft(_filled_in(), staff_id=caller.staff_id, now=clock.now())
    return _to(campaign_id)


@pages.acts("/campaigns/lists", guard=makers)
def import_list(caller: Staff) -> Answer:
    """Keep an uploaded list."""
    file = flask.request.files.get("文件")
    if file is None or not file.filename:
        raise FormWrong({"文件": ["选一个 CSV 文件"]})
    text = io.StringIO(file.read().decode("utf-8-sig", errors="replace"))
    named = flask.request.form.get("名单名称", "").strip() or file.filename
    list_id = campaigns.lists.import_list(text, name=named, staff_id=caller.staff_id, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.new_campaign", list=ids.seal("recipient_list", list_id)), 303)


@pages.shows("/campaigns/<sealed(campaign):campaign_id>")
def campaign(caller: Staff, campaign_id: int) -> Answer:
    """One campaign: what is to happen, or what happened."""
    found = campaigns.listing.get_campaign(campaign_id)
    forecast = _forecast(found) if found.state in ("draft", "scheduled") and found.words_ready else None
    return show(
        "campaign.html",
        caller,
        heading=found.name,
        campaign=found,
        forecast=forecast,
        **_outcome(found),
        **_words(caller),
    )


@pages.shows("/campaigns/<sealed(campaign):campaign_id>/figures")
def campaign_figures(caller: Staff, campaign_id: int) -> Answer:
    """The figures alone, asked for again while it runs."""
    found = campaigns.listing.get_campaign(campaign_id)
    return show("campaign_figures.html", caller, heading="", campaign=found, **_outcome(found), **_words(caller))


@pages.shows("/campaigns/<sealed(campaign):campaign_id>/curve")
def campaign_curve(caller: Staff, campaign_id: int) -> Answer:
    """What was sent, delivered and opened, added up minute by minute, for the chart."""
    return flask.jsonify(_curve(campaigns.listing.get_campaign(campaign_id)))


@pages.acts("/campaigns/<sealed(campaign):campaign_id>/test", guard=makers)
def test_campaign(caller: Staff, campaign_id: int) -> Answer:
    """Send it to some people who asked for it."""
    named = flask.request.form.get("试发给", "").replace("，", " ").replace(",", " ").split()
    people = [_person(each) for each in named]
    campaigns.drafting.test(campaign_id, customer_ids=people, now=clock.now())
    return _to(campaign_id)


@pages.acts("/campaigns/<sealed(campaign):campaign_id>/release", guard=makers)
def release_campaign(caller: Staff, campaign_id: int) -> Answer:
    """A second person's yes."""
    campaigns.running.release(campaign_id, staff_id=caller.staff_id, now=clock.now())
    return _to(campaign_id)


@pages.acts("/campaigns/<sealed(campaign):campaign_id>/<any(start,pause,resume,stop):act>", guard=makers)
def run_campaign(caller: Staff, campaign_id: int, act: str) -> Answer:
    """Start it, pause it, let it go on, stop it."""
    acts: dict[str, Callable[..., None]] = {
        "start": campaigns.running.start,
        "pause": campaigns.running.pause,
        "resume": campaigns.running.resume,
        "stop": campaigns.running.stop,
    }
    acts[act](campaign_id, now=clock.now())
    return _to(campaign_id)


def _filled_in() -> campaigns.drafting.Draft:
    form = flask.request.form
    given = {name: value.strip() for name, value in form.items() if value.strip()}
    try:
        told = DraftForm(unknown=ma.EXCLUDE).load(given)
    except ma.ValidationError as error:
        raise FormWrong(error.messages) from None
    first = told["first_percent"]
    waves = [campaigns.Wave(first, 0)]
    if first < 100:
        waves.append(campaigns.Wave(100 - first, told["later_minutes"]))
    return campaigns.drafting.Draft(
        name=told["name"],
        channels=[name for name in CHANNELS if name in form.getlist("渠道")],
        list_id=_list(told["list_id"]),
        starts_at=_moment(told["starts_at"]),
        waves=waves,
        control_percent=told["control_percent"],
        goal_days=told["goal_days"],
    )


def _list(sealed: str) -> int | None:
    if not sealed:
        return None
    try:
        return ids.unseal("recipient_list", sealed)
    except NotFound:
        raise FormWrong({"名单": ["选一份名单"]}) from None


def _moment(text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text).replace(tzinfo=BRAND_ZONE)
    except ValueError:
        raise FormWrong({"开始": ["填日期和时间"]}) from None


def _person(named: str) -> int:
    """A customer by phone or card number. Raises FormWrong."""
    known = members.listing.find_by_card(named)
    if known is not None:
        return known.customer_id
    try:
        found = identity.find_customer(identity.identifier("phone", named))
    except identity.IdentifierInvalid:
        found = None
    if found is None:
        raise FormWrong({"试发给": [f"没有找到 {named}"]})
    return found


def _forecast(found: campaigns.listing.CampaignView) -> messaging.forecasting.Forecast:
    sample = campaigns.listing.sample_of(found.id, number=messaging.forecasting.SAMPLE)
    return messaging.forecasting.forecast(
        found.purpose.code,
        sample=sample,
        people=found.people,
        now=clock.now(),
        starts_at=found.starts_at,
        control_percent=found.control_percent,
    )


def _outcome(found: campaigns.listing.CampaignView) -> dict[str, Any]:
    if found.started_at is None:
        return {"outcome": None, "curve": None}
    return {"outcome": campaigns.outcomes.outcome_of(found.id), "curve": _curve(found)}


def _curve(found: campaigns.listing.CampaignView) -> dict[str, Any]:
    """Minutes and, for each line, its running sums."""
    points = messaging.outcomes.curve(found.dispatch_ids)
    minutes = sorted({point.minute for point in points if point.what in WHATS})
    lines = {}
    for what in ("sent", "delivered", "opened"):
        of_minute = dict.fromkeys(minutes, 0)
        for point in points:
            if point.what == what:
                of_minute[point.minute] += point.number
        total, sums = 0, []
        for minute in minutes:
            total += of_minute[minute]
            sums.append(total)
        if total:
            lines[WHATS[what]] = sums
    return {"minutes": [f"{minute.astimezone(BRAND_ZONE):%m-%d %H:%M}" for minute in minutes], "lines": lines}


def _words(caller: Staff) -> dict[str, Any]:
    names = teams.names_of
    return {
        "states": STATES,
        "channels": CHANNELS,
        "held_back_words": HELD_BACK,
        "may_make": caller.role in makers.roles,
        "names_of": names,
    }


def _to(campaign_id: int) -> Answer:
    return flask.redirect(flask.url_for("console_pages.campaign", campaign_id=campaign_id), 303)
