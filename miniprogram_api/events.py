"""What the mini-program tells of a visit: pages, views, searches, favourites, shares; a hundred at most in one call."""

import uuid
from typing import Any

import marshmallow as ma

from app.kernel import clock, policy
from app.kernel.errors import TooOften, Unauthenticated
from app.knowledge import tracking
from app.web import fields, windows
from app.web.endpoint import Door
from app.web.guards import Consumer, Visitor, visitor

door = Door("events", prefix="/mp/v1", guard=visitor, about="事件")
MOST = 100
EXAMPLE = {
    "client_id": "0197a3c2-6f1e-7c3b",
    "kind": "view",
    "at": "2026-05-20T12:00:00+08:00",
    "data": {"product_code": "P00001"},
}
ITEM = {
    "type": "object",
    "required": ["client_id", "kind", "at", "data"],
    "additionalProperties": False,
    "properties": {
        "client_id": {
            "type": "string", "minLength": 8, "maxLength": 64,
            "description": "the phone's own id of the event, the same at every resend",
        },
        "kind": {"type": "string", "enum": list(tracking.BEHAVIOUR)},
        "at": {"type": "string", "format": "date-time", "description": "when it was, by the phone's clock"},
        "data": {"type": "object", "description": "what belongs to the kind: docs/events.md"},
    },
}  # fmt: skip


class Items(ma.fields.List):
    """Items as they came: the room judges each by itself, so that a bad one spoils no other."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(ma.fields.Raw(metadata=ITEM), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list):
            raise self.make_error("invalid")
        return value


class EventsRequest(fields.Schema):
    visitor = ma.fields.UUID(
        required=True,
        metadata={
            "description": "a random id that the phone made for itself, kept until the mini-program is removed",
            "example": "8f14e45f-ceea-467f-a9d2-1f0c2b6a7c11",
        },
    )
    sent_at = fields.Moment(
        load_default=None,
        metadata={
            "description": "the phone's clock as it sends this call: a wrong clock is corrected by it",
            "example": "2026-05-20T12:00:05+08:00",
        },
    )
    events = Items(required=True, validate=ma.validate.Length(min=1, max=MOST), metadata={"example": [EXAMPLE]})


class RefusedItemView(fields.Schema):
    position = fields.Whole(metadata={"description": "place in the call, from 0", "example": 3})
    code = fields.Text(metadata={"example": "tracking.too_late"})
    field = fields.Text(metadata={"example": "at"})
    title = fields.Text(metadata={"example": "事件太早，已过接收期限"})


class IntakeView(fields.Schema):
    outcomes = ma.fields.List(
        fields.Text(),
        metadata={
            "description": "accepted, double or refused, for each event in its order",
            "example": ["accepted", "double"],
        },
    )
    refused = ma.fields.List(ma.fields.Nested(RefusedItemView), metadata={"description": "why, for refused ones"})


@door.writes("/events", takes=EventsRequest, gives=IntakeView, refuses=[Unauthenticated, TooOften])
def take_in_events(caller: Consumer | Visitor, body: dict[str, Any]) -> tracking.Intake:
    """Tell what happened on the phone; with or without signing in. Doubles are dropped, each event is answered."""
    phone: uuid.UUID = body["visitor"]
    if isinstance(caller, Visitor):
        often = policy.current(tracking.TrackingPolicy).guest_calls_a_minute
        windows.count("events", phone.hex, a_minute=often)
    known = caller.customer_id if isinstance(caller, Consumer) else None
    return tracking.take_in(
        body["events"], call=tracking.Call(phone, known, body["sent_at"], "miniprogram"), now=clock.now()
    )
