"""Questions about the calendar and about bookings."""

import datetime as dt
import zoneinfo
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, DateTime, bindparam, or_, select, tuple_
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.database import db
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.kernel.policy import current
from app.membership import members
from app.membership.bookings import rules
from app.membership.bookings.models import (
    Booking,
    BookingAbsence,
    BookingHours,
    BookingOffer,
    BookingResource,
    BookingService,
    BookingWaiting,
)
from app.membership.bookings.refusals import BookingUnknown, ServiceUnknown
from app.people import identity, stores

NOW: ColumnElement[dt.datetime] = bindparam("now", type_=DateTime(timezone=True))


@dataclass(frozen=True)
class Slot:
    """A time that can be asked for, and how many seats or people are still free then."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    left: int


@dataclass(frozen=True)
class DayPlan:
    """What one resource can do on one day: where it works, and what is taken already."""

    resource_id: int
    windows: list[rules.Interval]
    taken: list[rules.Interval]

    def starts(self, service: BookingService, *, whatever_is_taken: bool = False) -> list[dt.datetime]:
        """Beginnings of the slots of a service."""
        step = current(rules.BookingPolicy).slot_step_minutes
        taken = [] if whatever_is_taken else self.taken
        return rules.slots(self.windows, length=service.minutes, step=step, taken=taken)

    def has(self, service: BookingService, starts_at: dt.datetime, *, any_minute: bool = False) -> bool:
        """Could the service begin then? On the grid of slots, or at any minute."""
        if not any_minute:
            return starts_at in self.starts(service)
        visit = (starts_at, starts_at + rules.minutes(service.minutes))
        within = any(begins <= visit[0] and visit[1] <= ends for begins, ends in self.windows)
        return within and not any(rules.overlap(visit, other) for other in self.taken)


def list_services(store_id: int | None = None) -> list[BookingService]:
    """What can be booked, everywhere or in one store, in the brand's order."""
    wanted = select(BookingService).where(BookingService.active).order_by(BookingService.position, BookingService.id)
    offered = (
        select(BookingOffer.service_id)
        .join(BookingResource, BookingResource.id == BookingOffer.resource_id)
        .where(BookingResource.active)
    )
    if store_id is not None:
        offered = offered.where(BookingResource.store_id == store_id)
    return list(db.session.execute(wanted.where(BookingService.id.in_(offered))).scalars())


def get_service(service_id: int) -> BookingService:
    """A service that is offered. Raises ServiceUnknown."""
    service = db.session.get(BookingService, service_id)
    if service is None or not service.active:
        raise ServiceUnknown
    return service


def list_slots(*, service_id: int, store_id: int, day: dt.date, now: dt.datetime) -> list[Slot]:
    """The bookable times of a day in a store, full ones with `left` 0 (one may wait for them). Raises ServiceUnknown."""
    service = get_service(service_id)
    zone = zone_of(store_id)
    policy = current(rules.BookingPolicy)
    left: dict[dt.datetime, int] = defaultdict(int)
    resource_ids = list_resource_ids(service_id=service_id, store_id=store_id)
    for plan in list_plans(resource_ids=resource_ids, store_id=store_id, day=day, now=now):
        free = set(plan.starts(service))
        for start in plan.starts(service, whatever_is_taken=True):
            left[start] += start in free
    length = rules.minutes(service.minutes)
    return [
        Slot(start, start + length, count)
        for start, count in sorted(left.items())
        if rules.may_be_booked(start, now=now, zone=zone, policy=policy)
    ]


def list_resource_ids(*, service_id: int, store_id: int, lock: bool = False) -> list[int]:
    """Seats or people of a store that do a service; locked, always in the same order, where a booking is to be written."""
    found = (
        select(BookingResource.id)
        .join(BookingOffer, BookingOffer.resource_id == BookingResource.id)
        .where(BookingResource.store_id == store_id, BookingResource.active, BookingOffer.service_id == service_id)
        .order_by(BookingResource.id)
    )
    if lock:
        found = found.with_for_update(of=BookingResource, key_share=True)
    return list(db.session.execute(found).scalars())


def list_plans(
    *, resource_ids: Sequence[int], store_id: int, day: dt.date, now: dt.datetime, but: int | None = None
) -> list[DayPlan]:
    """The day of each resource. A hold that is over takes nothing; `but` names a booking that is about to move."""
    store, zone = stores.get_store(store_id), zone_of(store_id)
    begins, ends = rules.day_bounds(day, zone)
    hours = _hours_of(resource_ids, day.weekday())
    taken = _taken(resource_ids, begins, ends, now=now, but=but)
    # Whoever opens until two at night is open on the next calendar day too.
    periods = [period for each in (day - dt.timedelta(days=1), day) for period in stores.hours_on(store, each)]
    open_hours = [(period.opens_at, period.closes_at) for period in periods]
    return [
        DayPlan(
            resource_id,
            rules.common(rules.working_windows(day, zone, hours[resource_id]), open_hours),
            taken[resource_id],
        )
        for resource_id in resource_ids
    ]


