"""Whom a till has before it."""

from typing import Any

from app.kernel import clock
from app.membership import members
from app.web import fields
from app.web.endpoint import Door
from app.web.signatures import Machine, SignatureReplayed, machine

door = Door("members-ask", prefix="/open/v1/members", guard=machine, about="会员")


class CodeRequest(fields.Schema):
    code = fields.Text(
        longest=20, required=True, metadata={"description": "the twenty digits the member shows", "example": "0" * 20}
    )


class MemberView(fields.Schema):
    member_id = fields.Sealed("customer", attribute="customer_id")
    card_number = fields.Text(metadata={"description": "name it as the buyer of the order: kind card"})
    masked_name = fields.Text(allow_none=True, metadata={"example": "林*"})
    tier_name = fields.Text(attribute="tier.name", metadata={"example": "银卡"})
    rate_percent = fields.Whole(
        attribute="tier.rate_percent", metadata={"description": "what points are multiplied with", "example": 110}
    )


@door.writes(
    "/by-code",
    takes=CodeRequest,
    gives=MemberView,
    refuses=[members.CardCodeInvalid, SignatureReplayed],
)
def find_by_code(caller: Machine, body: dict[str, Any]) -> members.MemberView:
    """Whose code was scanned: it lives a minute, and a phone number alone finds nobody."""
    return members.find_member_by_card_code(body["code"], clock.now())
