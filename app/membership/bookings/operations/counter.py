"""At the counter: redeem a code once, walk-ins, no-shows, undoing, and the store's own fault."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.policy import current
from app.membership.bookings import queries, rules
from app.membership.bookings.facts import BookingRedeemed, RedemptionUndone
from app.membership.bookings.models import Booking, BookingAbsence, BookingResource, BookingService
from app.membership.bookings.operations import calendar, due, seats
from app.membership.bookings.refusals import (
    AlreadyBooked,
    AlreadyRedeemed,
    BookingUnknown,
    CodeUnknown,
    NotOpen,
    NotRedeemable,
    OtherDay,
    OtherStore,
    SlotTaken,
    TooEarlyForNoShow,
    UndoTooLate,
)
from app.people import stores


@dataclass(frozen=True)
class Redemption:
    """What was redeemed, as the clerk sees it. `health_note` is for today's staff of this store (K11)."""

    kind: str
    id: int
    customer_id: int
    name: str
    starts_at: dt.datetime | None
    redeemed_at: dt.datetime
    health_note: str | None


def redeem_by_code(code: str, *, staff_id: int, store_id: int, now: dt.datetime) -> Redemption:
    """Redeem a booking, once ever. Whoever comes second learns when, where and by whom it was done.

    Raises CodeUnknown, AlreadyRedeemed, NotRedeemable, OtherDay, OtherStore (K11: unless the service is for all stores).
    """
    wanted = select(Booking).where(Booking.code == rules.normal_code(code)).with_for_update()
    booking = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if booking is None:
        raise CodeUnknown
    service = db.session.get_one(BookingService, booking.service_id)
    _judge_redemption(booking, service, store_id=store_id, now=now)
    health_note = booking.health_note
    _redeem(booking, staff_id=staff_id, store_id=store_id, now=now)
    return Redemption("booking", booking.id, booking.customer_id, service.name, booking.starts_at, now, health_note)


def _judge_redemption(booking: Booking, service: BookingService, *, store_id: int, now: dt.datetime) -> None:
    if booking.redeemed_at is not None:
        raise AlreadyRedeemed(**told(booking))
    if booking.state != "confirmed":
        raise NotRedeemable(state=booking.state)
    if booking.store_id != store_id and not service.universal:
        raise OtherStore(store=stores.get_store(booking.store_id).name)
    zone = queries.zone_of(booking.store_id)
    if rules.day_of(booking.starts_at, zone) != rules.day_of(now, zone):
        raise OtherDay(starts_at=booking.starts_at.isoformat())


def told(booking: Booking) -> dict[str, object]:
    """When, where and by whom a booking was redeemed, for the kind answer to the second attempt."""
    at, store_id = booking.redeemed_at, booking.redeemed_store_id
    return {
        "redeemed_at": at.isoformat() if at else None,
        "store": stores.get_store(store_id).name if store_id else None,
        "staff": booking.redeemed_by,
    }


def _redeem(booking: Booking, *, staff_id: int, store_id: int, now: dt.datetime) -> None:
    booking.redeemed_at, booking.redeemed_by, booking.redeemed_store_id = now, staff_id, store_id
    booking.state, booking.place = "redeemed", None
    if store_id != booking.store_id:  # the visit takes place elsewhere: the seat here is free
        seats.end(booking, state="done", now=now)
    db.session.flush()
    seats.note(booking, what="redeemed", now=now, staff_id=staff_id)
    announce([_redeemed(booking, staff_id=staff_id, store_id=store_id, now=now)])


def walk_in(*, customer_id: int, service_id: int, store_id: int, staff_id: int, now: dt.datetime) -> Booking:
    """Somebody is here and a seat is free: create and redeem in one act (K11). No online limit applies (K09).

    Raises ServiceUnknown, NotASlot outside working hours, SlotTaken where nothing is free for long enough.
    """
    service = queries.get_service(service_id)
    seats.lock_customer(customer_id)
    starts_at = now.replace(second=0, microsecond=0)
    wish = seats.Wish(service, store_id, starts_at, any_minute=True)
    found = seats.pick_seat(wish, resource_ids=seats.lock_seats(wish, now=now), now=now)
    booking = seats.write_visit(wish, customer_id=customer_id, resource_id=found, staff_id=staff_id, now=now)
    seats.note(booking, what="walked_in", now=now, staff_id=staff_id)
    announce([_redeemed(booking, staff_id=staff_id, store_id=store_id, now=now)])
    return booking