def _hours_of(resource_ids: Sequence[int], weekday: int) -> dict[int, list[rules.Hours]]:
    found: dict[int, list[rules.Hours]] = defaultdict(list)
    wanted = select(BookingHours).where(BookingHours.resource_id.in_(resource_ids), BookingHours.weekday == weekday)
    for row in db.session.execute(wanted).scalars():
        found[row.resource_id].append((row.opens, row.closes))
    return found


def _taken(
    resource_ids: Sequence[int], begins: dt.datetime, ends: dt.datetime, *, now: dt.datetime, but: int | None
) -> dict[int, list[rules.Interval]]:
    booked = select(Booking.resource_id, Booking.starts_at, Booking.ends_at).where(
        Booking.resource_id.in_(resource_ids),
        Booking.state.in_(rules.OCCUPIES),
        Booking.starts_at < ends,
        Booking.ends_at > begins,
        or_(Booking.state != "held", Booking.hold_until > now),
        Booking.id != (but or 0),
    )
    away = select(BookingAbsence.resource_id, BookingAbsence.starts_at, BookingAbsence.ends_at).where(
        BookingAbsence.resource_id.in_(resource_ids), BookingAbsence.starts_at < ends, BookingAbsence.ends_at > begins
    )
    found: dict[int, list[rules.Interval]] = defaultdict(list)
    for resource_id, starts_at, ends_at in db.session.execute(booked.union_all(away)):
        found[resource_id].append((starts_at, ends_at))
    return found


@dataclass(frozen=True)
class BookingView:
    """A booking as its customer sees it. `code` once it stands; `changes_until`: cancelling and moving are free until then."""

    id: int
    customer_id: int
    service_id: int
    service_name: str
    store_id: int
    store_name: str
    resource_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    state: str
    hold_until: dt.datetime | None
    changes_until: dt.datetime
    moves_left: int
    points_paid: int
    redeemed_at: dt.datetime | None
    code: str | None


def view_of(booking: Booking, *, now: dt.datetime) -> BookingView:
    """A row as others see it; a hold that ran out is called expired before any job has run."""
    service = db.session.get_one(BookingService, booking.service_id)
    ran_out = booking.hold_until is not None and booking.hold_until <= now
    price = service.points_price if booking.state == "held" else booking.points_paid
    return BookingView(
        id=booking.id,
        customer_id=booking.customer_id,
        service_id=booking.service_id,
        service_name=service.name,
        store_id=booking.store_id,
        store_name=stores.get_store(booking.store_id).name,
        resource_id=booking.resource_id,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        state="expired" if ran_out else booking.state,
        hold_until=None if ran_out else booking.hold_until,
        changes_until=rules.changes_end_at(booking.starts_at, paid=price > 0, policy=current(rules.BookingPolicy)),
        moves_left=1 - booking.moves,
        points_paid=booking.points_paid,
        redeemed_at=booking.redeemed_at,
        code=None if booking.state in {"held", "expired", "cancelled"} else booking.code,
    )


def list_bookings(
    *, customer_id: int, now: dt.datetime, limit: int = 20, cursor: str | None = None
) -> Page[BookingView]:
    """A customer's bookings, the latest time first; holds that ran out are left out. Raises CursorInvalid."""
    found = select(Booking).where(
        Booking.customer_id == customer_id,
        Booking.state != "expired",
        or_(Booking.hold_until.is_(None), Booking.hold_until > now),
    )
    if cursor is not None:
        found = found.where(tuple_(Booking.starts_at, Booking.id) < tuple_(*_position(cursor)))
    rows = db.session.execute(found.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(limit + 1)).scalars()
    page = page_of(list(rows), limit, lambda row: ("booking", row.starts_at.isoformat(), row.id))
    return Page([view_of(row, now=now) for row in page.items], page.next_cursor)


def _position(cursor: str) -> tuple[dt.datetime, int]:
    values = decode_cursor(cursor)
    if len(values) != 3 or values[0] != "booking":
        raise CursorInvalid
    return dt.datetime.fromisoformat(values[1]), values[2]


def get_booking(booking_id: int, *, customer_id: int, now: dt.datetime) -> BookingView:
    """A customer's own booking. Raises BookingUnknown for somebody else's too."""
    return view_of(find_own(booking_id, customer_id=customer_id), now=now)


