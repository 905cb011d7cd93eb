"""Booking services in stores."""

import io
from typing import Any

import marshmallow as ma
import segno

from app.kernel import clock
from app.kernel.paging import CursorInvalid, Page
from app.membership import bookings
from app.people.stores import StoreUnknown
from app.web import fields
from app.web.endpoint import Door
from app.web.guards import Consumer, consumer

door = Door("bookings", prefix="/mp/v1", guard=consumer, about="预约")

NOTE = {
    "description": "only where the service takes one; seen by that day's staff of the store",
    "example": "对酒精过敏",
}


class ServicesQuery(fields.Schema):
    store = fields.Sealed("store", load_default=None, metadata={"description": "only what this store offers"})


class ServiceView(fields.Schema):
    service_id = fields.Sealed("booking_service", attribute="id")
    name = fields.Text(metadata={"example": "整妆"})
    kind = fields.Text(metadata={"example": "makeup"})
    minutes = fields.Whole(metadata={"example": 45})
    universal = ma.fields.Boolean(metadata={"description": "redeemable in every store (通用)"})
    takes_health_note = ma.fields.Boolean()
    points_price = fields.Whole(metadata={"example": 0})
    keeps_points_of_no_show = ma.fields.Boolean(metadata={"description": "say so before the person confirms (K09)"})


class ServicesView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(ServiceView))


class SlotsQuery(fields.Schema):
    service = fields.Sealed("booking_service", required=True)
    store = fields.Sealed("store", required=True)
    day = fields.Day(required=True, metadata={"description": "a day of the store's calendar", "example": "2026-05-21"})


class SlotView(fields.Schema):
    starts_at = fields.Moment()
    ends_at = fields.Moment()
    left = fields.Whole(metadata={"description": "0: full, one may join the waiting list", "example": 2})


class SlotsView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(SlotView))


class HoldRequest(fields.Schema):
    service_id = fields.Sealed("booking_service", required=True)
    store_id = fields.Sealed("store", required=True)
    starts_at = fields.Moment(required=True, metadata={"example": "2026-05-21T02:00:00Z"})


class ConfirmRequest(fields.Schema):
    health_note = fields.Text(longest=200, load_default=None, allow_none=True, metadata=NOTE)


class MoveRequest(fields.Schema):
    starts_at = fields.Moment(required=True, metadata={"example": "2026-05-21T06:00:00Z"})


class BookingView(fields.Schema):
    booking_id = fields.Sealed("booking", attribute="id")
    service_id = fields.Sealed("booking_service")
    service = fields.Text(attribute="service_name", metadata={"example": "整妆"})
    store_id = fields.Sealed("store")
    store = fields.Text(attribute="store_name", metadata={"example": "杭州湖滨店"})
    starts_at = fields.Moment()
    ends_at = fields.Moment()
    state = fields.Text(metadata={"example": "confirmed"})
    hold_until = fields.Moment(allow_none=True)
    changes_until = fields.Moment(metadata={"description": "cancelling and moving are free until then"})
    moves_left = fields.Whole(metadata={"example": 1})
    points_paid = fields.Whole(metadata={"example": 0})
    redeemed_at = fields.Moment(allow_none=True)


class OneBookingView(BookingView):
    code = fields.Text(allow_none=True, metadata={"description": "once confirmed", "example": "Y7KD3MPQ9A"})
    qr_svg = ma.fields.Method("_qr", metadata={"description": "the code as an SVG image, once confirmed"})

    def _qr(self, booking: bookings.BookingView) -> str | None:
        if booking.code is None:
            return None
        image = io.BytesIO()
        segno.make(booking.code, error="m", micro=False).save(image, kind="svg", scale=4, border=4, xmldecl=False)
        return image.getvalue().decode()


class BookingsView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(BookingView))
    next_cursor = fields.Text(allow_none=True)


class WaitingRequest(fields.Schema):
    service_id = fields.Sealed("booking_service", required=True)
    store_id = fields.Sealed("store", required=True)
    day = fields.Day(required=True, metadata={"example": "2026-05-21"})


class WaitingView(fields.Schema):
    waiting_id = fields.Sealed("booking_waiting", attribute="id")
    service_id = fields.Sealed("booking_service")
    store_id = fields.Sealed("store")
    day = ma.fields.Date()
    state = fields.Text(metadata={"example": "waiting"})
    booking_id = fields.Sealed("booking", allow_none=True)


class WaitingsView(fields.Schema):
    items = ma.fields.List(ma.fields.Nested(WaitingView))


@door.reads("/booking-services", query=ServicesQuery, gives=ServicesView)
def list_services(caller: Consumer, query: dict[str, Any]) -> dict[str, Any]:
    """List what can be booked, everywhere or in one store."""
    return {"items": bookings.list_services(query["store"])}


@door.reads("/bookings/slots", query=SlotsQuery, gives=SlotsView, refuses=[bookings.ServiceUnknown, StoreUnknown])
def list_slots(caller: Consumer, query: dict[str, Any]) -> dict[str, Any]:
    """List the bookable times of a day; full ones have nothing left."""
    found = bookings.list_slots(service_id=query["service"], store_id=query["store"], day=query["day"], now=clock.now())
    return {"items": found}


