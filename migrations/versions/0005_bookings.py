"""Bookings: services, seats and people with their hours, bookings with their exclusion, log, waiting list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ExcludeConstraint

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
OPEN = "state IN ('held', 'confirmed')"
WAITS = "state IN ('waiting', 'offered')"


def number() -> sa.Column:
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False)


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _services()
    _resources()
    _bookings()
    _beside_bookings()


def _services() -> None:
    op.create_table(
        "booking_service",
        number(),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("minutes", sa.BigInteger, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("universal", sa.Boolean, nullable=False),
        sa.Column("takes_health_note", sa.Boolean, nullable=False),
        sa.Column("points_price", sa.BigInteger, nullable=False),
        sa.Column("keeps_points_of_no_show", sa.Boolean, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("builtin", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking_service"),
        sa.UniqueConstraint("name", name="uq_booking_service_name"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 480", name="minutes"),
        sa.CheckConstraint("needs IN ('seat', 'staff')", name="needs"),
        sa.CheckConstraint("points_price >= 0", name="points_price"),
    )


def _resources() -> None:
    op.create_table(
        "booking_resource",
        number(),
        sa.Column(
            "store_id", sa.BigInteger, sa.ForeignKey("store.id", name="fk_booking_resource_store_id"), nullable=False
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("staff_id", sa.BigInteger, sa.ForeignKey("staff.id", name="fk_booking_resource_staff_id")),
        sa.Column("builtin", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking_resource"),
        sa.UniqueConstraint("store_id", "name", name="uq_booking_resource_store_id_name"),
        sa.CheckConstraint("kind IN ('seat', 'staff')", name="kind"),
        sa.CheckConstraint("(kind = 'staff') = (staff_id IS NOT NULL)", name="staff_has_a_person"),
    )
    op.create_index("ix_booking_resource_staff_id", "booking_resource", ["staff_id"])
    resource = sa.ForeignKey("booking_resource.id", name="fk_booking_offer_resource_id")
    service = sa.ForeignKey("booking_service.id", name="fk_booking_offer_service_id")
    op.create_table(
        "booking_offer",
        sa.Column("resource_id", sa.BigInteger, resource, nullable=False),
        sa.Column("service_id", sa.BigInteger, service, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "service_id", name="pk_booking_offer"),
    )
    op.create_index("ix_booking_offer_service_id", "booking_offer", ["service_id"])
    op.create_table(
        "booking_hours",
        sa.Column(
            "resource_id",
            sa.BigInteger,
            sa.ForeignKey("booking_resource.id", name="fk_booking_hours_resource_id"),
            nullable=False,
        ),
        sa.Column("weekday", sa.BigInteger, nullable=False),
        sa.Column("opens", sa.BigInteger, nullable=False),
        sa.Column("closes", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "weekday", "opens", name="pk_booking_hours"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("0 <= opens AND opens < closes AND closes <= 1440", name="within_a_day"),
    )
    op.create_table(
        "booking_absence",
        number(),
        sa.Column(
            "resource_id",
            sa.BigInteger,
            sa.ForeignKey("booking_resource.id", name="fk_booking_absence_resource_id"),
            nullable=False,
        ),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_booking_absence"),
        sa.CheckConstraint("starts_at < ends_at", name="has_length"),
    )
    op.create_index("ix_booking_absence_resource_id_ends_at", "booking_absence", ["resource_id", "ends_at"])


def _bookings() -> None:
    op.create_table(
        "booking",
        number(),
        sa.Column(
            "customer_id", sa.BigInteger, sa.ForeignKey("customer.id", name="fk_booking_customer_id"), nullable=False
        ),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column(
            "service_id",
            sa.BigInteger,
            sa.ForeignKey("booking_service.id", name="fk_booking_service_id"),
            nullable=False,
        ),
        sa.Column("store_id", sa.BigInteger, sa.ForeignKey("store.id", name="fk_booking_store_id"), nullable=False),
        sa.Column(
            "resource_id",
            sa.BigInteger,
            sa.ForeignKey("booking_resource.id", name="fk_booking_resource_id"),
            nullable=False,
        ),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger),
        sa.Column("hold_until", MOMENT),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("points_paid", sa.BigInteger, nullable=False),
        sa.Column("moves", sa.BigInteger, nullable=False),
        sa.Column("health_note", sa.LargeBinary),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("redeemed_at", MOMENT),
        sa.Column("redeemed_by", sa.BigInteger, sa.ForeignKey("staff.id", name="fk_booking_redeemed_by")),
        sa.Column("redeemed_store_id", sa.BigInteger, sa.ForeignKey("store.id", name="fk_booking_redeemed_store_id")),
        sa.Column("ended_at", MOMENT),
        sa.Column("orphaned_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_booking"),
        sa.UniqueConstraint("code", name="uq_booking_code"),
        ExcludeConstraint(
            (sa.literal_column("resource_id"), "="),
            (sa.func.tstzrange(sa.literal_column("starts_at"), sa.literal_column("ends_at")), "&&"),
            where="state IN ('held', 'confirmed', 'redeemed')",
            using="gist",
            name="ex_booking_one_at_a_time",
        ),
        sa.CheckConstraint(
            "state IN ('held', 'confirmed', 'redeemed', 'done', 'cancelled', 'no_show', 'expired')",
            name="state",
        ),
        sa.CheckConstraint("starts_at < ends_at", name="has_length"),
        sa.CheckConstraint("(state = 'held') = (hold_until IS NOT NULL)", name="held_until"),
        sa.CheckConstraint(f"({OPEN}) = (place IS NOT NULL)", name="open_has_a_place"),
        sa.CheckConstraint("place >= 1", name="place"),
        sa.CheckConstraint("moves BETWEEN 0 AND 1", name="moved_once"),
    )
    where = {"postgresql_where": sa.text(OPEN)}
    op.create_index("uq_booking_one_open_per_service", "booking", ["customer_id", "service_id"], unique=True, **where)
    op.create_index("uq_booking_place", "booking", ["customer_id", "place"], unique=True, **where)
    op.create_index("ix_booking_customer_id_starts_at_id", "booking", ["customer_id", "starts_at", "id"])
    op.create_index("ix_booking_hold_until", "booking", ["hold_until"], postgresql_where=sa.text("state = 'held'"))
    over = sa.text("state IN ('confirmed', 'redeemed')")
    op.create_index("ix_booking_over", "booking", ["ends_at"], postgresql_where=over)


def _beside_bookings() -> None:
    op.create_table(
        "booking_log",
        sa.Column(
            "customer_id",
            sa.BigInteger,
            sa.ForeignKey("customer.id", name="fk_booking_log_customer_id"),
            nullable=False,
        ),
        number(),
        sa.Column(
            "booking_id", sa.BigInteger, sa.ForeignKey("booking.id", name="fk_booking_log_booking_id"), nullable=False
        ),
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("staff_id", sa.BigInteger, sa.ForeignKey("staff.id", name="fk_booking_log_staff_id")),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_booking_log"),
    )
    op.create_index("ix_booking_log_booking_id", "booking_log", ["booking_id"])
    op.create_table(
        "booking_waiting",
        sa.Column(
            "customer_id",
            sa.BigInteger,
            sa.ForeignKey("customer.id", name="fk_booking_waiting_customer_id"),
            nullable=False,
        ),
        number(),
        sa.Column(
            "service_id",
            sa.BigInteger,
            sa.ForeignKey("booking_service.id", name="fk_booking_waiting_service_id"),
            nullable=False,
        ),
        sa.Column(
            "store_id", sa.BigInteger, sa.ForeignKey("store.id", name="fk_booking_waiting_store_id"), nullable=False
        ),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("booking_id", sa.BigInteger, sa.ForeignKey("booking.id", name="fk_booking_waiting_booking_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_booking_waiting"),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'accepted', 'missed', 'left', 'over')", name="state"),
        sa.CheckConstraint(
            "(state IN ('offered', 'accepted')) <= (booking_id IS NOT NULL)",
            name="offered_a_booking",
        ),
    )
    where = {"postgresql_where": sa.text(WAITS)}
    once = ["customer_id", "service_id", "store_id", "day"]
    op.create_index("uq_booking_waiting_once", "booking_waiting", once, unique=True, **where)
    op.create_index("ix_booking_waiting_queue", "booking_waiting", ["day", "id"], **where)


def downgrade() -> None:
    for table in (
        "booking_waiting",
        "booking_log",
        "booking",
        "booking_absence",
        "booking_hours",
        "booking_offer",
        "booking_resource",
        "booking_service",
    ):
        op.drop_table(table)
