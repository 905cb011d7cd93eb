"""People and places: customers, their ids, conflicts between them; stores; staff and teams."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
LIVING = sa.text("until IS NULL")


def upgrade() -> None:
    # Part of PostgreSQL's own contrib, trusted: the owner of a database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS cube")
    _identity()
    _stores()
    _teams()


def _identity() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("value_index", sa.LargeBinary, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.Column("why_ended", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_identity"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_identity_customer_id"),
        sa.CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
        sa.CheckConstraint("(until IS NULL) = (why_ended IS NULL)", name="ended"),
    )
    op.create_index(
        "uq_identity_living", "identity", ["kind", "scope", "value_index"], unique=True, postgresql_where=LIVING
    )
    op.create_index("ix_identity_customer_id", "identity", ["customer_id"])
    op.create_table(
        "identity_conflict",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("other_customer_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("value_index", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT),
        sa.PrimaryKeyConstraint(
            "customer_id", "other_customer_id", "kind", "scope", "value_index", name="pk_identity_conflict"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_identity_conflict_customer_id"),
        sa.ForeignKeyConstraint(["other_customer_id"], ["customer.id"], name="fk_identity_conflict_other_customer_id"),
    )


def _stores() -> None:
    op.create_table(
        "store",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("city", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("phone", sa.Text),
        sa.Column("latitude", sa.Double, nullable=False),
        sa.Column("longitude", sa.Double, nullable=False),
        sa.Column("x", sa.Double, nullable=False),
        sa.Column("y", sa.Double, nullable=False),
        sa.Column("z", sa.Double, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("services", ARRAY(sa.Text), nullable=False),
        sa.Column("hours", JSONB, nullable=False),
        sa.Column("special_days", JSONB, nullable=False),
        sa.Column("closed_on", sa.Date),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_store"),
        sa.UniqueConstraint("code", name="uq_store_code"),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180", name="place"),
    )
    op.create_index("ix_store_place", "store", [sa.text("cube(ARRAY[x, y, z])")], postgresql_using="gist")


def _teams() -> None:
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("code", name="uq_team_code"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("team_id", sa.BigInteger),
        sa.Column("phone", sa.LargeBinary),
        sa.Column("phone_index", sa.LargeBinary),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.Column("why_left", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("code", name="uq_staff_code"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name="fk_staff_team_id"),
        sa.CheckConstraint(
            "role IN ('guide', 'clerk', 'store_manager', 'community', 'lead', 'marketer', 'analyst', 'admin')",
            name="role",
        ),
        sa.CheckConstraint("(left_at IS NULL) = (why_left IS NULL)", name="left"),
    )
    op.create_index("ix_staff_team_id", "staff", ["team_id"])
    op.create_index("ix_staff_phone_index", "staff", ["phone_index"], postgresql_where=sa.text("left_at IS NULL"))
    op.create_table(
        "staff_store",
        sa.Column("staff_id", sa.BigInteger, nullable=False),
        sa.Column("store_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "store_id", name="pk_staff_store"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_store_staff_id"),
        sa.ForeignKeyConstraint(["store_id"], ["store.id"], name="fk_staff_store_store_id"),
    )
    op.create_index("ix_staff_store_store_id", "staff_store", ["store_id"])


def downgrade() -> None:
    for table in ("staff_store", "staff", "team", "store", "identity_conflict", "identity", "customer"):
        op.drop_table(table)
    op.execute("DROP EXTENSION cube")
