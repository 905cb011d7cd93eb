"""The membership card."""

from typing import Any

import marshmallow as ma
import segno

from app.gateways import miniprogram
from app.kernel import clock
from app.membership import members
from app.people import identity
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("card", prefix="/mp/v1/card", guard=consumer, about="会员卡")

JOINING_REFUSALS = (
    members.ConsentMissing,
    members.TooYoung,
    members.BirthdayUnlikely,
    members.PhoneNeeded,
    members.PhoneIsMember,
    members.PhoneTaken,
    identity.IdentifierInvalid,
)


class Tick(ma.fields.Boolean):
    """True or false, nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class TakeCardRequest(fields.Schema):
    phone_code = fields.Text(
        longest=200,
        load_default=None,
        metadata={
            "description": "what the phone button gave; once, five minutes",
            "example": "e31968a7f94cc5ee25fafc2a",
        },
    )
    notice_version = fields.Text(
        longest=40, required=True, metadata={"description": "the notice that was shown", "example": "2026-05"}
    )
    agreed = Tick(
        required=True,
        validate=ma.validate.Equal(True, error="请先阅读并同意会员须知"),
        metadata={"description": "ticked by the person, never beforehand", "example": True},
    )
    full_name = fields.Text(longest=40, load_default=None, metadata={"example": "林晓月"})
    birthday = fields.Day(load_default=None, metadata={"example": "1996-08-12"})


class ProfileRequest(fields.Schema):
    full_name = fields.Text(longest=40, load_default=None, metadata={"example": "林晓月"})
    birthday = fields.Day(load_default=None, metadata={"example": "1996-08-12"})


class BindOldRequest(fields.Schema):
    card_number = fields.Text(longest=40, required=True, metadata={"example": "VIP0001234"})
    full_name = fields.Text(longest=40, required=True, metadata={"example": "林晓月"})
    phone = fields.Text(
        longest=20, load_default=None, metadata={"description": "of the old card", "example": "13900000001"}
    )
    order_number = fields.Text(
        longest=64, load_default=None, metadata={"description": "of one purchase with the card", "example": "R20260501"}
    )

    @ma.validates_schema
    def _one_proof(self, data: dict[str, Any], **_: Any) -> None:
        if not (data["phone"] or data["order_number"]):
            raise ma.ValidationError("手机号和购买单号至少填一个", "phone")


class TierView(fields.Schema):
    level = fields.Whole(metadata={"example": 1})
    name = fields.Text(metadata={"example": "银卡"})
    threshold = fields.Whole(metadata={"description": "growth that reaches it", "example": 1000})
    keep = fields.Whole(metadata={"description": "growth in its validity that keeps it", "example": 800})
    rate_percent = fields.Whole(metadata={"description": "what points are multiplied with", "example": 110})
    benefits = ma.fields.List(fields.Text(), metadata={"example": ["生日券", "升级礼 ¥50"]})


class CodeView(fields.Schema):
    code = fields.Text(metadata={"description": "twenty digits for a QR code or barcode", "example": "0" * 20})
    expires_at = fields.Moment(metadata={"description": "ask for a new one then"})


class CodeImageView(CodeView):
    image = fields.Text(
        longest=10_000, metadata={"description": "the QR code as a data: address", "example": "data:image/png;base64,"}
    )


class CardView(fields.Schema):
    card_number = fields.Text(attribute="member.card_number", metadata={"example": "8123456789012345"})
    member_since = ma.fields.Date(attribute="member.member_since", metadata={"example": "2026-05-20"})
    full_name = fields.Text(attribute="member.full_name", allow_none=True)
    birthday = ma.fields.Date(attribute="member.birthday", allow_none=True)
    tier = ma.fields.Nested(TierView)
    tier_until = fields.Moment(attribute="member.level_until")
    growth = ma.fields.Function(lambda card: max(card.member.growth, 0), metadata={"type": "integer", "example": 320})
    next_tier = ma.fields.Nested(TierView, allow_none=True)
    missing = fields.Whole(allow_none=True, metadata={"description": "growth up to the next tier", "example": 680})
    keep = fields.Whole(allow_none=True, metadata={"description": "growth that keeps the tier, null at the bottom"})
    kept = fields.Whole(metadata={"description": "growth made for keeping it so far"})
    keep_missing = fields.Whole(
        allow_none=True, metadata={"description": "再消费 ¥X 可保级: yuan, only in the last 30 days"}
    )
    code = ma.fields.Nested(CodeView)


class TierListView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(TierView))


@door.runs(
    "",
    takes=TakeCardRequest,
    gives=CardView,
    refuses=[*JOINING_REFUSALS, *miniprogram.PHONE_CODE_REFUSALS],
)
def take_card(caller: Consumer, body: dict[str, Any]) -> members.Card:
    """Take the card: phone, consent and gift in one call. A second tap gives the same card."""
    now = clock.now()
    profile = members.Profile(body["notice_version"], body["full_name"], body["birthday"])
    return members.errands.take_card(
        customer_id=caller.customer_id,
        openid=caller.openid,
        phone_code=body["phone_code"],
        profile=profile,
        now=now,
    )


@door.reads("", gives=CardView, refuses=[members.NotMember])
def see_card(caller: Consumer) -> members.Card:
    """The card: tier, growth, the way to the next tier, and the code to show at the till."""
    return members.get_card(caller.customer_id, clock.now())


@door.reads("/code", gives=CodeImageView, refuses=[members.NotMember])
def see_code(caller: Consumer) -> dict[str, Any]:
    """The code to show at the till, as an image too; it lives a minute."""
    code = members.get_card(caller.customer_id, clock.now()).code
    image = segno.make_qr(code.code, error="m").png_data_uri(scale=8, border=2)
    return {"code": code.code, "expires_at": code.expires_at, "image": image}


@door.reads("/tiers", gives=TierListView)
def list_tiers(caller: Consumer) -> dict[str, Any]:
    """The brand's tiers and what they bring; guests see them too."""
    return {"items": members.list_tiers()}


@door.writes(
    "/profile",
    takes=ProfileRequest,
    gives=CardView,
    method="PUT",
    refuses=[members.NotMember, members.BirthdaySet, members.BirthdayUnlikely, members.TooYoung],
)
def change_profile(caller: Consumer, body: dict[str, Any]) -> members.Card:
    """Set name and birthday; the birthday only once."""
    return members.change_profile(customer_id=caller.customer_id, now=clock.now(), **body)


@door.runs(
    "/bind-old",
    takes=BindOldRequest,
    gives=CardView,
    refuses=[members.NotMember, members.OldCardUnproven, members.OldCardLocked],
)
def bind_old_card(caller: Consumer, body: dict[str, Any]) -> members.Card:
    """Bind an old card by its number, the name, and its phone or one purchase; five failures lock for the day."""
    claim = members.OldCardClaim(**body)
    return members.errands.bind_old_card(customer_id=caller.customer_id, claim=claim, now=clock.now())
