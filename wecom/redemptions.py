"""The clerk's redemption: codes of bookings and of coupons, walk-ins, undoing."""

from typing import Any

import marshmallow as ma

from app.kernel import clock
from app.kernel.errors import Forbidden, Unprocessable
from app.membership import bookings, coupons, members
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Staff, staff

COUNTER = ("guide", "clerk", "store_manager", "lead", "admin")
LEADS = ("store_manager", "lead", "admin")
# Whoever looks after several stores may stand at any counter; everybody else at their own.
EVERYWHERE = ("lead", "admin")

counter = Door("counter", prefix="/wecom/v1", guard=staff(*COUNTER), about="核销")
lead = Door("counter-lead", prefix="/wecom/v1", guard=staff(*LEADS), about="核销更正")


class NotYourStore(Forbidden):
    code = "staff.store_forbidden"
    title = "您不在这家门店"
    advice = "请选择您所在的门店"


class StoreMissing(Unprocessable):
    code = "staff.store_missing"
    title = "请选择门店"
    advice = "您在多家门店，带上 store_id"


def store_of(caller: Staff, store_id: int | None) -> int:
    """At which counter: the one named, or the only one. Raises NotYourStore, StoreMissing."""
    if store_id is None:
        if len(caller.store_ids) != 1:
            raise StoreMissing
        return caller.store_ids[0]
    if store_id not in caller.store_ids and caller.role not in EVERYWHERE:
        raise NotYourStore
    return store_id


def stores_of(caller: Staff) -> tuple[int, ...] | None:
    """Whose bookings a staff member may change: their stores' ones, all of them for None."""
    return None if caller.role in EVERYWHERE else caller.store_ids


class RedeemRequest(fields.Schema):
    code = fields.Text(longest=64, required=True, metadata={"example": "Y7KD3MPQ9A"})
    store_id = fields.Sealed("store", load_default=None, allow_none=True)


class RedemptionView(fields.Schema):
    kind = fields.Text(metadata={"description": "booking or coupon", "example": "booking"})
    redemption_id = ma.fields.Function(
        lambda row: fields.Sealed(row.kind)._serialize(row.id, "id", row),
        metadata={"type": "string", "description": "the booking or coupon"},
    )
    name = fields.Text(metadata={"example": "整妆"})
    person = fields.Text(metadata={"example": "林晓"})
    store = fields.Text(attribute="store_name", metadata={"example": "杭州湖滨店"})
    starts_at = fields.Moment(allow_none=True)
    redeemed_at = fields.Moment()
    health_note = fields.Text(allow_none=True, metadata={"description": "for this visit only"})


class WalkInRequest(fields.Schema):
    card_code = fields.Text(longest=200, required=True, metadata={"description": "the card's code of this minute"})
    service_id = fields.Sealed("booking_service", required=True)
    store_id = fields.Sealed("store", load_default=None, allow_none=True)


class WhyRequest(fields.Schema):
    why = fields.Text(longest=200, required=True, metadata={"example": "扫错了码"})


class CorrectRequest(WhyRequest):
    came = ma.fields.Boolean(required=True, metadata={"description": "the person was here after all"})


class StandView(fields.Schema):
    booking_id = fields.Sealed("booking", attribute="id")
    service = fields.Text(attribute="service_name", metadata={"example": "整妆"})
    starts_at = fields.Moment()
    state = fields.Text(metadata={"example": "confirmed"})


class TodayQuery(fields.Schema):
    store = fields.Sealed("store", load_default=None)


class VisitView(fields.Schema):
    booking_id = fields.Sealed("booking", attribute="id")
    service = fields.Text(attribute="service_name", metadata={"example": "整妆"})
    person = fields.Text(metadata={"example": "尾号 5678"})
    resource = fields.Text(attribute="resource_name", metadata={"example": "体验位 1"})
    starts_at = fields.Moment()
    ends_at = fields.Moment()
    state = fields.Text(metadata={"example": "confirmed"})
    health_note = fields.Text(allow_none=True)