def undo_redemption(*, booking_id: int, staff_id: int, why: str, now: dt.datetime) -> Booking:
    """A lead takes a redemption back the same day (X04): the booking stands again, a walk-in is cancelled.

    Raises BookingUnknown, NotOpen where nothing was redeemed, UndoTooLate, AlreadyBooked or SlotTaken where the customer or
    somebody else took that place meanwhile.
    """
    known = db.session.get(Booking, booking_id)
    if known is None:
        raise BookingUnknown
    seats.lock_customer(known.customer_id)
    _lock_resource(known.resource_id)
    booking = seats.lock_booking(booking_id)
    if booking.redeemed_at is None:
        raise NotOpen(state=booking.state)
    zone = queries.zone_of(booking.store_id)
    if rules.day_of(booking.redeemed_at, zone) != rules.day_of(now, zone):
        raise UndoTooLate
    if booking.online:
        _stand_again(booking, now=now)
    else:
        seats.end(booking, state="cancelled", now=now)
    booking.redeemed_at = booking.redeemed_by = booking.redeemed_store_id = None
    db.session.flush()
    seats.note(booking, what="undone", now=now, staff_id=staff_id, why=why)
    announce([RedemptionUndone(booking.id, booking.customer_id, staff_id, why, now)])
    return booking


def _stand_again(booking: Booking, *, now: dt.datetime) -> None:
    mine = select(Booking.place, Booking.service_id).where(
        Booking.customer_id == booking.customer_id, Booking.state.in_(rules.OPEN)
    )
    held = list(db.session.execute(mine))
    if any(service_id == booking.service_id for _, service_id in held):
        raise AlreadyBooked
    seats.release_holds(Booking.resource_id == booking.resource_id, now=now)
    if queries.is_taken(booking, now=now):
        raise SlotTaken
    used = {place for place, _ in held}
    booking.place = next(place for place in range(1, len(used) + 2) if place not in used)
    booking.state, booking.ended_at = "confirmed", None


def _lock_resource(resource_id: int) -> None:
    wanted = select(BookingResource.id).where(BookingResource.id == resource_id)
    db.session.execute(wanted.with_for_update(key_share=True)).one()


def mark_no_show(*, booking_id: int, staff_id: int, now: dt.datetime) -> Booking:
    """The clerk says that nobody came, once the ⟨15 min⟩ for which a place is kept are over (K09).

    Raises BookingUnknown, NotOpen, TooEarlyForNoShow.
    """
    booking = seats.lock_booking(booking_id)
    if booking.state != "confirmed":
        raise NotOpen(state=booking.state)
    kept_until = booking.starts_at + rules.minutes(current(rules.BookingPolicy).kept_minutes)
    if now < kept_until:
        raise TooEarlyForNoShow(until=kept_until.isoformat())
    seats.end(booking, state="no_show", now=now)
    seats.note(booking, what="no_show", now=now, staff_id=staff_id)
    announce([due.fact_of_miss(booking, now=now)])
    return booking


def correct_no_show(*, booking_id: int, came: bool, staff_id: int, why: str, now: dt.datetime) -> Booking:
    """A lead corrects a no-show on the day of the booking (K09): the person came, or it was not their fault.

    Raises BookingUnknown, NotOpen where it is no no-show, UndoTooLate.
    """
    booking = seats.lock_booking(booking_id)
    if booking.state != "no_show":
        raise NotOpen(state=booking.state)
    zone = queries.zone_of(booking.store_id)
    if rules.day_of(booking.starts_at, zone) != rules.day_of(now, zone):
        raise UndoTooLate
    booking.state = "done" if came else "cancelled"
    if came:
        booking.redeemed_at, booking.redeemed_by, booking.redeemed_store_id = now, staff_id, booking.store_id
    db.session.flush()
    seats.note(booking, what="corrected", now=now, staff_id=staff_id, why=why)
    visit = [_redeemed(booking, staff_id=staff_id, store_id=booking.store_id, now=now)] if came else []
    announce([due.fact_of_miss(booking, now=now, corrected=True), *visit])
    return booking


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

    Gives the ids of the bookings that were cancelled; each of these customers is told by the fact.
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
    for booking in bookings:
        seats.end(booking, state="cancelled", now=now)
        seats.note(booking, what="cancelled_by_store", now=now, staff_id=staff_id, why=closing.why)
    announce([calendar.cancelled(booking, by="store", why=closing.why, now=now) for booking in stood])
    return [booking.id for booking in bookings]


def _redeemed(booking: Booking, *, staff_id: int, store_id: int, now: dt.datetime) -> BookingRedeemed:
    return BookingRedeemed(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        service_id=booking.service_id,
        store_id=store_id,
        staff_id=staff_id,
        at=now,
    )
