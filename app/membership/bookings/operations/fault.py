"""The store's fault (K10): somebody ill, a store closed, a person who left (G03)."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.errors import Refusal
from app.kernel.facts import announce
from app.kernel.policy import current
from app.membership import coupons
from app.membership.bookings import queries, rules
from app.membership.bookings.models import Booking, BookingAbsence, BookingResource, BookingService
from app.membership.bookings.operations import calendar, payment, seats
from app.membership.bookings.refusals import NotOpen, SlotTaken


@dataclass(frozen=True)
class Closing:
    """A store cannot keep its word: one resource (somebody ill), or all of the store, from when until when and why."""

    store_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    why: str
    resource_id: int | None = None


def close(closing: Closing, *, staff_id: int, now: dt.datetime) -> list[int]:
    """Take resources out of the calendar and cancel what was booked there, as the store's fault (K10): never a no-show.

    Points come back in full, a ⟨致歉券⟩ is granted to whoever was sure of the place, and each of them is told by the fact.
    Gives the ids of the bookings that were cancelled.
    """
    wanted = select(BookingResource.id).where(BookingResource.store_id == closing.store_id)
    if closing.resource_id is not None:
        wanted = wanted.where(BookingResource.id == closing.resource_id)
    resource_ids = list(
        db.session.execute(wanted.order_by(BookingResource.id).with_for_update(key_share=True)).scalars()
    )
    away = {"starts_at": closing.starts_at, "ends_at": closing.ends_at, "why": closing.why}
    db.session.add_all(BookingAbsence(resource_id=resource_id, **away) for resource_id in resource_ids)
    db.session.flush()
    hit = (
        select(Booking)
        .where(Booking.resource_id.in_(resource_ids), Booking.state.in_(rules.OPEN))
        .where(Booking.starts_at < closing.ends_at, Booking.ends_at > closing.starts_at)
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    bookings = list(db.session.execute(hit).scalars())
    stood = [booking for booking in bookings if booking.state == "confirmed"]
    for booking in sorted(bookings, key=lambda each: each.customer_id):
        payment.give_back(booking, now=now)
        seats.end(booking, state="cancelled", now=now)
        seats.note(booking, what="cancelled_by_store", now=now, staff_id=staff_id, why=closing.why)
        if booking in stood:
            _apologise(booking, now=now)
    announce([calendar.cancelled(booking, by="store", why=closing.why, now=now) for booking in stood])
    return [booking.id for booking in bookings]


def _apologise(booking: Booking, *, now: dt.datetime) -> None:
    template_id = coupons.find_shipped(current(rules.BookingPolicy).apology_coupon)
    if template_id is None:  # the brand has none: the visit is cancelled all the same
        seats.note(booking, what="no_apology", now=now, why="没有致歉券")
        return
    try:
        with payment.born_alike(booking):
            coupons.grant(
                customer_id=booking.customer_id, template_id=template_id, cause=f"booking_fault:{booking.id}", now=now
            )
    except Refusal as refusal:  # stopped or used up: a coupon that is missing must not keep a store open
        seats.note(booking, what="no_apology", now=now, why=refusal.title)


@dataclass(frozen=True)
class Orphan:
    """A booking whose person has left, and who could take it: a resource of the same store that is free then, or nobody."""

    booking: queries.BookingView
    suggested_resource_id: int | None


def orphan(staff_id: int, *, now: dt.datetime) -> int:
    """Somebody left: they can be booked no more, and their open bookings go to the lead (G03); how many."""
    mine = select(BookingResource).where(BookingResource.staff_id == staff_id).order_by(BookingResource.id)
    resources = list(db.session.execute(mine.with_for_update(key_share=True)).scalars())
    for resource in resources:
        resource.active = False
    hit = (
        select(Booking)
        .where(Booking.resource_id.in_([resource.id for resource in resources]), Booking.state.in_(rules.OPEN))
        .where(Booking.ends_at > now)
        .order_by(Booking.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    bookings = list(db.session.execute(hit).scalars())
    for booking in bookings:
        booking.orphaned_at = now
        seats.note(booking, what="orphaned", now=now, staff_id=staff_id)
    db.session.flush()
    return len(bookings)


def list_orphans(*, store_id: int, now: dt.datetime) -> list[Orphan]:
    """Bookings of a store that need another person, the nearest first, each with a suggestion."""
    left = select(Booking).where(
        Booking.store_id == store_id, Booking.orphaned_at.is_not(None), Booking.state.in_(rules.OPEN)
    )
    rows = db.session.execute(left.order_by(Booking.starts_at, Booking.id)).scalars()
    return [Orphan(queries.view_of(row, now=now), next(iter(_who_could(row, now=now)), None)) for row in rows]


def hand_over(*, booking_id: int, resource_id: int, staff_id: int, now: dt.datetime) -> queries.BookingView:
    """A lead gives a booking to another person or seat of the store, at the same time.

    Raises BookingUnknown, NotOpen, SlotTaken where that one is not free then or does not do this service.
    """
    known = seats.find(booking_id)
    seats.lock_customer(known.customer_id)
    wish = seats.Wish(db.session.get_one(BookingService, known.service_id), known.store_id, known.starts_at)
    seats.lock_seats(wish, now=now)
    booking = seats.lock_booking(booking_id)
    if booking.state not in rules.OPEN:
        raise NotOpen(state=booking.state)
    if resource_id not in _who_could(booking, now=now):
        raise SlotTaken
    booking.resource_id, booking.orphaned_at = resource_id, None
    db.session.flush()
    seats.note(booking, what="handed_over", now=now, staff_id=staff_id)
    return queries.view_of(booking, now=now)


def _who_could(booking: Booking, *, now: dt.datetime) -> list[int]:
    service = db.session.get_one(BookingService, booking.service_id)
    resource_ids = queries.list_resource_ids(service_id=service.id, store_id=booking.store_id)
    day = rules.day_of(booking.starts_at, queries.zone_of(booking.store_id))
    plans = queries.list_plans(resource_ids=resource_ids, store_id=booking.store_id, day=day, now=now, but=booking.id)
    return [plan.resource_id for plan in plans if plan.has(service, booking.starts_at, any_minute=True)]
