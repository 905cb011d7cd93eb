"""The customer's own calendar: hold, confirm, cancel, move."""

import datetime as dt

from sqlalchemy import select, update

from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.policy import current
from app.membership.bookings import queries, rules
from app.membership.bookings.facts import BookingCancelled, BookingConfirmed
from app.membership.bookings.models import Booking, BookingService
from app.membership.bookings.operations import payment, seats
from app.membership.bookings.queries import BookingView
from app.membership.bookings.refusals import (
    AlreadyBooked,
    AlreadyMoved,
    BlockedOnline,
    HoldExpired,
    NoHealthNote,
    NotASlot,
    NotOpen,
    TooLateToChange,
)


def hold(
    *,
    customer_id: int,
    service_id: int,
    store_id: int,
    starts_at: dt.datetime,
    now: dt.datetime,
    resource_id: int | None = None,
) -> BookingView:
    """Keep a place for ⟨5 minutes⟩, in which it is to be confirmed. An earlier hold of the same service is given up for it.

    Raises ServiceUnknown, NotASlot, SlotTaken, AlreadyBooked and TooManyOpen (K08), BlockedOnline (K09).
    """
    policy = current(rules.BookingPolicy)
    service = queries.get_service(service_id)
    seats.lock_customer(customer_id)
    judge_customer(customer_id=customer_id, service_id=service_id, now=now)
    if not rules.may_be_booked(starts_at, now=now, zone=queries.zone_of(store_id), policy=policy):
        raise NotASlot
    wish = seats.Wish(service, store_id, starts_at, resource_id)
    resource_ids = seats.lock_seats(wish, now=now)
    _give_up_holds(customer_id=customer_id, service_id=service_id, now=now)
    found = seats.pick_seat(wish, resource_ids=resource_ids, now=now)
    until = now + rules.minutes(policy.hold_minutes)
    held = seats.write_hold(wish, customer_id=customer_id, resource_id=found, until=until, now=now)
    return queries.view_of(held, now=now)


def judge_customer(*, customer_id: int, service_id: int, now: dt.datetime) -> None:
    """May this customer book this service online? Raises BlockedOnline (K09) or AlreadyBooked (K08)."""
    policy = current(rules.BookingPolicy)
    missed = select(Booking.starts_at).where(Booking.customer_id == customer_id, Booking.state == "no_show")
    until = rules.blocked_until(list(db.session.execute(missed).scalars()), policy=policy)
    if until is not None and now < until:
        raise BlockedOnline(until=until.isoformat())
    standing = select(Booking.id).where(
        Booking.customer_id == customer_id, Booking.service_id == service_id, Booking.state == "confirmed"
    )
    if db.session.execute(standing).first():
        raise AlreadyBooked


def _give_up_holds(*, customer_id: int, service_id: int, now: dt.datetime) -> None:
    """A person who picks another time does not want the former one; and holds that ran out use up no place."""
    seats.release_holds(Booking.customer_id == customer_id, now=now)
    db.session.execute(
        update(Booking)
        .where(Booking.customer_id == customer_id, Booking.service_id == service_id, Booking.state == "held")
        .values(state="expired", place=None, hold_until=None, ended_at=now)
    )


def confirm(*, booking_id: int, customer_id: int, now: dt.datetime, health_note: str | None = None) -> BookingView:
    """Make a hold stand. Confirming again is answered with the booking as it is.

    Takes the service's price in points. Raises BookingUnknown, HoldExpired, NotOpen, NoHealthNote where the service does not
    ask for one (K11), and what points refuse.
    """
    seats.lock_customer(customer_id)
    booking = seats.lock_booking(booking_id, customer_id=customer_id)
    if booking.state == "confirmed":
        return queries.view_of(booking, now=now)
    if booking.state == "expired" or (booking.hold_until is not None and booking.hold_until <= now):
        raise HoldExpired
    if booking.state != "held":
        raise NotOpen(state=booking.state)
    service = db.session.get_one(BookingService, booking.service_id)
    if health_note and not service.takes_health_note:
        raise NoHealthNote
    payment.pay(booking, service=service, now=now)
    booking.state, booking.hold_until, booking.health_note = "confirmed", None, health_note
    db.session.flush()
    seats.note(booking, what="confirmed", now=now)
    announce([_confirmed(booking, now=now, moved=False)])
    return queries.view_of(booking, now=now)


