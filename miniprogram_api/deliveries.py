"""Messages as the mini-program sees them: a page that was opened from one says so."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.errors import NotFound
from app.outreach import messaging
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("deliveries", prefix="/mp/v1/deliveries", guard=consumer, about="消息")


class OpenedView(fields.Schema):
    first = ma.fields.Boolean(metadata={"description": "whether this was the first tap", "example": True})


@door.writes("/<sealed(delivery):delivery_id>/opened", gives=OpenedView)
def tell_opened(caller: Consumer, delivery_id: int) -> dict[str, Any]:
    """Tell that a page was opened from a message: `d` of the page's query. Only one's own messages count."""
    if not messaging.opening.is_of(delivery_id, customer_id=caller.customer_id):
        raise NotFound(kind="delivery")
    return {"first": messaging.opening.open(delivery_id, now=clock.now(), customer_id=caller.customer_id)}
