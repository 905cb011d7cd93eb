"""Coupons: templates and their counters, coupons, codes, uses, grants in bulk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "coupon_code",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("coupon_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_coupon_code"),
    )
    op.create_table(
        "coupon_template",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("value_fen", sa.BigInteger, nullable=False),
        sa.Column("percent", sa.BigInteger),
        sa.Column("cap_fen", sa.BigInteger),
        sa.Column("threshold_fen", sa.BigInteger, nullable=False),
        sa.Column("scope", JSONB, nullable=False),
        sa.Column("with_member_price", sa.Boolean, nullable=False),
        sa.Column("with_points", sa.Boolean, nullable=False),
        sa.Column("valid_days", sa.BigInteger),
        sa.Column("starts_at", MOMENT),
        sa.Column("ends_before", MOMENT),
        sa.Column("extends_days", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("take_from", MOMENT),
        sa.Column("take_before", MOMENT),
        sa.Column("per_customer", sa.BigInteger, nullable=False),
        sa.Column("public", sa.Boolean, nullable=False),
        sa.Column("occasion", sa.Text),
        sa.Column("from_pool", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("approved_by", sa.ARRAY(sa.BigInteger), nullable=False),
        sa.Column("built_in", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(kind = 'discount') = (percent IS NOT NULL)", name="percent_of_discount"),
        sa.CheckConstraint("kind IN ('cash', 'discount', 'exchange', 'freight')", name="kind_known"),
        sa.CheckConstraint("level IN ('product', 'order', 'freight')", name="level_known"),
        sa.CheckConstraint("state IN ('draft', 'open', 'taking_stopped', 'use_stopped')", name="state_known"),
        sa.CheckConstraint("(valid_days IS NULL) <> (ends_before IS NULL)", name="one_validity"),
        sa.CheckConstraint("per_customer > 0 AND value_fen >= 0 AND threshold_fen >= 0", name="sums_whole"),
        sa.PrimaryKeyConstraint("id", name="pk_coupon_template"),
        sa.UniqueConstraint("code", name="uq_coupon_template_code"),
    )
    op.create_index("ix_coupon_template_occasion", "coupon_template", ["occasion"])
    op.create_table(
        "coupon_use",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("coupon_id", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("order_id", sa.BigInteger),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("store_id", sa.BigInteger),
        sa.Column("staff_id", sa.BigInteger),
        sa.Column("till", sa.Text),
        sa.Column("given_back_at", MOMENT),
        sa.Column("given_back_why", sa.Text),
        sa.PrimaryKeyConstraint("customer_id", "coupon_id", "cause", name="pk_coupon_use"),
    )
    op.create_index(
        "ix_coupon_use_order_id", "coupon_use", ["order_id"], postgresql_where=sa.text("order_id IS NOT NULL")
    )
    op.create_index(
        "uq_coupon_use_standing",
        "coupon_use",
        ["customer_id", "coupon_id"],
        unique=True,
        postgresql_where=sa.text("given_back_at IS NULL"),
    )
    op.create_table(
        "coupon",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("template_id", sa.BigInteger, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("taken", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_before", MOMENT, nullable=False),
        sa.Column("locked_until", MOMENT),
        sa.Column("locked_for", sa.Text),
        sa.Column("redeemed_at", MOMENT),
        sa.Column("redeemed_store_id", sa.BigInteger),
        sa.Column("ended_at", MOMENT),
        sa.CheckConstraint("(state = 'locked') = (locked_until IS NOT NULL)", name="locked_until_when"),
        sa.CheckConstraint("state IN ('usable', 'locked', 'redeemed', 'expired', 'void')", name="state_known"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_coupon_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_coupon"),
    )
    op.create_index("ix_coupon_ends_before", "coupon", ["ends_before"], postgresql_where=sa.text("state = 'usable'"))
    op.create_index("ix_coupon_locked_until", "coupon", ["locked_until"], postgresql_where=sa.text("state = 'locked'"))
    op.create_index("uq_coupon_customer_id_cause", "coupon", ["customer_id", "cause"], unique=True)
    op.create_table(
        "coupon_batch",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("template_id", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("wanted", sa.BigInteger, nullable=False),
        sa.Column("granted", sa.BigInteger, nullable=False),
        sa.Column("left_out", sa.BigInteger, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["template_id"], ["coupon_template.id"], name="fk_coupon_batch_template_id"),
        sa.PrimaryKeyConstraint("id", name="pk_coupon_batch"),
        sa.UniqueConstraint("cause", name="uq_coupon_batch_cause"),
    )
    op.create_table(
        "coupon_holding",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("template_id", sa.BigInteger, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.CheckConstraint("taken >= 0", name="no_debt"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_coupon_holding_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "template_id", name="pk_coupon_holding"),
    )
    op.create_table(
        "coupon_pool_code",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("template_id", sa.BigInteger, nullable=False),
        sa.Column("given_at", MOMENT),
        sa.ForeignKeyConstraint(["template_id"], ["coupon_template.id"], name="fk_coupon_pool_code_template_id"),
        sa.PrimaryKeyConstraint("code", name="pk_coupon_pool_code"),
    )
    op.create_index(
        "ix_coupon_pool_code_template_id_code",
        "coupon_pool_code",
        ["template_id", "code"],
        postgresql_where=sa.text("given_at IS NULL"),
    )
    op.create_table(
        "coupon_stock",
        sa.Column("template_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("budget_fen", sa.BigInteger),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("promised_fen", sa.BigInteger, nullable=False),
        sa.Column("alarmed_at", MOMENT),
        sa.CheckConstraint(
            "promised_fen >= 0 AND (budget_fen IS NULL OR promised_fen <= budget_fen)",
            name="within_budget",
        ),
        sa.CheckConstraint("taken >= 0 AND (total IS NULL OR taken <= total)", name="within_total"),
        sa.ForeignKeyConstraint(["template_id"], ["coupon_template.id"], name="fk_coupon_stock_template_id"),
        sa.PrimaryKeyConstraint("template_id", name="pk_coupon_stock"),
    )


def downgrade() -> None:
    for table in (
        "coupon_stock",
        "coupon_pool_code",
        "coupon_holding",
        "coupon_batch",
        "coupon",
        "coupon_use",
        "coupon_template",
        "coupon_code",
    ):
        op.drop_table(table)
