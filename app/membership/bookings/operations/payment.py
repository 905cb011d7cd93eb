"""Points paid for a booking: taken when it is confirmed, given back to the lots they came from when the visit falls through."""

import datetime as dt
from contextlib import AbstractContextManager

from app.kernel import carrier
from app.membership import points
from app.membership.bookings.models import Booking, BookingService, BookingWaiting


def pay(booking: Booking, *, service: BookingService, now: dt.datetime) -> None:
    """Take the service's price. Raises NotEnoughPoints and InDebt of points."""
    if service.points_price:
        with born_alike(booking):
            points.spend(
                customer_id=booking.customer_id,
                amount=service.points_price,
                cause=_cause(booking),
                why=f"预约{service.name}",
                now=now,
            )
        booking.points_paid = service.points_price


def give_back(booking: Booking, *, now: dt.datetime) -> None:
    """Return what was paid, all of it, once."""
    if booking.points_paid:
        with born_alike(booking):
            points.give_back(
                customer_id=booking.customer_id,
                cause_of_spend=_cause(booking),
                cause=f"booking_return:{booking.id}",
                why="预约未成行，退回积分",
                now=now,
            )
        booking.points_paid = 0


def born_alike(row: Booking | BookingWaiting) -> AbstractContextManager[None]:
    """What follows from a booking, or from waiting for one, is born to whom that was born, whoever acts."""
    return carrier.carried_by({row.customer_id: row.born_customer_id})


def _cause(booking: Booking) -> str:
    return f"booking:{booking.id}"
