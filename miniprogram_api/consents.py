"""What the person agrees to: asked before the first personal datum, each purpose by itself (L01)."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.people import privacy
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("consents", prefix="/mp/v1/consents", guard=consumer, about="授权与同意")


class ConsentsRequest(fields.Schema):
    notice_version = fields.Text(
        longest=40, required=True, metadata={"description": "the version that was shown", "example": "2026-05"}
    )
    answers = ma.fields.Dict(
        keys=fields.Text(longest=40),
        values=ma.fields.Boolean(truthy={True}, falsy={False}, required=True),
        required=True,
        validate=ma.validate.Length(min=1, max=20),
        metadata={"description": "purpose → yes or no", "example": {"notice": True, "marketing": False}},
    )


class ConsentView(fields.Schema):
    purpose = fields.Text(metadata={"example": "marketing"})
    title = fields.Text(metadata={"example": "接收优惠和活动消息"})
    granted = ma.fields.Boolean(allow_none=True, metadata={"description": "null: never asked, which means no"})
    version = fields.Text(allow_none=True)
    given_at = fields.Moment(allow_none=True)


class ConsentsView(fields.Schema):
    notice_version = fields.Text(metadata={"description": "the version to show now", "example": "2026-05"})
    items = ma.fields.List(ma.fields.Nested(ConsentView))


@door.reads("", gives=ConsentsView)
def list_consents(caller: Consumer) -> dict[str, Any]:
    """How things stand for every purpose; nothing is ticked beforehand."""
    return {"notice_version": privacy.notice_version(), "items": privacy.list_consents(caller.customer_id)}


@door.writes(
    "",
    takes=ConsentsRequest,
    gives=ConsentsView,
    refuses=[privacy.PurposeUnknown, privacy.NoticeOutdated, privacy.NoticeStands],
)
def record_consents(caller: Consumer, body: dict[str, Any]) -> dict[str, Any]:
    """Say yes or no to purposes; refusing one blocks nothing else."""
    items = privacy.record_consents(
        customer_id=caller.customer_id,
        answers=body["answers"],
        version=body["notice_version"],
        place="miniprogram",
        now=clock.now(),
    )
    return {"notice_version": body["notice_version"], "items": items}