@door.writes(
    "/bookings/hold",
    takes=HoldRequest,
    gives=OneBookingView,
    status=201,
    value=True,
    refuses=[
        bookings.ServiceUnknown,
        StoreUnknown,
        bookings.NotASlot,
        bookings.SlotTaken,
        bookings.AlreadyBooked,
        bookings.TooManyOpen,
        bookings.BlockedOnline,
    ],
)
def hold_slot(caller: Consumer, body: dict[str, Any]) -> bookings.BookingView:
    """Keep a time for five minutes, to be confirmed within them."""
    return bookings.hold(customer_id=caller.customer_id, now=clock.now(), **body)


@door.writes(
    "/bookings/<sealed(booking):booking_id>/confirm",
    takes=ConfirmRequest,
    gives=OneBookingView,
    refuses=[bookings.BookingUnknown, bookings.HoldExpired, bookings.NotOpen, bookings.NoHealthNote],
)
def confirm_booking(caller: Consumer, body: dict[str, Any], booking_id: int) -> bookings.BookingView:
    """Make a hold stand; the answer carries the code to show in the store."""
    return bookings.confirm(booking_id=booking_id, customer_id=caller.customer_id, now=clock.now(), **body)


@door.writes(
    "/bookings/<sealed(booking):booking_id>/cancel",
    gives=OneBookingView,
    refuses=[bookings.BookingUnknown, bookings.NotOpen, bookings.TooLateToChange],
)
def cancel_booking(caller: Consumer, booking_id: int) -> bookings.BookingView:
    """Cancel in time, or give up a hold."""
    return bookings.cancel(booking_id=booking_id, customer_id=caller.customer_id, now=clock.now())


@door.writes(
    "/bookings/<sealed(booking):booking_id>/move",
    takes=MoveRequest,
    gives=OneBookingView,
    refuses=[
        bookings.BookingUnknown,
        bookings.NotOpen,
        bookings.AlreadyMoved,
        bookings.TooLateToChange,
        bookings.NotASlot,
        bookings.SlotTaken,
    ],
)
def move_booking(caller: Consumer, body: dict[str, Any], booking_id: int) -> bookings.BookingView:
    """Move a booking to another time in the same store, once."""
    return bookings.move(
        booking_id=booking_id, customer_id=caller.customer_id, starts_at=body["starts_at"], now=clock.now()
    )


@door.reads("/bookings", query=fields.PageQuery, gives=BookingsView, refuses=[CursorInvalid])
def list_bookings(caller: Consumer, query: dict[str, Any]) -> Page[bookings.BookingView]:
    """List the caller's bookings, the latest time first."""
    return bookings.list_bookings(customer_id=caller.customer_id, now=clock.now(), **query)


@door.reads("/bookings/<sealed(booking):booking_id>", gives=OneBookingView, refuses=[bookings.BookingUnknown])
def get_booking(caller: Consumer, booking_id: int) -> bookings.BookingView:
    """See one booking with its code."""
    return bookings.get_booking(booking_id, customer_id=caller.customer_id, now=clock.now())


@door.reads("/bookings/waiting", gives=WaitingsView)
def list_waiting(caller: Consumer) -> dict[str, Any]:
    """List what the caller waits for, offers first."""
    return {"items": bookings.waiting.list_waiting(customer_id=caller.customer_id)}


@door.writes(
    "/bookings/waiting",
    takes=WaitingRequest,
    gives=WaitingView,
    status=201,
    refuses=[bookings.ServiceUnknown, StoreUnknown, bookings.NotASlot, bookings.AlreadyWaiting],
)
def join_waiting(caller: Consumer, body: dict[str, Any]) -> bookings.BookingWaiting:
    """Wait for a place on a day that is full."""
    return bookings.waiting.join(customer_id=caller.customer_id, now=clock.now(), **body)


@door.writes(
    "/bookings/waiting/<sealed(booking_waiting):waiting_id>/accept",
    takes=ConfirmRequest,
    gives=OneBookingView,
    refuses=[bookings.BookingUnknown, bookings.OfferOver, bookings.NoHealthNote],
)
def accept_offer(caller: Consumer, body: dict[str, Any], waiting_id: int) -> bookings.BookingView:
    """Take the place that was offered, within fifteen minutes."""
    return bookings.waiting.accept(waiting_id=waiting_id, customer_id=caller.customer_id, now=clock.now(), **body)


@door.writes(
    "/bookings/waiting/<sealed(booking_waiting):waiting_id>/leave",
    gives=WaitingView,
    refuses=[bookings.BookingUnknown, bookings.OfferOver],
)
def leave_waiting(caller: Consumer, waiting_id: int) -> bookings.BookingWaiting:
    """Wait no longer; a place that was offered goes to the next."""
    return bookings.waiting.leave(waiting_id=waiting_id, customer_id=caller.customer_id, now=clock.now())