@dataclass(frozen=True)
class Starting:
    """A booking that stands, and when it begins."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_name: str
    store_id: int
    starts_at: dt.datetime


def list_starting(*, since: dt.datetime, until: dt.datetime, after_id: int = 0, limit: int = 500) -> list[Starting]:
    """Confirmed bookings that begin at `since` or later and before `until`, by id, at most `limit` of those after this id."""
    shown = (
        Booking.id,
        Booking.customer_id,
        Booking.born_customer_id,
        BookingService.name,
        Booking.store_id,
        Booking.starts_at,
    )
    wanted = select(*shown).join(BookingService, BookingService.id == Booking.service_id).where(
        Booking.state == "confirmed", Booking.starts_at >= since, Booking.starts_at < until, Booking.id > after_id,
        Booking.ends_at > since,
    )  # fmt: skip
    return [Starting(*row) for row in db.session.execute(wanted.order_by(Booking.id).limit(limit))]


def which_stand(booking_ids: Sequence[int]) -> dict[int, dt.datetime]:
    """Which of these bookings are confirmed, and when they begin."""
    wanted = select(Booking.id, Booking.starts_at).where(Booking.id.in_(booking_ids), Booking.state == "confirmed")
    return {row.id: row.starts_at for row in db.session.execute(wanted)}


def find_own(booking_id: int, *, customer_id: int) -> Booking:
    """A customer's own booking, not locked. Raises BookingUnknown for somebody else's too."""
    booking = db.session.get(Booking, booking_id)
    if booking is None or booking.customer_id != customer_id:
        raise BookingUnknown
    return booking


def next_of(customer_id: ColumnElement[int], *, now: ColumnElement[dt.datetime] = NOW) -> LateralFromClause:
    """A customer's next confirmed booking as a lateral subquery of at most one row, to be outer-joined.

    Columns: booking_id, service, store_id, starts_at, ends_at. `now` is by default the statement's own parameter `now`.
    """
    booking, service = Booking.__table__.c, BookingService.__table__.c
    return (
        select(
            booking.id.label("booking_id"),
            service.name.label("service"),
            booking.store_id,
            booking.starts_at,
            booking.ends_at,
        )
        .select_from(Booking.__table__.join(BookingService.__table__, service.id == booking.service_id))
        .where(booking.customer_id == customer_id, booking.state == "confirmed", booking.ends_at > now)
        .order_by(booking.starts_at)
        .limit(1)
        .lateral("next_booking")
    )


def find_waiting(waiting_id: int, *, customer_id: int, lock: bool = False) -> BookingWaiting | None:
    """A customer's own entry of the waiting list."""
    return db.session.get(
        BookingWaiting, (customer_id, waiting_id), with_for_update=lock or None, populate_existing=lock
    )


def called(customer_id: int) -> str:
    """What to call a person at the counter: the name on the card, or the tail of the phone number (G08)."""
    if members.are_members([customer_id]) and (name := members.get_member(customer_id).full_name):
        return str(name)
    phone = identity.phones.find_phone(customer_id)
    return f"尾号 {phone[-4:]}" if phone else "顾客"


@dataclass(frozen=True)
class Visit:
    """A booking of today as the store's staff see it."""

    id: int
    service_name: str
    person: str
    resource_name: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    state: str
    health_note: str | None


def list_today(*, store_id: int, now: dt.datetime) -> list[Visit]:
    """Who comes to a store today, in order; health notes are for these people's eyes and this day only (K11)."""
    begins, ends = rules.day_bounds(rules.day_of(now, zone_of(store_id)), zone_of(store_id))
    todays = (
        select(Booking, BookingService.name, BookingResource.name)
        .join(BookingService, BookingService.id == Booking.service_id)
        .join(BookingResource, BookingResource.id == Booking.resource_id)
        .where(Booking.store_id == store_id, Booking.starts_at >= begins, Booking.starts_at < ends)
        .where(Booking.state.not_in(("held", "expired", "cancelled")))
        .order_by(Booking.starts_at, Booking.id)
    )
    return [
        Visit(
            row.id, service, called(row.customer_id), resource, row.starts_at, row.ends_at, row.state, row.health_note
        )
        for row, service, resource in db.session.execute(todays)
    ]


def zone_of(store_id: int) -> zoneinfo.ZoneInfo:
    """The zone of a store's wall clock."""
    return zoneinfo.ZoneInfo(stores.get_store(store_id).zone)


def is_taken(booking: Booking, *, now: dt.datetime) -> bool:
    """Somebody else occupies the place of a booking, or its resource is away."""
    taken = _taken([booking.resource_id], booking.starts_at, booking.ends_at, now=now, but=booking.id)
    return bool(taken[booking.resource_id])
