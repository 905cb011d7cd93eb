"""Points as their member sees them: the balance and every line of it."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.membership import points
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("points", prefix="/mp/v1/points", guard=consumer, about="积分")


class BalanceView(fields.Schema):
    spendable = fields.Whole(metadata={"description": "可用积分", "example": 1280})
    pending = fields.Whole(metadata={"description": "待生效：退货期过后可用", "example": 199})
    held = fields.Whole(metadata={"description": "使用中：已为进行中的订单预留", "example": 0})
    owed = fields.Whole(metadata={"description": "欠分：退款时已用掉的部分，由之后获得的积分补上", "example": 0})
    expiring = fields.Whole(metadata={"description": "30 天内到期的可用积分", "example": 300})
    expires_at = fields.Moment(
        allow_none=True,
        metadata={"description": "其中最早的到期时刻", "example": "2026-05-31T16:00:00Z"},
    )


class LineView(fields.Schema):
    at = fields.Moment(metadata={"example": "2026-05-20T04:00:00Z"})
    kind = fields.Text(metadata={"description": "变动类型", "example": "order"})
    words = fields.Text(metadata={"description": "变动说明", "example": "消费得分：实付 ¥199.00 × 等级 1.1 倍"})
    spendable = fields.Whole(
        least=-fields.LARGEST_INTEGER, metadata={"description": "可用积分的变动，减少为负", "example": 218}
    )
    pending = fields.Whole(least=-fields.LARGEST_INTEGER, metadata={"description": "待生效积分的变动", "example": 0})
    held = fields.Whole(least=-fields.LARGEST_INTEGER, metadata={"description": "预留积分的变动", "example": 0})
    owed = fields.Whole(least=-fields.LARGEST_INTEGER, metadata={"description": "欠分的变动，补上为负", "example": 0})
    rule_version = fields.Whole(allow_none=True, metadata={"description": "所用积分规则的版本", "example": 1})
    order_number = fields.Text(allow_none=True, metadata={"description": "订单号", "example": "S001-20260520-0001"})
    expires_at = fields.Moment(
        allow_none=True, metadata={"description": "这笔积分的到期时刻", "example": "2027-05-31T16:00:00Z"}
    )


class LinesView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(LineView))
    next_cursor = fields.Text(
        allow_none=True, metadata={"description": "下一页的位置，没有更多时为空", "example": None}
    )


@door.reads("", gives=BalanceView)
def see_balance(caller: Consumer) -> points.Balance:
    """See how many points I have, what is on its way and what ends soon."""
    return points.get_balance(caller.customer_id, now=clock.now())


@door.reads("/entries", gives=LinesView, query=fields.PageQuery, refuses=[CursorInvalid])
def list_lines(caller: Consumer, query: dict[str, Any]) -> Page[points.Line]:
    """See my points line by line, the latest first."""
    return points.explain(caller.customer_id, cursor=query["cursor"], limit=query["limit"])
