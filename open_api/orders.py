"""Orders pushed by shops and marketplaces, and looked at by them."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.trade import orders
from app.web import fields
from app.web.endpoint import Door
from app.web.signatures import Machine, SignatureReplayed, machine

door = Door("orders-push", prefix="/open/v1/orders", guard=machine, about="订单")
MOST_REPORTS = 500


class AmountsTold(fields.Schema):
    goods_fen = fields.Whole(metadata={"description": "list price of all goods", "example": 30000})
    discount_fen = fields.Whole(metadata={"description": "discounts but for coupon and points", "example": 4000})
    coupon_fen = fields.Whole(metadata={"description": "paid by coupon", "example": 2000})
    points_fen = fields.Whole(metadata={"description": "paid by points", "example": 0})
    freight_fen = fields.Whole(metadata={"description": "freight, part of paid_fen", "example": 1000})
    paid_fen = fields.Whole(metadata={"description": "paid in money, freight included", "example": 25000})


class LineTold(fields.Schema):
    line_no = fields.Whole(allow_none=True, metadata={"description": "its place, where left out", "example": 1})
    product_code = fields.Text(longest=64, metadata={"example": "LIP-001"})
    name = fields.Text(longest=200, metadata={"example": "丝绒口红"})
    quantity = fields.Whole(metadata={"example": 1})
    price_fen = fields.Whole(metadata={"description": "of one piece", "example": 19900})
    paid_fen = fields.Whole(allow_none=True, metadata={"description": "money paid for the line", "example": 17900})
    earns = ma.fields.Boolean(metadata={"description": "no for gift cards and top-ups (M01)", "example": True})


class RefundTold(fields.Schema):
    number = fields.Text(longest=64, metadata={"example": "T20260522-1"})
    amount_fen = fields.Whole(metadata={"example": 5000})
    goods_fen = fields.Whole(allow_none=True, metadata={"description": "without freight", "example": 5000})
    line_no = fields.Whole(allow_none=True, metadata={"example": 1})
    refunded_at = fields.Moment(metadata={"example": "2026-05-22T08:00:00Z"})


class BuyerTold(fields.Schema):
    kind = fields.Text(
        longest=40, metadata={"description": "phone, card, buyer, ouid, omid, unionid …", "example": "phone"}
    )
    scope = fields.Text(longest=128, blank=True, metadata={"description": "app, corp or shop", "example": ""})
    value = fields.Text(longest=128, metadata={"description": "masked ones are ignored", "example": "13900000001"})


class ReportTold(fields.Schema):
    """The state of an order as the channel knows it at `reported_at`; everything but the number may be left out."""

    number = fields.Text(longest=64, metadata={"example": "20260520-0001"})
    channel = fields.Text(longest=64, metadata={"description": "yours; may be left out", "example": "demo-shop"})
    reported_at = fields.Moment(
        metadata={"description": "the newest told value counts", "example": "2026-05-20T04:00:00Z"}
    )
    store_code = fields.Text(longest=64, allow_none=True, metadata={"example": "S001"})
    in_store = ma.fields.Boolean(allow_none=True, metadata={"description": "bought in a shop (M02)", "example": True})
    earns = ma.fields.Boolean(allow_none=True, metadata={"description": "计分 (O05)", "example": True})
    placed_at = fields.Moment(allow_none=True, metadata={"example": "2026-05-20T03:58:00Z"})
    paid_at = fields.Moment(allow_none=True, metadata={"example": "2026-05-20T04:00:00Z"})
    shipped_at = fields.Moment(allow_none=True, metadata={"example": None})
    received_at = fields.Moment(allow_none=True, metadata={"example": None})
    amounts = ma.fields.Nested(AmountsTold, allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(LineTold), allow_none=True)
    refunds = ma.fields.List(ma.fields.Nested(RefundTold))
    buyers = ma.fields.List(ma.fields.Nested(BuyerTold))
    coupon_codes = ma.fields.List(fields.Text(longest=64), metadata={"example": []})


class Unread(ma.fields.Nested):
    """Documented as its schema, taken as it is: each report is read by itself, so that a bad one spoils no other."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        return value