class TodayView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(VisitView))


REFUSED_CODES = [
    bookings.CodeUnknown,
    bookings.AlreadyRedeemed,
    bookings.NotRedeemable,
    bookings.OtherDay,
    bookings.OtherStore,
    bookings.OwnCode,
    coupons.OwnCoupon,
    coupons.Ended,
    coupons.InUse,
    coupons.NotYet,
    coupons.NotHere,
    coupons.UseStopped,
    coupons.Withdrawn,
    NotYourStore,
    StoreMissing,
]


@counter.writes("/redeem", takes=RedeemRequest, gives=RedemptionView, refuses=REFUSED_CODES)
def redeem(caller: Staff, body: dict[str, Any]) -> bookings.counter.Redemption:
    """Redeem the code of a booking or a coupon, once; the second attempt learns when, where and by whom."""
    store_id = store_of(caller, body["store_id"])
    return bookings.counter.redeem_code(code=body["code"], staff_id=caller.staff_id, store_id=store_id, now=clock.now())


@counter.writes(
    "/walk-ins",
    takes=WalkInRequest,
    gives=RedemptionView,
    status=201,
    value=True,
    refuses=[
        members.CardCodeInvalid,
        bookings.ServiceUnknown,
        bookings.NotASlot,
        bookings.SlotTaken,
        bookings.OwnCode,
        NotYourStore,
        StoreMissing,
    ],
)
def walk_in(caller: Staff, body: dict[str, Any]) -> bookings.counter.Redemption:
    """Serve somebody who has not booked: create and redeem in one act."""
    return bookings.counter.walk_in_by_card(
        card_code=body["card_code"],
        service_id=body["service_id"],
        store_id=store_of(caller, body["store_id"]),
        staff_id=caller.staff_id,
        now=clock.now(),
    )


@counter.reads("/visits", query=TodayQuery, gives=TodayView, refuses=[NotYourStore, StoreMissing])
def list_visits(caller: Staff, query: dict[str, Any]) -> dict[str, Any]:
    """List who comes to the store today."""
    store_id = store_of(caller, query["store"])
    return {"items": bookings.counter.list_today(store_id=store_id, now=clock.now())}


@counter.writes(
    "/bookings/<sealed(booking):booking_id>/no-show",
    gives=StandView,
    refuses=[bookings.BookingUnknown, bookings.NotOpen, bookings.TooEarlyForNoShow],
)
def mark_no_show(caller: Staff, booking_id: int) -> bookings.BookingView:
    """Say that nobody came, once the place is no longer kept."""
    return bookings.counter.mark_no_show(
        booking_id=booking_id, staff_id=caller.staff_id, store_ids=stores_of(caller), now=clock.now()
    )


@lead.writes(
    "/bookings/<sealed(booking):booking_id>/undo",
    takes=WhyRequest,
    gives=StandView,
    refuses=[
        bookings.BookingUnknown,
        bookings.NotOpen,
        bookings.UndoTooLate,
        bookings.AlreadyBooked,
        bookings.SlotTaken,
    ],
)
def undo_redemption(caller: Staff, body: dict[str, Any], booking_id: int) -> bookings.BookingView:
    """Take a redemption back the same day, with a reason."""
    return bookings.counter.undo_redemption(
        booking_id=booking_id,
        staff_id=caller.staff_id,
        store_ids=stores_of(caller),
        why=body["why"],
        now=clock.now(),
    )


@lead.writes(
    "/bookings/<sealed(booking):booking_id>/correct",
    takes=CorrectRequest,
    gives=StandView,
    refuses=[bookings.BookingUnknown, bookings.NotOpen, bookings.UndoTooLate],
)
def correct_no_show(caller: Staff, body: dict[str, Any], booking_id: int) -> bookings.BookingView:
    """Correct a no-show on the day of the booking."""
    return bookings.counter.correct_no_show(
        booking_id=booking_id, staff_id=caller.staff_id, store_ids=stores_of(caller), now=clock.now(), **body
    )
