"""The waiting list of a day: offered in order, ⟨15 min⟩ to accept, nobody is woken for it (K10)."""

import datetime as dt
from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Select, case, exists, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.errors import Refusal
from app.kernel.facts import announce
from app.kernel.locks import try_lock
from app.kernel.policy import current
from app.membership.bookings import queries, rules
from app.membership.bookings.facts import PlaceOffered
from app.membership.bookings.models import Booking, BookingWaiting
from app.membership.bookings.operations import calendar, payment, seats
from app.membership.bookings.refusals import AlreadyWaiting, BookingUnknown, HoldExpired, NotASlot, NotOpen, OfferOver


def join(*, customer_id: int, service_id: int, store_id: int, day: dt.date, now: dt.datetime) -> BookingWaiting:
    """Wait for a place on a day that can be booked. Raises ServiceUnknown, NotASlot, AlreadyWaiting."""
    queries.get_service(service_id)
    today = rules.day_of(now, queries.zone_of(store_id))
    if not today <= day <= today + dt.timedelta(days=current(rules.BookingPolicy).days_ahead):
        raise NotASlot
    if not queries.list_resource_ids(service_id=service_id, store_id=store_id):
        raise NotASlot
    wish = {"customer_id": customer_id, "service_id": service_id, "store_id": store_id, "day": day}
    row = {**wish, "born_customer_id": carrier.born(customer_id), "state": "waiting", "joined_at": now}
    # The key keeps the rest: only who was merged waits by more than one self.
    waits = exists().where(BookingWaiting.state.in_(("waiting", "offered")))
    for name, value in wish.items():
        waits = waits.where(BookingWaiting.__table__.c[name] == value)
    values = [literal(value, BookingWaiting.__table__.c[name].type) for name, value in row.items()]
    joined = insert(BookingWaiting).from_select([*row], select(*values).where(~waits), include_defaults=False)
    waiting = db.session.execute(joined.on_conflict_do_nothing().returning(BookingWaiting)).scalar_one_or_none()
    if waiting is None:
        raise AlreadyWaiting
    return waiting


def accept(
    *, waiting_id: int, customer_id: int, now: dt.datetime, health_note: str | None = None
) -> queries.BookingView:
    """Take the place that was offered. Raises BookingUnknown, OfferOver after ⟨15 min⟩, NoHealthNote."""
    seats.lock_customer(customer_id)
    waiting = _mine(waiting_id, customer_id=customer_id)
    if waiting.booking_id is None:
        raise OfferOver
    try:
        booking = calendar.confirm(
            booking_id=waiting.booking_id, customer_id=customer_id, now=now, health_note=health_note
        )
    except (HoldExpired, NotOpen):
        raise OfferOver from None
    waiting.state = "accepted"
    db.session.flush()
    return booking


def leave(*, waiting_id: int, customer_id: int, now: dt.datetime) -> BookingWaiting:
    """Wait no longer; a place that was offered goes to the next. Raises BookingUnknown, OfferOver once it is accepted."""
    seats.lock_customer(customer_id)
    waiting = _mine(waiting_id, customer_id=customer_id)
    if waiting.state == "accepted":
        raise OfferOver
    if waiting.state == "offered" and waiting.booking_id is not None:
        calendar.cancel(booking_id=waiting.booking_id, customer_id=customer_id, now=now)
    waiting.state = "left"
    db.session.flush()
    return waiting


def list_waiting(*, customer_id: int) -> list[BookingWaiting]:
    """What a customer waits for or was offered, the nearest day first."""
    mine = select(BookingWaiting).where(
        BookingWaiting.customer_id == customer_id, BookingWaiting.state.in_(("waiting", "offered"))
    )
    return list(db.session.execute(mine.order_by(BookingWaiting.day, BookingWaiting.id)).scalars())


def _mine(waiting_id: int, *, customer_id: int) -> BookingWaiting:
    waiting = queries.find_waiting(waiting_id, customer_id=customer_id, lock=True)
    if waiting is None:
        raise BookingUnknown
    return waiting


