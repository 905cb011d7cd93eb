"""The clerk's page: scan or type a code, see the outcome in one glance, go on with the next in one tap."""

import datetime as dt
import zoneinfo
from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock
from app.kernel.errors import Refusal
from app.kernel.settings import settings
from app.membership import bookings
from app.people import stores, teams
from app.web import fields
from app.web.callers import anybody
from app.web.guards import Staff, set_staff_cookie, sign_in_staff, staff
from app.web.pages import Pages
from wecom.redemptions import COUNTER, LEADS, store_of, stores_of

pages = Pages("wecom", prefix="/wecom", guard=staff(*COUNTER), sign_in="/wecom/sign-in")

UNDO_REASONS = ("扫错了码", "顾客没有使用", "门店临时不能提供", "其他")


class ScanForm(fields.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    code = fields.Text(longest=200, required=True)
    store = fields.Sealed("store", load_default=None, allow_none=True)


class UndoForm(fields.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    booking = fields.Sealed("booking", required=True)
    why = fields.Text(longest=200, required=True)


class SignInForm(fields.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    staff_code = fields.Text(longest=40, required=True)


@pages.shows("/scan")
def scan(caller: Staff) -> str:
    """The empty page, ready for the first code."""
    mine = [stores.get_store(store_id) for store_id in caller.store_ids]
    return pages.render("wecom/scan.html", stores=mine)


@pages.acts("/scan")
def redeem_scanned(caller: Staff) -> str:
    """One code: the outcome as a fragment."""
    try:
        form = ScanForm().load(flask.request.form.to_dict())
    except ma.ValidationError:
        return pages.render("wecom/unread.html")
    now = clock.now()
    store_id = store_of(caller, form["store"])
    outcome = bookings.counter.attempt(code=form["code"], staff_id=caller.staff_id, store_id=store_id, now=now)
    if isinstance(outcome, Refusal):
        return pages.render("wecom/refused.html", **said(outcome, now=now))
    return pages.render(
        "wecom/redeemed.html",
        done=outcome,
        at=clock_time(outcome.redeemed_at, zone=outcome.zone, now=now),
        slot=outcome.starts_at and clock_time(outcome.starts_at, zone=outcome.zone, now=now),
        reasons=UNDO_REASONS if outcome.kind == "booking" and caller.role in LEADS else (),
    )


@pages.acts("/scan/undo", guard=staff(*LEADS))
def undo_scanned(caller: Staff) -> str:
    """A lead takes back what was just redeemed."""
    form = UndoForm().load(flask.request.form.to_dict())
    undone = bookings.counter.undo_redemption(
        booking_id=form["booking"],
        staff_id=caller.staff_id,
        store_ids=stores_of(caller),
        why=form["why"],
        now=clock.now(),
    )
    return pages.render("wecom/undone.html", undone=undone)


@pages.shows("/sign-in", guard=anybody)
def sign_in_page(caller: object) -> str:
    """Who are you? In the demo brand one picks a staff member."""
    people = [each for each in teams.list_staff() if each.role in COUNTER] if settings().demo else []
    return pages.render("wecom/sign_in.html", people=people, roles=teams.ROLES)


@pages.acts("/sign-in", guard=anybody)
def sign_in(caller: object) -> flask.Response:
    """Sign in as a staff member of the demo brand and go on to the scan."""
    form = SignInForm().load(flask.request.form.to_dict())
    member = teams.sign_in_as(staff_code=form["staff_code"], now=clock.now())
    answer = flask.make_response(flask.redirect("/wecom/scan", 303))
    set_staff_cookie(answer, sign_in_staff(staff_id=member.staff_id))
    return answer


def said(refusal: Refusal, *, now: dt.datetime) -> dict[str, Any]:
    """A refusal in the words of the shop: a headline that can be read at arm's length, and what to do."""
    data = refusal.data
    if isinstance(refusal, bookings.AlreadyRedeemed):
        at = clock_time(dt.datetime.fromisoformat(data["redeemed_at"]), zone=data["zone"], now=now)
        where = f"在{data['store']}" if data["store"] else ""
        by = f"经手 {data['staff']}" if data["staff"] else ""
        return {"headline": f"已于 {at} {where}核销过", "lines": [data["name"], by], "advice": refusal.advice}
    lines = []
    if "store" in data:
        lines.append(f"预约在 {data['store']}")
    if "starts_at" in data:
        starts_at = dt.datetime.fromisoformat(data["starts_at"])
        lines.append(f"时间 {starts_at.astimezone(clock.BRAND_ZONE):%Y-%m-%d %H:%M}")
    if "ended_at" in data:
        ended_at = dt.datetime.fromisoformat(data["ended_at"])
        lines.append(f"有效期至 {ended_at.astimezone(clock.BRAND_ZONE):%Y-%m-%d %H:%M}")
    return {"headline": refusal.title, "lines": lines, "advice": refusal.advice}


def clock_time(moment: dt.datetime, *, zone: str, now: dt.datetime) -> str:
    """What the clock on the wall of the store said: the time today, with the date on other days."""
    here = zoneinfo.ZoneInfo(zone)
    local, today = moment.astimezone(here), now.astimezone(here).date()
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"
