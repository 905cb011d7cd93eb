"""Coupons at tills and in shops: check, lock for an unpaid order, unlock, redeem, give back."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.membership import coupons, members
from app.membership.coupons import Place, Shown
from app.people import stores
from app.web import fields
from app.web.endpoint import Door
from app.web.signatures import Machine, SignatureReplayed, machine

door = Door("coupons-till", prefix="/open/v1/coupons", guard=machine, about="券核销")
UNUSABLE = [
    coupons.CouponUnknown,
    members.CardCodeInvalid,
    stores.StoreUnknown,
    coupons.AlreadyRedeemed,
    coupons.InUse,
    coupons.Ended,
    coupons.NotYet,
    coupons.Withdrawn,
    coupons.UseStopped,
    coupons.NotHere,
    coupons.NotTogether,
    SignatureReplayed,
]


class CouponCodesTold(fields.Schema):
    codes = ma.fields.List(
        fields.Text(longest=64), validate=ma.validate.Length(1, 10), metadata={"example": ["Q3F8ZK0W1M5T7RXH"]}
    )


class ShownCouponsTold(CouponCodesTold):
    """Coupon codes, or the member's 60-second card code and the coupons chosen from `check` (X04)."""

    card_code = fields.Text(longest=40, metadata={"description": "会员码，60 秒内有效"})
    coupon_ids = ma.fields.List(fields.Sealed("coupon"), validate=ma.validate.Length(1, 10))
    store_code = fields.Text(longest=64, load_default=None, allow_none=True, metadata={"example": "S001"})
    till = fields.Text(
        longest=64, load_default="", blank=True, metadata={"description": "which till", "example": "pos-1"}
    )

    @ma.validates_schema
    def _one_way(self, data: dict[str, Any], **_: Any) -> None:
        if ("codes" in data) == ("card_code" in data):
            raise ma.ValidationError("给券码，或给会员码，二选一", "codes")
        if "coupon_ids" in data and "card_code" not in data:
            raise ma.ValidationError("只和会员码一起用", "coupon_ids")


class ChosenCouponsTold(ShownCouponsTold):
    order_number = fields.Text(longest=64, metadata={"description": "yours", "example": "20260520-0001"})

    @ma.validates_schema
    def _chosen(self, data: dict[str, Any], **_: Any) -> None:
        if "card_code" in data and "coupon_ids" not in data:
            raise ma.ValidationError("用会员码时要选券", "coupon_ids")


class CouponsForOrderTold(ChosenCouponsTold):
    order_number = fields.Text(longest=64, required=True, metadata={"description": "yours", "example": "20260520-0001"})


class GiveCouponsBackTold(fields.Schema):
    codes = ma.fields.List(fields.Text(longest=64), required=True, validate=ma.validate.Length(1, 10))
    order_number = fields.Text(longest=64, required=True, metadata={"example": "20260520-0001"})


class CouponTermsShown(fields.Schema):
    name = fields.Text(metadata={"example": "新客券"})
    in_short = fields.Text(metadata={"example": "满99减20"})
    kind = fields.Text(metadata={"example": "cash"})
    level = fields.Text(attribute="coverage.level", metadata={"example": "order"})
    value_fen = fields.Whole(metadata={"example": 2000})
    percent = fields.Whole(allow_none=True)
    cap_fen = fields.Whole(allow_none=True)
    threshold_fen = fields.Whole(metadata={"example": 9900})
    products = ma.fields.List(fields.Text(), attribute="scope.products")
    tags = ma.fields.List(fields.Text(), attribute="scope.tags")
    goes_with_member_price = ma.fields.Boolean(attribute="coverage.with_member_price")
    goes_with_points = ma.fields.Boolean(attribute="coverage.with_points")


class TillCouponShown(fields.Schema):
    coupon_id = fields.Sealed("coupon", attribute="id")
    code = fields.Text(metadata={"example": "Q3F8ZK0W1M5T7RXH"})
    state = fields.Text(metadata={"example": "redeemed"})
    terms = ma.fields.Nested(CouponTermsShown)
    starts_at = fields.Moment()
    ends_before = fields.Moment()
    locked_until = fields.Moment(allow_none=True)
    redeemed_at = fields.Moment(allow_none=True)
    repeated = ma.fields.Boolean(metadata={"description": "the answer of an earlier, equal call"})


class CouponWhyNot(fields.Schema):
    code = fields.Text(metadata={"example": "coupon.already_redeemed"})
    title = fields.Text(metadata={"example": "这张券已经用过"})
    data = ma.fields.Dict()


class CheckedCouponShown(fields.Schema):
    coupon = ma.fields.Nested(TillCouponShown)
    why_not = ma.fields.Nested(CouponWhyNot, attribute="refusal", allow_none=True)


class CheckedCouponList(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(CheckedCouponShown))


class TillCouponList(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(TillCouponShown))


def _shown(body: dict[str, Any]) -> Shown:
    return Shown(
        codes=tuple(body.get("codes", ())),
        card_code=body.get("card_code"),
        coupon_ids=tuple(body.get("coupon_ids", ())),
    )


def _place(caller: Machine, body: dict[str, Any]) -> Place:
    number = body.get("order_number")
    return Place(
        till=f"{caller.channel}/{body['till']}",
        store_code=body["store_code"],
        order=f"{caller.channel}/{number}" if number else None,
    )


@door.writes("/check", takes=ShownCouponsTold, gives=CheckedCouponList, refuses=UNUSABLE[:3])
def check_coupons(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """What these codes, or this member, can use here now, and why not. Nothing changes."""
    return {"items": coupons.till.check(shown=_shown(body), place=_place(caller, body), now=clock.now())}


@door.writes("/lock", takes=CouponsForOrderTold, gives=TillCouponList, refuses=UNUSABLE)
def lock_coupons(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Keep coupons for an unpaid order, 30 minutes."""
    return {"items": coupons.till.lock(shown=_shown(body), place=_place(caller, body), now=clock.now())}


@door.writes("/unlock", takes=CouponsForOrderTold, gives=TillCouponList, refuses=[*UNUSABLE[:3], coupons.NotLocked])
def unlock_coupons(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Let go of what an order kept."""
    return {"items": coupons.till.unlock(shown=_shown(body), place=_place(caller, body), now=clock.now())}


@door.writes("/redeem", takes=ChosenCouponsTold, gives=TillCouponList, refuses=UNUSABLE)
def redeem_coupons(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Redeem coupons, once. The same order at the same till again gets the first answer."""
    return {"items": coupons.till.redeem(shown=_shown(body), place=_place(caller, body), now=clock.now())}


@door.writes(
    "/give-back", takes=GiveCouponsBackTold, gives=TillCouponList, refuses=[coupons.CouponUnknown, coupons.NotRedeemed]
)
def give_back_coupons(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Give back what a fully refunded order used; a part refund gives nothing back."""
    order = f"{caller.channel}/{body['order_number']}"
    return {"items": coupons.till.give_back(codes=body["codes"], order=order, now=clock.now())}
