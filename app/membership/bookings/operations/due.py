"""What becomes due by itself: holds that ran out, visits that are over, people nobody saw."""

import datetime as dt

from sqlalchemy import and_, or_, select

from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.policy import current
from app.membership.bookings import rules
from app.membership.bookings.facts import BookingMissed
from app.membership.bookings.models import Booking, BookingService
from app.membership.bookings.operations import payment, seats


def release_holds_due(*, now: dt.datetime, limit: int = 500) -> int:
    """End holds whose ⟨5 minutes⟩ are over; how many. Their places were anybody's already before this ran."""
    over = (
        select(Booking.id)
        .where(Booking.state == "held", Booking.hold_until <= now)
        .order_by(Booking.hold_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return seats.release_holds(Booking.id.in_(list(db.session.execute(over).scalars())), now=now)


def no_show_due(*, now: dt.datetime, limit: int = 500) -> int:
    """Close what is over: redeemed visits are done, confirmed ones missed, ⟨30 min⟩ after the slot's end (K09); how many."""
    missed_by = now - rules.minutes(current(rules.BookingPolicy).no_show_after_minutes)
    over = (
        select(Booking)
        .where(
            or_(
                and_(Booking.state == "confirmed", Booking.ends_at <= missed_by),
                and_(Booking.state == "redeemed", Booking.ends_at <= now),
            )
        )
        .order_by(Booking.ends_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    bookings = list(db.session.execute(over).scalars())
    missed = [booking for booking in bookings if booking.state == "confirmed"]
    for booking in bookings:
        if booking.state == "redeemed":
            seats.end(booking, state="done", now=now)
    # Accounts of points are locked by customer, always in the same order.
    for booking in sorted(missed, key=lambda each: each.customer_id):
        miss(booking, now=now)
    announce([fact_of_miss(booking, now=now) for booking in missed])
    return len(bookings)


def miss(booking: Booking, *, now: dt.datetime, staff_id: int | None = None) -> None:
    """Write down that nobody came. Points that were paid are lost only where the page said so (K09)."""
    if not db.session.get_one(BookingService, booking.service_id).keeps_points_of_no_show:
        payment.give_back(booking, now=now)
    seats.end(booking, state="no_show", now=now)
    seats.note(booking, what="no_show", now=now, staff_id=staff_id)


def fact_of_miss(booking: Booking, *, now: dt.datetime, corrected: bool = False) -> BookingMissed:
    """The fact that nobody came, or that this was wrong."""
    return BookingMissed(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        born_customer_id=booking.born_customer_id,
        service_id=booking.service_id,
        store_id=booking.store_id,
        corrected=corrected,
        at=now,
    )
