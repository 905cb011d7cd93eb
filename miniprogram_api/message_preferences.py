"""What a person wants to be told and by which channel; for which messages to ask in a tap (R01, R02)."""

from collections.abc import Sequence
from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.settings import settings
from app.outreach import messaging
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("message_preferences", prefix="/mp/v1/message-preferences", guard=consumer, about="消息设置")

ALL = "all"
TITLES = {
    ALL: "活动和优惠",
    "oa_subscription": "公众号订阅通知",
    "mp_subscription": "小程序订阅消息",
    "oa_service": "公众号消息",
    "sms": "短信",
    "voice": "电话",
}


class PreferencesRequest(fields.Schema):
    answers = ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.OneOf(list(TITLES))),
        values=ma.fields.Boolean(truthy={True}, falsy={False}, required=True),
        required=True,
        validate=ma.validate.Length(min=1, max=len(TITLES)),
        metadata={"description": "channel (or all) → whether marketing may come by it", "example": {"sms": False}},
    )


class PreferenceView(fields.Schema):
    channel = fields.Text(metadata={"example": "sms", "description": "all, or a channel"})
    title = fields.Text(metadata={"example": "短信"})
    allowed = ma.fields.Boolean(metadata={"description": "consent to marketing is asked for besides"})


class PreferencesView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(PreferenceView))


class TapQuery(fields.Schema):
    tap = ma.fields.String(
        required=True,
        validate=ma.validate.OneOf(list(messaging.asking.TAPS)),
        metadata={"description": "what the person is about to tap", "example": "booking"},
    )


class TemplatesView(fields.Schema):
    template_ids = ma.fields.List(
        fields.Text(), metadata={"description": "for wx.requestSubscribeMessage, three at most; none: do not ask"}
    )


@door.reads("", gives=PreferencesView)
def list_preferences(caller: Consumer) -> dict[str, Any]:
    """By which channels marketing may come, as the person has set it. What they must know of their own comes anyway."""
    return _view(messaging.refusing.list_preferences(caller.customer_id))


@door.writes("", takes=PreferencesRequest, gives=PreferencesView)
def set_preferences(caller: Consumer, body: dict[str, Any]) -> dict[str, Any]:
    """Switch marketing off or on, by channel or altogether; holds from the next message on."""
    answers = {"" if channel == ALL else channel: allowed for channel, allowed in body["answers"].items()}
    return _view(
        messaging.refusing.set_preferences(caller.customer_id, answers=answers, source="miniprogram", now=clock.now())
    )


@door.reads("/templates", gives=TemplatesView, query=TapQuery)
def list_templates(caller: Consumer, query: dict[str, Any]) -> dict[str, Any]:
    """For which messages to ask in the tap that profits from them."""
    found = messaging.asking.list_templates(caller.customer_id, tap=query["tap"], account=settings().miniprogram_appid)
    return {"template_ids": found}


def _view(preferences: Sequence[messaging.refusing.Preference]) -> dict[str, Any]:
    items = [(one.channel or ALL, one.allowed) for one in preferences]
    return {"items": [{"channel": name, "title": TITLES[name], "allowed": allowed} for name, allowed in items]}
