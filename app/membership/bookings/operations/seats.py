"""Finding a free seat or person and writing a booking there: what every way of booking shares.

Locks are always taken in this order: customer, resources by id, bookings. So nobody waits for somebody who waits for them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import BigInteger, Integer, cast, exists, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as insert_unless

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.locks import lock_person
from app.kernel.policy import current
from app.membership.bookings import queries, rules
from app.membership.bookings.models import Booking, BookingLog, BookingService
from app.membership.bookings.refusals import BookingUnknown, NotASlot, SlotTaken, TooManyOpen


@dataclass(frozen=True)
class Wish:
    """Which service, where and when; `resource_id` where a certain seat or person is wanted.

    `any_minute`: somebody at the counter begins now, not on the grid of slots (K11).
    """

    service: BookingService
    store_id: int
    starts_at: dt.datetime
    resource_id: int | None = None
    any_minute: bool = False

    @property
    def ends_at(self) -> dt.datetime:
        """When the place is free again."""
        return self.starts_at + rules.minutes(self.service.minutes)


def lock_customer(customer_id: int) -> None:
    """One at a time for each customer: their limits are judged on what is written, and they are not merged meanwhile."""
    lock_person(db.session(), customer_lock(customer_id), customer_id=customer_id)


def customer_lock(customer_id: int) -> str:
    """The name of a customer's lock."""
    return f"bookings:customer:{customer_id}"


def find(booking_id: int) -> Booking:
    """A booking of anybody, not locked: to know whom to lock first. Raises BookingUnknown."""
    booking = db.session.get(Booking, booking_id)
    if booking is None:
        raise BookingUnknown
    return booking


def lock_booking(booking_id: int, *, customer_id: int | None = None) -> Booking:
    """A booking that nobody else changes until we are done. Raises BookingUnknown, for somebody else's too."""
    booking = db.session.get(Booking, booking_id, with_for_update=True, populate_existing=True)
    if booking is None or customer_id not in (None, booking.customer_id):
        raise BookingUnknown
    return booking


def lock_seats(wish: Wish, *, now: dt.datetime) -> list[int]:
    """Lock the resources that could do it and clear the holds that ran out there."""
    resource_ids = queries.list_resource_ids(service_id=wish.service.id, store_id=wish.store_id, lock=True)
    release_holds(Booking.resource_id.in_(resource_ids), now=now)
    return [each for each in resource_ids if wish.resource_id in (None, each)]


def pick_seat(wish: Wish, *, resource_ids: Sequence[int], now: dt.datetime, but: int | None = None) -> int:
    """The first free one of locked resources. `but`: a booking that is about to move away.

    Raises NotASlot for a time that is no slot, SlotTaken for a full one.
    """
    day = rules.day_of(wish.starts_at, queries.zone_of(wish.store_id))
    plans = queries.list_plans(resource_ids=resource_ids, store_id=wish.store_id, day=day, now=now, but=but)
    for plan in plans:
        if plan.has(wish.service, wish.starts_at, any_minute=wish.any_minute):
            return plan.resource_id
    empty = [replace(plan, taken=[]) for plan in plans]
    if any(plan.has(wish.service, wish.starts_at, any_minute=wish.any_minute) for plan in empty):
        raise SlotTaken
    raise NotASlot


def release_holds(which: object, *, now: dt.datetime) -> int:
    """End holds whose time is over among `which`; how many. From that moment on the place is anybody's."""
    over = (
        update(Booking)
        .where(which, Booking.state == "held", Booking.hold_until <= now)  # type: ignore[arg-type]
        .values(state="expired", place=None, hold_until=None, ended_at=now)
    )
    return int(db.session.execute(over).rowcount)  # type: ignore[attr-defined]


def write_hold(wish: Wish, *, customer_id: int, resource_id: int, until: dt.datetime, now: dt.datetime) -> Booking:
    """Write a hold with the customer's first free place of ⟨3⟩, in the one statement that keeps both limits.

    Who was merged may have brought more: they count, and nothing comes on top. Raises TooManyOpen where there is no place
    (K08), SlotTaken where somebody was faster.
    """
    row = _row(wish, customer_id=customer_id, resource_id=resource_id, state="held", now=now)
    row |= {"hold_until": until, "online": True}
    limit = current(rules.BookingPolicy).open_at_once
    place = func.generate_series(1, cast(limit, Integer)).column_valued("number")
    standing = (Booking.customer_id == customer_id, Booking.state.in_(rules.OPEN))
    used = exists().where(*standing, Booking.place == place)
    same = exists().where(*standing, Booking.service_id == wish.service.id)
    count = select(func.count()).where(*standing).scalar_subquery()
    values = [literal(value, Booking.__table__.c[name].type) for name, value in row.items()]
    free = select(*values, cast(place, BigInteger)).where(~used, ~same, count < limit).order_by(place).limit(1)
    written = insert_unless(Booking).from_select([*row, "place"], free, include_defaults=False)
    booking_id = db.session.execute(written.on_conflict_do_nothing().returning(Booking.id)).scalar_one_or_none()
    if booking_id is None:
        taken = db.session.execute(select(count)).scalar_one()
        raise TooManyOpen(limit=limit) if taken >= limit else SlotTaken
    return lock_booking(booking_id)


def write_visit(wish: Wish, *, customer_id: int, resource_id: int, staff_id: int, now: dt.datetime) -> Booking:
    """Write a booking of somebody who stands at the counter (K11). Raises SlotTaken where somebody was faster."""
    row = _row(wish, customer_id=customer_id, resource_id=resource_id, state="redeemed", now=now)
    row |= {"redeemed_at": now, "redeemed_by": staff_id, "redeemed_store_id": wish.store_id, "online": False}
    written = insert_unless(Booking).values(row).on_conflict_do_nothing().returning(Booking.id)
    booking_id = db.session.execute(written).scalar_one_or_none()
    if booking_id is None:
        raise SlotTaken
    return lock_booking(booking_id)


def _row(wish: Wish, *, customer_id: int, resource_id: int, state: str, now: dt.datetime) -> dict[str, object]:
    return {
        "customer_id": customer_id,
        "born_customer_id": carrier.born(customer_id),
        "service_id": wish.service.id,
        "store_id": wish.store_id,
        "resource_id": resource_id,
        "starts_at": wish.starts_at,
        "ends_at": wish.ends_at,
        "state": state,
        "code": rules.new_code(),
        "points_paid": 0,
        "moves": 0,
        "created_at": now,
    }


def note(booking: Booking, *, what: str, now: dt.datetime, staff_id: int | None = None, why: str | None = None) -> None:
    """Write down what happened to a booking."""
    row: dict[str, object] = {"customer_id": booking.customer_id, "born_customer_id": booking.born_customer_id}
    row |= {"booking_id": booking.id, "what": what, "at": now}
    db.session.execute(insert(BookingLog).values(**row, staff_id=staff_id, why=why))


def end(booking: Booking, *, state: str, now: dt.datetime) -> None:
    """Give the place free: cancelled, expired, no_show or done. What was said about health is not kept."""
    booking.state, booking.place, booking.hold_until, booking.ended_at = state, None, None, now
    booking.health_note = None
    db.session.flush()
