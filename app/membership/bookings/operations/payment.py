"""Points paid for a booking: taken when it is confirmed, given back to the lots they came from when the visit falls through."""

import datetime as dt

from app.membership import points
from app.membership.bookings.models import Booking, BookingService


def pay(booking: Booking, *, service: BookingService, now: dt.datetime) -> None:
    """Take the service's price. Raises NotEnoughPoints and InDebt of points."""
    if service.points_price:
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
        points.give_back(
            customer_id=booking.customer_id,
            cause_of_spend=_cause(booking),
            cause=f"booking_return:{booking.id}",
            why="预约未成行，退回积分",
            now=now,
        )
        booking.points_paid = 0


def _cause(booking: Booking) -> str:
    return f"booking:{booking.id}"
