"""The home: everything a member wants to see first, in one request."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.reports import profiles
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("home", prefix="/mp/v1/home", guard=consumer, about="会员中心首页")


class CardShape(fields.Schema):
    card_number = fields.Text(metadata={"example": "8012345678901234"})
    tier_name = fields.Text(metadata={"example": "银卡"})
    level = fields.Whole(metadata={"description": "0 is the first tier", "example": 1})
    level_until = fields.Moment()
    growth = fields.Whole(metadata={"example": 1200})
    next_tier_name = fields.Text(allow_none=True, metadata={"description": "null at the top", "example": "金卡"})
    growth_to_next = fields.Whole(allow_none=True, metadata={"example": 1800})


class BookingShape(fields.Schema):
    booking_id = fields.Sealed("booking")
    service_name = fields.Text(metadata={"example": "整妆"})
    store_name = fields.Text(metadata={"example": "湖滨店"})
    starts_at = fields.Moment()


class HomeShape(fields.Schema):
    card = ma.fields.Nested(CardShape, allow_none=True, metadata={"description": "null for a guest"})
    points = fields.Whole(metadata={"description": "spendable now", "example": 2340})
    points_pending = fields.Whole(metadata={"description": "待生效, not spendable yet", "example": 120})
    points_owed = fields.Whole(metadata={"description": "欠分, paid from the next earnings", "example": 0})
    points_expiring = fields.Whole(metadata={"description": "end within 30 days", "example": 200})
    points_expire_at = fields.Moment(allow_none=True)
    coupons_usable = fields.Whole(metadata={"example": 3})
    coupons_next_end = fields.Moment(allow_none=True)
    next_booking = ma.fields.Nested(BookingShape, allow_none=True)


@door.reads("", gives=HomeShape)
def member_home(caller: Consumer) -> Any:
    """Card, tier and distance to the next, points and what expires soon, coupons, next booking."""
    return profiles.get_home(customer_id=caller.customer_id, now=clock.now())