def offer_waiting_due(*, now: dt.datetime, limit: int = 100) -> int:
    """Close offers that were not accepted, then offer what is free to those who wait, in order; how many rows changed.

    One at a time: whoever finds another at it has nothing to do. A customer who is busy this moment is passed over until
    the next run, so that this never waits for a customer while it holds seats.
    """
    if not try_lock(db.session(), "bookings:offering"):
        return 0
    closed = _close_offers(now=now, limit=limit)
    queue = list(db.session.execute(_queue()).scalars())
    offered: list[PlaceOffered] = []
    for _, group in groupby(queue, key=lambda row: (row.store_id, row.service_id, row.day)):
        offered += _offer(list(group), now=now, limit=limit - closed - len(offered))
    announce(offered)
    return closed + len(offered)


def _queue() -> Select[BookingWaiting]:
    waiting = select(BookingWaiting).where(BookingWaiting.state == "waiting")
    order = (BookingWaiting.store_id, BookingWaiting.service_id, BookingWaiting.day, BookingWaiting.id)
    return waiting.order_by(*order)


def _close_offers(*, now: dt.datetime, limit: int) -> int:
    # A person may also have confirmed the booking itself: then the place was accepted.
    kept = Booking.state.in_(("confirmed", "redeemed", "done", "no_show"))
    over = (
        select(BookingWaiting.id, case((kept, "accepted"), else_="missed").label("became"))
        .join(Booking, Booking.id == BookingWaiting.booking_id)
        .where(BookingWaiting.state == "offered", (Booking.state != "held") | (Booking.hold_until <= now))
        .limit(limit)
        .cte("over")
    )
    missed = update(BookingWaiting).where(BookingWaiting.id == over.c.id).values(state=over.c.became)
    # A day that is over in the last zone on earth, twelve hours behind UTC, is over in every store.
    past = (now - dt.timedelta(hours=12)).date()
    gone = update(BookingWaiting).where(BookingWaiting.state == "waiting", BookingWaiting.day < past)
    counts = [db.session.execute(change).rowcount for change in (missed, gone.values(state="over"))]  # type: ignore[attr-defined]
    return sum(counts)


def _offer(group: Sequence[BookingWaiting], *, now: dt.datetime, limit: int) -> list[PlaceOffered]:
    first, policy = group[0], current(rules.BookingPolicy)
    if rules.is_quiet(now, queries.zone_of(first.store_id), policy=policy):
        return []
    offered: list[PlaceOffered] = []
    for waiting in group:
        if len(offered) >= limit or not try_lock(db.session(), seats.customer_lock(waiting.customer_id)):
            continue
        if not _still_waits(waiting):
            continue
        free = queries.list_slots(service_id=first.service_id, store_id=first.store_id, day=first.day, now=now)
        start = next((slot.starts_at for slot in free if slot.left), None)
        if start is None:
            break
        if (fact := _hold_for(waiting, starts_at=start, now=now, policy=policy)) is not None:
            offered.append(fact)
    return offered


def _still_waits(waiting: BookingWaiting) -> bool:
    """The row is ours now: not while somebody is merged, and not if they have been, whose rows have other keys."""
    mine = (BookingWaiting.customer_id == waiting.customer_id, BookingWaiting.id == waiting.id)
    still = select(BookingWaiting.id).where(*mine, BookingWaiting.state == "waiting")
    return db.session.execute(still.with_for_update(skip_locked=True)).first() is not None


def _hold_for(
    waiting: BookingWaiting, *, starts_at: dt.datetime, now: dt.datetime, policy: rules.BookingPolicy
) -> PlaceOffered | None:
    wish = seats.Wish(queries.get_service(waiting.service_id), waiting.store_id, starts_at)
    until = now + rules.minutes(policy.offer_minutes)
    try:
        calendar.judge_customer(customer_id=waiting.customer_id, service_id=waiting.service_id, now=now)
        found = seats.pick_seat(wish, resource_ids=seats.lock_seats(wish, now=now), now=now)
        with payment.born_alike(waiting):
            booking = seats.write_hold(wish, customer_id=waiting.customer_id, resource_id=found, until=until, now=now)
    except Refusal:  # somebody who may not book now, or a seat that has just gone: the next one is asked
        return None
    waiting.state, waiting.booking_id = "offered", booking.id
    db.session.flush()
    return PlaceOffered(
        booking_id=booking.id, customer_id=waiting.customer_id, born_customer_id=waiting.born_customer_id,
        service_id=waiting.service_id, store_id=waiting.store_id, starts_at=starts_at, offered_until=until, at=now,
    )  # fmt: skip
