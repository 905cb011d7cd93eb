"""The points mall: what there is, exchanging, one's own exchanges."""

from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.membership import coupons, points, rewards
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("mall", prefix="/mp/v1/mall", guard=consumer, about="积分商城")


class RewardView(fields.Schema):
    reward_id = fields.Sealed("reward", attribute="id")
    name = fields.Text(metadata={"example": "中样"})
    kind = fields.Text(metadata={"description": "coupon, gift or donation", "example": "gift"})
    points = fields.Whole(metadata={"example": 500})
    left = fields.Whole(allow_none=True, metadata={"description": "null: no limit", "example": 20})
    per_customer = fields.Whole(allow_none=True, metadata={"example": None})
    mine = fields.Whole(metadata={"description": "how many I exchanged", "example": 0})
    words = fields.Text(blank=True, metadata={"example": ""})
    why_not = fields.Text(allow_none=True, metadata={"description": "null, limit_reached or sold_out", "example": None})


class RewardList(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(RewardView))


class ExchangeRequest(fields.Schema):
    reward_id = fields.Sealed("reward", required=True)


class ExchangeView(fields.Schema):
    exchange_id = fields.Sealed("reward_exchange", attribute="id")
    reward_id = fields.Sealed("reward")
    name = fields.Text(metadata={"example": "中样"})
    kind = fields.Text(metadata={"example": "gift"})
    points = fields.Whole(metadata={"example": 500})
    state = fields.Text(
        metadata={"description": "done, waiting (待领取), collected or cancelled", "example": "waiting"}
    )
    pickup_code = fields.Text(
        allow_none=True, metadata={"description": "of a gift: shown as a QR code of this very text"}
    )
    coupon_id = fields.Sealed("coupon", allow_none=True)
    exchanged_at = fields.Moment()
    collected_at = fields.Moment(allow_none=True)
    cancelled_at = fields.Moment(allow_none=True)


class ExchangePage(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(ExchangeView))
    next_cursor = fields.Text(allow_none=True)


@door.reads("", gives=RewardList)
def list_rewards(caller: Consumer) -> dict[str, Any]:
    """What the mall has, cheapest first, and why not. Guests see it too."""
    return {"items": rewards.list_rewards(customer_id=caller.customer_id)}


@door.writes(
    "/exchange",
    takes=ExchangeRequest,
    gives=ExchangeView,
    status=201,
    value=True,
    refuses=[
        rewards.MembersOnly,
        rewards.RewardUnknown,
        rewards.NotOpen,
        rewards.LimitReached,
        rewards.SoldOut,
        rewards.CauseReused,
        points.NotEnoughPoints,
        points.InDebt,
        coupons.NotOpen,
        coupons.SoldOut,
    ],
)
def exchange_points(caller: Consumer, body: dict[str, Any]) -> rewards.Exchange:
    """Give points for a reward. The Idempotency-Key is its cause: the same key never costs twice."""
    cause = f"mall:{flask.request.headers['Idempotency-Key']}"
    return rewards.exchange(customer_id=caller.customer_id, reward_id=body["reward_id"], cause=cause, now=clock.now())


@door.reads("/exchanges", query=fields.PageQuery, gives=ExchangePage, refuses=[CursorInvalid])
def list_my_exchanges(caller: Consumer, query: dict[str, Any]) -> Page[rewards.Exchange]:
    """My exchanges, newest first, with the pick-up codes of gifts."""
    return rewards.list_exchanges(customer_id=caller.customer_id, **query)


@door.writes(
    "/exchanges/<sealed(reward_exchange):exchange_id>/cancel",
    gives=ExchangeView,
    refuses=[rewards.ExchangeUnknown, rewards.NotCancellable],
)
def cancel_my_exchange(caller: Consumer, exchange_id: int) -> rewards.Exchange:
    """Give up a gift that was not fetched: the points go back where they came from."""
    return rewards.cancel(customer_id=caller.customer_id, exchange_id=exchange_id, now=clock.now())
