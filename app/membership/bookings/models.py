"""Tables of bookings.

`booking` is the registry of who occupies which seat when: its exclusion constraint spans customers, so its key is its own id
and it stays on one node; what grows with customers beside it (log, waiting list) is keyed by customer.
"""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText
from app.kernel.database import Base
from app.kernel.personal import not_personal, personal
from app.kernel.policy import policy
from app.membership.bookings import rules

policy("bookings")(rules.BookingPolicy)

OPEN = "state IN ('held', 'confirmed')"
OCCUPIES = "state IN ('held', 'confirmed', 'redeemed')"


class BookingService(Base):
    """What can be booked. `universal` (通用): redeemable in every store; `points_price` is paid when confirming."""

    __tablename__ = "booking_service"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),
        CheckConstraint("needs IN ('seat', 'staff')", name="needs"),
        CheckConstraint("points_price >= 0", name="points_price"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    minutes: Mapped[int]
    needs: Mapped[str]
    universal: Mapped[bool] = mapped_column(default=False)
    takes_health_note: Mapped[bool] = mapped_column(default=False, info=not_personal("whether a service asks for one"))
    points_price: Mapped[int] = mapped_column(default=0)
    keeps_points_of_no_show: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)
    builtin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class BookingResource(Base):
    """A seat, or a person with working hours, of one store."""

    __tablename__ = "booking_resource"
    __table_args__ = (
        UniqueConstraint("store_id", "name"),
        CheckConstraint("kind IN ('seat', 'staff')", name="kind"),
        CheckConstraint("(kind = 'staff') = (staff_id IS NOT NULL)", name="staff_has_a_person"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    kind: Mapped[str]
    name: Mapped[str]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    builtin: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)


class BookingOffer(Base):
    """A resource can do a service."""

    __tablename__ = "booking_offer"
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id"), primary_key=True, index=True)


class BookingHours(Base):
    """Working hours of a resource on a weekday (Monday is 0), in minutes of the store's wall clock; a gap is a break."""

    __tablename__ = "booking_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="within_a_day"),
    )
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opens: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closes: Mapped[int]


class BookingAbsence(Base):
    """A resource is away: somebody ill, a store closed (K10)."""

    __tablename__ = "booking_absence"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="has_length"),
        Index("ix_booking_absence_resource_id_ends_at", "resource_id", "ends_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    why: Mapped[str]


class Booking(Base):
    """One booking. Held, confirmed and redeemed occupy the resource; held and confirmed are open and have a place 1..3."""

    __tablename__ = "booking"
    __table_args__ = (
        ExcludeConstraint(
            (literal_column("resource_id"), "="),
            (func.tstzrange(literal_column("starts_at"), literal_column("ends_at")), "&&"),
            where=OCCUPIES,
            using="gist",
            name="ex_booking_one_at_a_time",
        ),
        CheckConstraint(
            "state IN ('held', 'confirmed', 'redeemed', 'done', 'cancelled', 'no_show', 'expired')", name="state"
        ),
        CheckConstraint("starts_at < ends_at", name="has_length"),
        CheckConstraint("(state = 'held') = (hold_until IS NOT NULL)", name="held_until"),
        CheckConstraint(f"({OPEN}) = (place IS NOT NULL)", name="open_has_a_place"),
        CheckConstraint("place >= 1", name="place"),
        CheckConstraint("moves BETWEEN 0 AND 1", name="moved_once"),
        UniqueConstraint("code"),
        # Two who were merged may each have brought an open one: the self is in the keys, `seats.write_hold` keeps the person's
        # limits.
        Index(
            "uq_booking_one_open_per_service",
            "customer_id",
            "service_id",
            "born_customer_id",
            unique=True,
            postgresql_where=OPEN,
        ),
        Index("uq_booking_place", "customer_id", "place", "born_customer_id", unique=True, postgresql_where=OPEN),
        Index("ix_booking_customer_id_starts_at_id", "customer_id", "starts_at", "id"),
        Index("ix_booking_hold_until", "hold_until", postgresql_where="state = 'held'"),
        Index("ix_booking_over", "ends_at", postgresql_where="state IN ('confirmed', 'redeemed')"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("booking_resource.id"))
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    state: Mapped[str]
    place: Mapped[int | None]
    hold_until: Mapped[dt.datetime | None]
    code: Mapped[str]
    online: Mapped[bool]
    points_paid: Mapped[int] = mapped_column(default=0)
    moves: Mapped[int] = mapped_column(default=0)
    health_note: Mapped[str | None] = mapped_column(
        EncryptedText, info=personal("serve safely", "consent", "until the visit is over")
    )
    created_at: Mapped[dt.datetime]
    redeemed_at: Mapped[dt.datetime | None]
    redeemed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    redeemed_store_id: Mapped[int | None] = mapped_column(ForeignKey("store.id"))
    ended_at: Mapped[dt.datetime | None]
    orphaned_at: Mapped[dt.datetime | None]


class BookingLog(Base):
    """What happened to a booking, by whom and why; only added to."""

    __tablename__ = "booking_log"
    __table_args__ = (Index("ix_booking_log_booking_id", "booking_id"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"))
    what: Mapped[str]
    at: Mapped[dt.datetime]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    why: Mapped[str | None]


class BookingWaiting(Base):
    """Somebody waits for a place on a day. Offered: `booking_id` is held for them until its `hold_until`."""

    __tablename__ = "booking_waiting"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'accepted', 'missed', 'left', 'over')", name="state"),
        CheckConstraint("(state IN ('offered', 'accepted')) <= (booking_id IS NOT NULL)", name="offered_a_booking"),
        Index(
            "uq_booking_waiting_once",
            "customer_id",
            "service_id",
            "store_id",
            "day",
            "born_customer_id",
            unique=True,
            postgresql_where="state IN ('waiting', 'offered')",
        ),
        Index("ix_booking_waiting_queue", "day", "id", postgresql_where="state IN ('waiting', 'offered')"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    service_id: Mapped[int] = mapped_column(ForeignKey("booking_service.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"))
    day: Mapped[dt.date] = mapped_column(Date)
    state: Mapped[str]
    joined_at: Mapped[dt.datetime]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
