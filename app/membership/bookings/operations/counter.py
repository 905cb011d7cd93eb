"""At the counter: redeem a code once, walk-ins, no-shows, undoing; beside it what the lead does when the store cannot."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.database import db
from app.kernel.errors import Refusal
from app.kernel.facts import announce
from app.kernel.policy import current
from app.membership import coupons, members
from app.membership.bookings import queries, rules
from app.membership.bookings.facts import BookingRedeemed, RedemptionUndone
from app.membership.bookings.models import Booking, BookingResource, BookingService
from app.membership.bookings.operations import due, payment, seats
from app.membership.bookings.operations.fault import Closing as Closing
from app.membership.bookings.operations.fault import close as close
from app.membership.bookings.operations.fault import hand_over as hand_over
from app.membership.bookings.operations.fault import list_orphans as list_orphans
from app.membership.bookings.queries import list_today as list_today
from app.membership.bookings.queries import which_stand as which_stand
from app.membership.bookings.refusals import (
    AlreadyBooked,
    AlreadyRedeemed,
    BookingUnknown,
    CodeUnknown,
    NotOpen,
    NotRedeemable,
    OtherDay,
    OtherStore,
    OwnCode,
    SlotTaken,
    TooEarlyForNoShow,
    UndoTooLate,
)
from app.people import stores, teams

# Whose bookings a staff member may change: those of their stores, or all of them.
StoreIds = Collection[int] | None


@dataclass(frozen=True)
class Redemption:
    """What was redeemed, as the clerk sees it. `kind`: booking or coupon; `person`: a name, or the tail of a number.

    `health_note` is for today's staff of this store (K11).
    """

    kind: str
    id: int
    name: str
    person: str
    store_name: str
    redeemed_at: dt.datetime
    starts_at: dt.datetime | None = None
    health_note: str | None = None
    zone: str = "Asia/Shanghai"


def redeem_code(*, code: str, staff_id: int, store_id: int, now: dt.datetime) -> Redemption:
    """Redeem whatever the code is of, a booking or a coupon, once ever.

    Raises CodeUnknown, AlreadyRedeemed (when, where, by whom), OwnCode (X04), what `redeem_by_code` raises, and what coupons
    refuse about a coupon.
    """
    try:
        return redeem_by_code(code, staff_id=staff_id, store_id=store_id, now=now)
    except CodeUnknown:
        return _redeem_coupon(code, staff_id=staff_id, store_id=store_id, now=now)


def attempt(*, code: str, staff_id: int, store_id: int, now: dt.datetime) -> Redemption | Refusal:
    """As `redeem_code`, for a page that shows a refusal as an answer: nothing of the refused attempt is kept."""
    try:
        with db.session.begin_nested():
            return redeem_code(code=code, staff_id=staff_id, store_id=store_id, now=now)
    except Refusal as refusal:
        return refusal


def redeem_by_code(code: str, *, staff_id: int, store_id: int, now: dt.datetime) -> Redemption:
    """Redeem a booking, once ever. Whoever comes second learns when, where and by whom it was done.

    Raises CodeUnknown, OwnCode (X04), AlreadyRedeemed, NotRedeemable, OtherDay, OtherStore (K11: unless the service is for
    all stores).
    """
    wanted = select(Booking).where(Booking.code == rules.normal_code(code)).with_for_update()
    booking = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if booking is None:
        raise CodeUnknown
    service = db.session.get_one(BookingService, booking.service_id)
    _judge_redemption(booking, service, store_id=store_id, now=now)
    _refuse_own(booking.customer_id, staff_id=staff_id)
    starts_at, health_note = booking.starts_at, booking.health_note
    _redeem(booking, staff_id=staff_id, store_id=store_id, now=now)
    person, store = queries.called(booking.customer_id), stores.get_store(store_id)
    return Redemption("booking", booking.id, service.name, person, store.name, now, starts_at, health_note, store.zone)


def _redeem_coupon(code: str, *, staff_id: int, store_id: int, now: dt.datetime) -> Redemption:
    try:
        coupon = coupons.redeem_by_code(code=code, store_id=store_id, staff_id=staff_id, now=now)
    except coupons.CouponUnknown:
        raise CodeUnknown from None
    except coupons.AlreadyRedeemed as refusal:
        zone = stores.get_store(store_id).zone
        raise AlreadyRedeemed(**refusal.data, staff=None, zone=zone, name="这张券") from None
    person, store = queries.called(coupon.customer_id), stores.get_store(store_id)
    name = coupon.terms.name if coupon.terms else "优惠券"
    return Redemption("coupon", coupon.id, name, person, store.name, now, zone=store.zone)


def _refuse_own(customer_id: int, *, staff_id: int) -> None:
    if teams.is_oneself(staff_id=staff_id, customer_id=customer_id):
        raise OwnCode


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


def told(booking: Booking) -> dict[str, str | None]:
    """When, where and by whom a booking was redeemed, for the kind answer to the second attempt."""
    at, store_id, staff_id = booking.redeemed_at, booking.redeemed_store_id, booking.redeemed_by
    by = teams.find_at_work(staff_id) if staff_id else None
    return {
        "redeemed_at": at.isoformat() if at else None,
        "store": stores.get_store(store_id).name if store_id else None,
        "staff": by.name if by else "已离职员工",
        "zone": stores.get_store(booking.store_id).zone,
        "name": db.session.get_one(BookingService, booking.service_id).name,
    }


def _redeem(booking: Booking, *, staff_id: int, store_id: int, now: dt.datetime) -> None:
    booking.redeemed_at, booking.redeemed_by, booking.redeemed_store_id = now, staff_id, store_id
    booking.state, booking.place = "redeemed", None
    if store_id != booking.store_id:  # the visit takes place elsewhere: the seat here is free
        seats.end(booking, state="done", now=now)
    db.session.flush()
    seats.note(booking, what="redeemed", now=now, staff_id=staff_id)
    announce([_redeemed(booking, staff_id=staff_id, store_id=store_id, now=now)])


def walk_in(
    *, customer_id: int, service_id: int, store_id: int, staff_id: int, now: dt.datetime
) -> queries.BookingView:
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
    return queries.view_of(booking, now=now)


def walk_in_by_card(*, card_code: str, service_id: int, store_id: int, staff_id: int, now: dt.datetime) -> Redemption:
    """A walk-in of whoever shows the code of their card (X04: a phone number alone is not enough).

    Raises CardCodeInvalid, OwnCode, and what `walk_in` raises.
    """
    member = members.find_member_by_card_code(card_code, now)
    _refuse_own(member.customer_id, staff_id=staff_id)
    visit = walk_in(
        customer_id=member.customer_id, service_id=service_id, store_id=store_id, staff_id=staff_id, now=now
    )
    service, store = db.session.get_one(BookingService, service_id), stores.get_store(store_id)
    person = queries.called(member.customer_id)
    return Redemption("booking", visit.id, service.name, person, store.name, now, visit.starts_at, zone=store.zone)


def undo_redemption(
    *, booking_id: int, staff_id: int, store_ids: StoreIds, why: str, now: dt.datetime
) -> queries.BookingView:
    """A lead takes a redemption back the same day (X04): the booking stands again, a walk-in is cancelled.

    Raises BookingUnknown, NotOpen where nothing was redeemed, UndoTooLate, AlreadyBooked or SlotTaken where the customer or
    somebody else took that place meanwhile.
    """
    known = seats.find(booking_id)
    seats.lock_customer(known.customer_id)
    _lock_resource(known.resource_id)
    booking = _lock_here(booking_id, store_ids)
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
    announce([RedemptionUndone(booking.id, booking.customer_id, booking.born_customer_id, staff_id, why, now)])
    return queries.view_of(booking, now=now)


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


def mark_no_show(*, booking_id: int, staff_id: int, store_ids: StoreIds, now: dt.datetime) -> queries.BookingView:
    """The clerk says that nobody came, once the ⟨15 min⟩ for which a place is kept are over (K09).

    Raises BookingUnknown, NotOpen, TooEarlyForNoShow.
    """
    booking = _lock_here(booking_id, store_ids)
    if booking.state != "confirmed":
        raise NotOpen(state=booking.state)
    kept_until = booking.starts_at + rules.minutes(current(rules.BookingPolicy).kept_minutes)
    if now < kept_until:
        raise TooEarlyForNoShow(until=kept_until.isoformat())
    due.miss(booking, now=now, staff_id=staff_id)
    announce([due.fact_of_miss(booking, now=now)])
    return queries.view_of(booking, now=now)


def correct_no_show(
    *, booking_id: int, came: bool, staff_id: int, store_ids: StoreIds, why: str, now: dt.datetime
) -> queries.BookingView:
    """A lead corrects a no-show on the day of the booking (K09): the person came, or it was not their fault.

    Raises BookingUnknown, NotOpen where it is no no-show, UndoTooLate.
    """
    booking = _lock_here(booking_id, store_ids)
    if booking.state != "no_show":
        raise NotOpen(state=booking.state)
    zone = queries.zone_of(booking.store_id)
    if rules.day_of(booking.starts_at, zone) != rules.day_of(now, zone):
        raise UndoTooLate
    booking.state = "done" if came else "cancelled"
    if not came:
        payment.give_back(booking, now=now)
    else:
        booking.redeemed_at, booking.redeemed_by, booking.redeemed_store_id = now, staff_id, booking.store_id
    db.session.flush()
    seats.note(booking, what="corrected", now=now, staff_id=staff_id, why=why)
    visit = [_redeemed(booking, staff_id=staff_id, store_id=booking.store_id, now=now)] if came else []
    announce([due.fact_of_miss(booking, now=now, corrected=True), *visit])
    return queries.view_of(booking, now=now)


def _redeemed(booking: Booking, *, staff_id: int, store_id: int, now: dt.datetime) -> BookingRedeemed:
    return BookingRedeemed(
        booking_id=booking.id,
        customer_id=booking.customer_id,
        born_customer_id=booking.born_customer_id,
        service_id=booking.service_id,
        store_id=store_id,
        staff_id=staff_id,
        at=now,
    )


def _lock_here(booking_id: int, store_ids: StoreIds) -> Booking:
    booking = seats.lock_booking(booking_id)
    if store_ids is not None and not {booking.store_id, booking.redeemed_store_id} & set(store_ids):
        raise BookingUnknown
    return booking
