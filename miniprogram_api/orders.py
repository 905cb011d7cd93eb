"""Orders of every channel in one list, as their buyer sees them."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.membership import members
from app.people import stores
from app.trade import orders
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("orders", prefix="/mp/v1/orders", guard=consumer, about="我的订单")


class OrderLineView(fields.Schema):
    product_code = fields.Text(metadata={"example": "LIP-001"})
    name = fields.Text(metadata={"example": "丝绒口红"})
    quantity = fields.Whole(metadata={"example": 1})
    price_fen = fields.Whole(metadata={"description": "单价，分", "example": 19900})


class OrderRefundView(fields.Schema):
    amount_fen = fields.Whole(metadata={"description": "退款金额，分", "example": 5000})
    refunded_at = fields.Moment(metadata={"example": "2026-05-22T08:00:00Z"})


class OrderAmountsView(fields.Schema):
    goods_fen = fields.Whole(metadata={"description": "商品金额，分", "example": 30000})
    discount_fen = fields.Whole(metadata={"description": "优惠，分", "example": 4000})
    coupon_fen = fields.Whole(metadata={"description": "用券抵扣，分", "example": 2000})
    points_fen = fields.Whole(metadata={"description": "积分抵扣，分", "example": 0})
    freight_fen = fields.Whole(metadata={"description": "运费，分", "example": 1000})
    paid_fen = fields.Whole(metadata={"description": "实付，分", "example": 25000})


class OrderView(fields.Schema):
    id = fields.Sealed("order", metadata={"example": "abcdefghijklmnopqrstuvwxyz"})
    channel = fields.Text(metadata={"example": "demo-shop"})
    number = fields.Text(metadata={"example": "20260520-0001"})
    standing = fields.Text(
        metadata={
            "description": "placed 待付款、paid 已付款、shipped 已发货、received 已收货、part_refunded 部分退款、refunded 已退款",
            "example": "paid",
        }
    )
    ordered_at = fields.Moment(metadata={"example": "2026-05-20T03:58:00Z"})
    paid_at = fields.Moment(allow_none=True, metadata={"example": "2026-05-20T04:00:00Z"})
    shipped_at = fields.Moment(allow_none=True, metadata={"example": None})
    received_at = fields.Moment(allow_none=True, metadata={"example": None})
    currency = ma.fields.Constant("CNY", metadata={"example": "CNY"})
    amounts = ma.fields.Nested(OrderAmountsView, allow_none=True)
    lines = ma.fields.List(ma.fields.Nested(OrderLineView))
    refunds = ma.fields.List(ma.fields.Nested(OrderRefundView))


class OrdersView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(OrderView))
    next_cursor = fields.Text(allow_none=True, metadata={"description": "没有更多时为空", "example": None})


class ClaimRequest(fields.Schema):
    store_id = fields.Sealed("store", required=True)
    receipt_number = fields.Text(
        required=True, longest=64, metadata={"description": "小票号", "example": "20260520-0001"}
    )


@door.reads("", gives=OrdersView, query=fields.PageQuery, refuses=[CursorInvalid])
def list_orders(caller: Consumer, query: dict[str, Any]) -> Page[orders.OrderView]:
    """See my orders of all shops and marketplaces, the newest first."""
    return orders.list_orders(caller.customer_id, cursor=query["cursor"], limit=query["limit"])


@door.reads("/<sealed(order):order_id>", gives=OrderView, refuses=[orders.OrderNotFound])
def see_order(caller: Consumer, order_id: int) -> orders.OrderView:
    """See one of my orders."""
    return orders.get_order(order_id, customer_id=caller.customer_id)


@door.runs(
    "/claim",
    takes=ClaimRequest,
    gives=OrderView,
    refuses=[members.NotMember, stores.StoreUnknown, orders.ClaimRefused, orders.ClaimLocked],
)
def claim_order(caller: Consumer, body: dict[str, Any]) -> orders.OrderView:
    """补积分: claim what I bought in a store by the receipt; repeating it is harmless, five failures lock for the day."""
    members.get_member(caller.customer_id)
    number = body["receipt_number"].strip()
    return orders.errands.claim_receipt(
        customer_id=caller.customer_id, store_id=body["store_id"], number=number, now=clock.now()
    )
