"""Coupons: what can be taken, taking it, one's own, and which of them a basket should use."""

from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.membership import coupons
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("coupons", prefix="/mp/v1/coupons", guard=consumer, about="券")


class TermsView(fields.Schema):
    name = fields.Text(metadata={"example": "新客券"})
    in_short = fields.Text(metadata={"example": "满99减20"})
    kind = fields.Text(metadata={"description": "cash, discount, exchange or freight", "example": "cash"})
    level = fields.Text(attribute="coverage.level", metadata={"description": "product, order or freight"})
    value_fen = fields.Whole(metadata={"example": 2000})
    percent = fields.Whole(allow_none=True, metadata={"description": "88 = 8.8 折", "example": None})
    cap_fen = fields.Whole(allow_none=True, metadata={"example": None})
    threshold_fen = fields.Whole(metadata={"example": 9900})
    goes_with_member_price = ma.fields.Boolean(attribute="coverage.with_member_price")
    goes_with_points = ma.fields.Boolean(attribute="coverage.with_points")
    words = fields.Text(blank=True, metadata={"description": "使用说明", "example": ""})


class TemplateView(fields.Schema):
    template_id = fields.Sealed("coupon_template", attribute="id")
    terms = ma.fields.Nested(TermsView)
    left = fields.Whole(allow_none=True, metadata={"description": "null: no limit", "example": 20})
    per_customer = fields.Whole(metadata={"example": 1})
    mine = fields.Whole(metadata={"description": "how many I took", "example": 0})
    take_from = fields.Moment(allow_none=True)
    take_before = fields.Moment(allow_none=True)
    why_not = fields.Text(
        allow_none=True, metadata={"description": "null, not_yet, over, limit_reached or sold_out", "example": None}
    )


class TemplateList(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(TemplateView))


class CouponView(fields.Schema):
    coupon_id = fields.Sealed("coupon", attribute="id")
    template_id = fields.Sealed("coupon_template")
    terms = ma.fields.Nested(TermsView)
    state = ma.fields.Method(
        "state_now",
        metadata={"type": "string", "description": "usable, waiting, locked (使用中), redeemed, expired or void"},
    )
    taken_at = fields.Moment()
    starts_at = fields.Moment()
    ends_before = fields.Moment(metadata={"description": "the first moment after its last day"})
    locked_until = fields.Moment(allow_none=True)
    redeemed_at = fields.Moment(allow_none=True)

    def state_now(self, coupon: coupons.Coupon) -> str:
        """The state as it shows at this moment."""
        return coupon.shown_state(clock.now())


class CouponDetailView(CouponView):
    code = fields.Text(metadata={"description": "shown as a QR code of this very text", "example": "Q3F8ZK0W1M5T7RXH"})


class CouponPage(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(CouponView))
    next_cursor = fields.Text(allow_none=True)


class TakeRequest(fields.Schema):
    template_id = fields.Sealed("coupon_template", required=True)


class CouponsQuery(fields.PageQuery):
    state = ma.fields.String(
        load_default="usable",
        validate=ma.validate.OneOf(["usable", "redeemed", "expired"]),
        metadata={"description": "usable (with those in use or still waiting), redeemed or expired"},
    )


class LineTakes(fields.Schema):
    product_code = fields.Text(longest=64, required=True, metadata={"example": "P00001"})
    amount_fen = fields.Whole(most=10**10, required=True, metadata={"description": "after 会员价 and 满减, all pieces"})
    quantity = fields.Whole(least=1, most=10_000, load_default=1)
    at_member_price = ma.fields.Boolean(load_default=False)


class JudgeRequest(fields.Schema):
    lines = ma.fields.List(ma.fields.Nested(LineTakes), required=True, validate=ma.validate.Length(1, 100))
    channel = fields.Text(longest=40, load_default="miniprogram")
    store_id = fields.Sealed("store", load_default=None, allow_none=True)
    freight_fen = fields.Whole(most=10**8, load_default=0)
    points_used = ma.fields.Boolean(load_default=False, metadata={"description": "部分用积分抵现"})

    @ma.post_load
    def _basket(self, data: dict[str, Any], **_: Any) -> coupons.Basket:
        lines = tuple(coupons.Line(**line) for line in data.pop("lines"))
        return coupons.Basket(lines=lines, **data)


class AppliedView(fields.Schema):
    coupon_id = fields.Sealed("coupon")
    discount_fen = fields.Whole()
    shares_fen = ma.fields.List(
        fields.Whole(), attribute="shares", metadata={"description": "each line's share, none for freight"}
    )


class NotUsedView(fields.Schema):
    coupon_id = fields.Sealed("coupon")
    why_not = fields.Text(metadata={"example": "还差¥9可用"})


class JudgementView(fields.Schema):
    discount_fen = fields.Whole(metadata={"example": 2000})
    best = ma.fields.List(ma.fields.Nested(AppliedView))
    not_used = ma.fields.List(ma.fields.Nested(NotUsedView))


@door.reads("/templates", gives=TemplateList)
def list_coupon_templates(caller: Consumer) -> dict[str, Any]:
    """What can be taken now, and why not. Guests see it too."""
    return {"items": coupons.templates.list_offered(customer_id=caller.customer_id, now=clock.now())}


@door.writes(
    "/take",
    takes=TakeRequest,
    gives=CouponDetailView,
    status=201,
    value=True,
    refuses=[
        coupons.MembersOnly,
        coupons.TemplateUnknown,
        coupons.NotOpen,
        coupons.UseStopped,
        coupons.LimitReached,
        coupons.SoldOut,
        coupons.CauseReused,
    ],
)
def take_coupon(caller: Consumer, body: dict[str, Any]) -> coupons.Coupon:
    """Take a coupon. The Idempotency-Key is its cause: the same key never gives a second one."""
    cause = f"take:{flask.request.headers['Idempotency-Key']}"
    return coupons.take(customer_id=caller.customer_id, template_id=body["template_id"], cause=cause, now=clock.now())


@door.reads("", query=CouponsQuery, gives=CouponPage, refuses=[CursorInvalid])
def list_my_coupons(caller: Consumer, query: dict[str, Any]) -> Page[coupons.Coupon]:
    """My coupons by state; what can still be used comes soonest end first."""
    return coupons.list_coupons(customer_id=caller.customer_id, now=clock.now(), **query)


@door.reads("/<sealed(coupon):coupon_id>", gives=CouponDetailView, refuses=[coupons.CouponUnknown])
def get_my_coupon(caller: Consumer, coupon_id: int) -> coupons.Coupon:
    """One of my coupons, with its code."""
    return coupons.get_coupon(customer_id=caller.customer_id, coupon_id=coupon_id)


@door.writes("/judge", takes=JudgeRequest, gives=JudgementView)
def judge_basket(caller: Consumer, body: coupons.Basket) -> dict[str, Any]:
    """The best set of my coupons for a basket, and for every other one why not. Nothing is locked."""
    judgement = coupons.judge(customer_id=caller.customer_id, basket=body, now=clock.now())
    not_used = [{"coupon_id": coupon_id, "why_not": why} for coupon_id, why in judgement.reasons.items()]
    return {"discount_fen": judgement.discount_fen, "best": judgement.best, "not_used": not_used}