def cancel(*, booking_id: int, customer_id: int, now: dt.datetime) -> BookingView:
    """Cancel in time. A hold is given up at any moment; cancelling again, or a hold that ran out, changes nothing.

    Raises BookingUnknown, NotOpen, TooLateToChange (K08: until ⟨2 h⟩ before, ⟨24 h⟩ where points were paid).
    """
    seats.lock_customer(customer_id)
    booking = seats.lock_booking(booking_id, customer_id=customer_id)
    view = queries.view_of(booking, now=now)
    if view.state in {"cancelled", "expired"}:
        return view
    if booking.state not in rules.OPEN:
        raise NotOpen(state=booking.state)
    stood = booking.state == "confirmed"
    if stood:
        _judge_time(booking, now=now)
    payment.give_back(booking, now=now)
    seats.end(booking, state="cancelled", now=now)
    if stood:
        seats.note(booking, what="cancelled", now=now)
        announce([cancelled(booking, by="customer", why="", now=now)])
    return queries.view_of(booking, now=now)


def move(*, booking_id: int, customer_id: int, starts_at: dt.datetime, now: dt.datetime) -> BookingView:
    """Move a confirmed booking once, to another time in the same store; the old time is free at once.

    Raises BookingUnknown, NotOpen, AlreadyMoved, TooLateToChange, NotASlot, SlotTaken (K08). When it refuses, the old time
    stands.
    """
    policy = current(rules.BookingPolicy)
    seats.lock_customer(customer_id)
    booking = queries.find_own(booking_id, customer_id=customer_id)
    if not rules.may_be_booked(starts_at, now=now, zone=queries.zone_of(booking.store_id), policy=policy):
        raise NotASlot
    wish = seats.Wish(queries.get_service(booking.service_id), booking.store_id, starts_at)
    found = seats.pick_seat(wish, resource_ids=seats.lock_seats(wish, now=now), now=now, but=booking_id)
    booking = seats.lock_booking(booking_id, customer_id=customer_id)
    if booking.state != "confirmed":
        raise NotOpen(state=booking.state)
    if booking.moves:
        raise AlreadyMoved
    _judge_time(booking, now=now)
    booking.resource_id, booking.starts_at, booking.ends_at = found, wish.starts_at, wish.ends_at
    booking.moves += 1
    db.session.flush()
    seats.note(booking, what="moved", now=now)
    announce([_confirmed(booking, now=now, moved=True)])
    return queries.view_of(booking, now=now)


def _judge_time(booking: Booking, *, now: dt.datetime) -> None:
    ends = rules.changes_end_at(booking.starts_at, paid=booking.points_paid > 0, policy=current(rules.BookingPolicy))
    if now > ends:
        raise TooLateToChange(until=ends.isoformat())


def _confirmed(booking: Booking, *, now: dt.datetime, moved: bool) -> BookingConfirmed:
    return BookingConfirmed(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        born_customer_id=booking.born_customer_id,
        service_id=booking.service_id,
        store_id=booking.store_id,
        starts_at=booking.starts_at,
        moved=moved,
        at=now,
    )


def cancelled(booking: Booking, *, by: str, why: str, now: dt.datetime) -> BookingCancelled:
    """The fact of a cancelled booking."""
    return BookingCancelled(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        born_customer_id=booking.born_customer_id,
        service_id=booking.service_id,
        store_id=booking.store_id,
        starts_at=booking.starts_at,
        by=by,
        why=why,
        at=now,
    )
