"""Members: tiers, growth, cards, old cards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)


def _customer(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=f"fk_{table}_customer_id")


def upgrade() -> None:
    _programme()
    _member()
    _growth()
    _cards()


def _programme() -> None:
    op.create_table(
        "tier",
        sa.Column("level", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("threshold", sa.BigInteger, nullable=False),
        sa.Column("keep", sa.BigInteger, nullable=False),
        sa.Column("rate_percent", sa.BigInteger, nullable=False),
        sa.Column("benefits", JSONB, nullable=False),
        sa.Column("built_in", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("level", name="pk_tier"),
        sa.UniqueConstraint("code", name="uq_tier_code"),
        sa.CheckConstraint("threshold >= keep AND keep >= 0 AND rate_percent > 0", name="lines"),
    )
    op.create_table(
        "member_task",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("rewarded", sa.Boolean, nullable=False),
        sa.Column("built_in", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_member_task"),
    )


def _member() -> None:
    op.create_table(
        "member",
        sa.Column("customer_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("member_since", sa.Date, nullable=False),
        sa.Column("earns_since", MOMENT, nullable=False),
        sa.Column("gift", sa.Text),
        sa.Column("is_staff", sa.Boolean, nullable=False),
        sa.Column("notice_version", sa.Text, nullable=False),
        sa.Column("full_name", sa.LargeBinary),
        sa.Column("birthday", sa.Date),
        sa.Column("birthday_set_at", MOMENT),
        sa.Column("base_level", sa.BigInteger, nullable=False),
        sa.Column("counts_from", MOMENT, nullable=False),
        sa.Column("base_until", MOMENT, nullable=False),
        sa.Column("base_why", sa.Text, nullable=False),
        sa.Column("earned_level", sa.BigInteger, nullable=False),
        sa.Column("earned_since", MOMENT, nullable=False),
        sa.Column("earned_until", MOMENT, nullable=False),
        sa.Column("earned_why", sa.Text, nullable=False),
        sa.Column("growth", sa.BigInteger, nullable=False),
        sa.Column("kept", sa.BigInteger, nullable=False),
        sa.Column("given_level", sa.BigInteger),
        sa.Column("given_until", MOMENT),
        sa.Column("given_source", sa.Text),
        sa.Column("review_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", name="pk_member"),
        sa.UniqueConstraint("card_number", name="uq_member_card_number"),
        _customer("member"),
        sa.CheckConstraint("(given_level IS NULL) = (given_until IS NULL)", name="given_whole"),
        sa.CheckConstraint("gift IN ('new_customer', 'binding')", name="gift"),
    )
    op.create_index("ix_member_review_at", "member", ["review_at", "customer_id"])
    op.create_index(
        "ix_member_birthday",
        "member",
        [sa.text("EXTRACT(month FROM birthday)"), sa.text("EXTRACT(day FROM birthday)"), "customer_id"],
        postgresql_where=sa.text("birthday IS NOT NULL"),
    )


def _growth() -> None:
    op.create_table(
        "growth_entry",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.BigInteger),
        sa.Column("counts_at", MOMENT, nullable=False),
        sa.Column("of_at", MOMENT),
        sa.Column("happened_at", MOMENT, nullable=False),
        sa.Column("lift_level", sa.BigInteger),
        sa.Column("lift_until", MOMENT),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_growth_entry"),
        sa.UniqueConstraint("customer_id", "cause", name="uq_growth_entry_customer_id_cause"),
        _customer("growth_entry"),
        sa.CheckConstraint("(lift_level IS NULL) = (lift_until IS NULL)", name="lift_whole"),
        sa.CheckConstraint("why IN ('order', 'refund', 'old_card', 'task', 'correction')", name="why"),
    )
    op.create_index("ix_growth_entry_counts_at", "growth_entry", ["customer_id", "counts_at"])
    op.create_index(
        "ix_growth_entry_order_id",
        "growth_entry",
        ["customer_id", "order_id"],
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_table(
        "tier_period",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("level", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("voided_at", MOMENT),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_tier_period"),
        _customer("tier_period"),
        sa.CheckConstraint("source IN ('earned', 'given')", name="source"),
    )
    op.create_index("ix_tier_period_since", "tier_period", ["customer_id", "since"])


def _cards() -> None:
    op.create_table(
        "joining_gift_claim",
        sa.Column("person_hash", sa.LargeBinary, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("person_hash", name="pk_joining_gift_claim"),
    )
    op.create_table(
        "old_card",
        sa.Column("number_index", sa.LargeBinary, nullable=False),
        sa.Column("number", sa.LargeBinary, nullable=False),
        sa.Column("phone_index", sa.LargeBinary),
        sa.Column("name_hash", sa.LargeBinary),
        sa.Column("tier_level", sa.BigInteger, nullable=False),
        sa.Column("tier_until", MOMENT),
        sa.Column("growth", sa.BigInteger, nullable=False),
        sa.Column("lots", JSONB, nullable=False),
        sa.Column("joined_on", sa.Date),
        sa.Column("cut_over_at", MOMENT, nullable=False),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.Column("bound_customer_id", sa.BigInteger),
        sa.Column("bound_at", MOMENT),
        sa.PrimaryKeyConstraint("number_index", name="pk_old_card"),
        sa.CheckConstraint("(bound_customer_id IS NULL) = (bound_at IS NULL)", name="bound_whole"),
    )
    op.create_index("ix_old_card_bound_customer_id", "old_card", ["bound_customer_id"])
    op.create_index(
        "ix_old_card_phone_index", "old_card", ["phone_index"], postgresql_where=sa.text("bound_customer_id IS NULL")
    )
    op.create_table(
        "old_card_attempts",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "day", name="pk_old_card_attempts"),
        _customer("old_card_attempts"),
        sa.CheckConstraint("failures >= 0", name="counted"),
    )


def downgrade() -> None:
    for table in (
        "old_card_attempts",
        "old_card",
        "joining_gift_claim",
        "tier_period",
        "growth_entry",
        "member",
        "member_task",
        "tier",
    ):
        op.drop_table(table)