class PushRequest(fields.Schema):
    orders = ma.fields.List(Unread(ReportTold), required=True, validate=ma.validate.Length(min=1, max=MOST_REPORTS))


class OutcomeView(fields.Schema):
    number = fields.Text(allow_none=True, metadata={"example": "20260520-0001"})
    status = fields.Text(metadata={"description": "accepted, unchanged or refused", "example": "accepted"})
    reason = fields.Text(allow_none=True, metadata={"description": "why refused, `field: reason`", "example": None})
    warnings = ma.fields.List(fields.Text(), metadata={"example": ["product.unknown:LIP-001"]})


class OutcomesView(fields.Schema):
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeView))


class OrderTold(fields.Schema):
    channel = fields.Text(metadata={"example": "demo-shop"})
    number = fields.Text(metadata={"example": "20260520-0001"})
    standing = fields.Text(
        metadata={
            "description": "no_order_yet, placed, paid, shipped, received, part_refunded, refunded",
            "example": "paid",
        }
    )
    store_code = fields.Text(allow_none=True, metadata={"example": "S001"})
    ordered_at = fields.Moment(allow_none=True, metadata={"example": "2026-05-20T03:58:00Z"})
    paid_at = fields.Moment(allow_none=True, metadata={"example": "2026-05-20T04:00:00Z"})
    shipped_at = fields.Moment(allow_none=True, metadata={"example": None})
    received_at = fields.Moment(allow_none=True, metadata={"example": None})
    amounts = ma.fields.Nested(AmountsTold, allow_none=True)
    base_fen = fields.Whole(metadata={"description": "what earns points (M01)", "example": 24000})
    refunded_fen = fields.Whole(metadata={"description": "what refunds took of it", "example": 0})
    lines = ma.fields.List(ma.fields.Nested(LineTold))
    refunds = ma.fields.List(ma.fields.Nested(RefundTold))
    has_customer = ma.fields.Boolean(metadata={"description": "whether the buyer is known", "example": False})


@door.writes("", takes=PushRequest, gives=OutcomesView, refuses=[SignatureReplayed])
def push_orders(caller: Machine, body: dict[str, Any]) -> dict[str, Any]:
    """Tell up to 500 orders as they stand now; in any order, as often as you like. One outcome each."""
    told = [_read(item, caller.channel) for item in body["orders"]]
    reports = [report for report, _ in told if report is not None]
    outcomes = iter(orders.report_orders(reports, source=f"open_api {caller.channel}", now=clock.now()))
    return {"outcomes": [next(outcomes) if report is not None else refused for report, refused in told]}


def _read(item: Any, channel: str) -> tuple[orders.OrderReport | None, dict[str, Any]]:
    number = item.get("number") if isinstance(item, dict) else None
    refused: dict[str, Any] = {
        "number": number if isinstance(number, str) else None,
        "status": "refused",
        "warnings": [],
    }
    try:
        report = orders.report_of(item, orders.Defaults(channel=channel))
    except orders.Unreadable as wrong:
        return None, {**refused, "reason": str(wrong)}
    if report.channel != channel:
        return None, {**refused, "reason": "channel: not yours"}
    return report, {}


@door.reads("/<string:channel>/<string:number>", gives=OrderTold, refuses=[SignatureReplayed, orders.OrderNotFound])
def see_order(caller: Machine, channel: str, number: str) -> dict[str, Any]:
    """See an order of your own channel as we know it."""
    if channel != caller.channel or "\0" in number:
        raise orders.OrderNotFound
    order = orders.find_order(channel, number)
    shown = {name: getattr(order, name) for name in OrderTold._declared_fields if name != "has_customer"}
    return {**shown, "has_customer": order.customer_id is not None}
