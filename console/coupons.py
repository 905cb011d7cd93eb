"""Coupon templates in the console: draft one, sign it where two people are needed (K06), open it, stop it."""

from decimal import Decimal
from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock
from app.kernel.errors import Unprocessable
from app.membership import coupons
from app.web.guards import Staff, staff
from console.pages import Answer, pages, show

makers = staff("marketer", "admin")
STATES = {"draft": "草稿", "open": "可领取", "taking_stopped": "已停止领取", "use_stopped": "已停用"}


class FormWrong(Unprocessable):
    code = "console.form_wrong"
    title = "有些内容填得不对"

    def __init__(self, messages: Any) -> None:
        super().__init__(errors=messages)
        words = "；".join(f"{name}：{'、'.join(map(str, said))}" for name, said in messages.items())
        self.advice = words  # type: ignore[misc]  # this form's own words


def _money(**kwargs: Any) -> ma.fields.Decimal:
    least, most = Decimal(0), Decimal(1_000_000)
    return ma.fields.Decimal(places=2, validate=ma.validate.Range(least, most), load_default=least, **kwargs)


class TemplateForm(ma.Schema):
    """The form's fields; money in yuan, empty numbers mean no limit."""

    name = ma.fields.String(required=True, data_key="名称", validate=ma.validate.Length(1, 40))
    kind = ma.fields.String(required=True, data_key="类型", validate=ma.validate.OneOf(["cash", "discount"]))
    value = _money(data_key="减多少元")
    percent = ma.fields.Integer(data_key="打几折", load_default=None, validate=ma.validate.Range(10, 99))
    cap = _money(data_key="最多减")
    threshold = _money(data_key="满多少元")
    total = ma.fields.Integer(data_key="总张数", load_default=None, validate=ma.validate.Range(1, 100_000_000))
    per_customer = ma.fields.Integer(data_key="每人几张", load_default=1, validate=ma.validate.Range(1, 1000))
    days = ma.fields.Integer(data_key="有效天数", load_default=7, validate=ma.validate.Range(0, 3650))


def _filled_in() -> dict[str, Any]:
    given = {name: value.strip() for name, value in flask.request.form.items() if value.strip()}
    try:
        return dict(TemplateForm(unknown=ma.EXCLUDE).load(given))
    except ma.ValidationError as error:
        raise FormWrong(error.messages) from None


def _fen(yuan: Decimal) -> int:
    return int(yuan * 100)


@pages.shows("/coupons")
def list_coupon_templates(caller: Staff) -> Answer:
    """What customers can take now, and a form for a new template."""
    shown = coupons.templates.list_offered(customer_id=0, now=clock.now())
    return show("coupons.html", caller, heading="券", templates=shown, may_make=caller.role in makers.roles)


@pages.acts("/coupons", guard=makers)
def draft_coupon_template(caller: Staff) -> Answer:
    """Draft a template from the form."""
    form = _filled_in()
    terms = coupons.Terms(
        name=form["name"],
        kind=form["kind"],
        coverage=coupons.Coverage("order"),
        validity=coupons.Validity(days=form["days"]),
        value_fen=_fen(form["value"]) if form["kind"] == "cash" else 0,
        percent=form["percent"] if form["kind"] == "discount" else None,
        cap_fen=_fen(form["cap"]) or None if form["kind"] == "discount" else None,
        threshold_fen=_fen(form["threshold"]),
    )
    offering = coupons.Offering(total=form["total"], per_customer=form["per_customer"])
    saved = coupons.templates.save(terms=terms, offering=offering, now=clock.now())
    return flask.redirect(flask.url_for("console_pages.coupon_template", template_id=saved.id), 303)


@pages.shows("/coupons/<sealed(coupon_template):template_id>")
def coupon_template(caller: Staff, template_id: int) -> Answer:
    """One template: what it promises, how many are left, and what can be done with it."""
    found = coupons.templates.get_template(template_id)
    may_make = caller.role in makers.roles
    return show("coupon.html", caller, heading=found.terms.name, offer=found, states=STATES, may_make=may_make)


@pages.acts("/coupons/<sealed(coupon_template):template_id>/approve", guard=makers)
def approve_coupon_template(caller: Staff, template_id: int) -> Answer:
    """Sign it; whoever signs twice is still one person."""
    coupons.templates.approve(template_id=template_id, staff_id=caller.staff_id)
    return flask.redirect(flask.url_for("console_pages.coupon_template", template_id=template_id), 303)


@pages.acts("/coupons/<sealed(coupon_template):template_id>/<any(open,taking_stopped,use_stopped):state>", guard=makers)
def change_coupon_template(caller: Staff, template_id: int, state: str) -> Answer:
    """Open it, stop taking, stop use."""
    coupons.templates.change_state(template_id=template_id, state=state)
    return flask.redirect(flask.url_for("console_pages.coupon_template", template_id=template_id), 303)
