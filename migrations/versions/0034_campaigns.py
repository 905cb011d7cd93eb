"""Campaigns, the lists they go to, and the orders that followed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "recipient_list",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lines", sa.BigInteger(), nullable=False),
        sa.Column("found", sa.BigInteger(), nullable=False),
        sa.Column("unknown", sa.BigInteger(), nullable=False),
        sa.Column("repeated", sa.BigInteger(), nullable=False),
        sa.Column("imported_by", sa.BigInteger(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recipient_list"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("waves", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("control_percent", sa.BigInteger(), nullable=False),
        sa.Column("goal_days", sa.BigInteger(), nullable=False),
        sa.Column("dispatch_ids", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("planned_after_id", sa.BigInteger(), nullable=False),
        sa.Column("planned", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'planning', 'running', 'paused', 'stopped', 'ended')",
            name="state",
        ),
        sa.CheckConstraint("control_percent BETWEEN 0 AND 50", name="control"),
        sa.CheckConstraint("goal_days BETWEEN 1 AND 60", name="goal"),
        sa.ForeignKeyConstraint(["list_id"], ["recipient_list.id"], name="fk_campaign_list_id"),
        sa.ForeignKeyConstraint(["purpose_id"], ["message_purpose.id"], name="fk_campaign_purpose_id"),
        sa.PrimaryKeyConstraint("id", name="pk_campaign"),
    )
    op.create_index(
        "ix_campaign_open",
        "campaign",
        ["state", "starts_at"],
        unique=False,
        postgresql_where=sa.text("state NOT IN ('stopped', 'ended')"),
    )
    op.create_index("uq_campaign_purpose_id", "campaign", ["purpose_id"], unique=True)
    op.create_table(
        "recipient",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_recipient_customer_id"),
        sa.ForeignKeyConstraint(["list_id"], ["recipient_list.id"], name="fk_recipient_list_id"),
        sa.PrimaryKeyConstraint("customer_id", "list_id", "born_customer_id", name="pk_recipient"),
    )
    op.create_index("ix_recipient_list_id", "recipient", ["list_id", "customer_id"], unique=False)
    op.create_table(
        "campaign_order",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("base_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("arm IN ('treated', 'control')", name="arm"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name="fk_campaign_order_campaign_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_campaign_order_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "campaign_id", "order_id", name="pk_campaign_order"),
    )
    op.create_index(
        "ix_campaign_order_campaign_id", "campaign_order", ["campaign_id", "arm", "customer_id"], unique=False
    )
    op.create_index("ix_campaign_order_order_id", "campaign_order", ["order_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_campaign_order_order_id", table_name="campaign_order")
    op.drop_index("ix_campaign_order_campaign_id", table_name="campaign_order")
    op.drop_table("campaign_order")
    op.drop_index("ix_recipient_list_id", table_name="recipient")
    op.drop_table("recipient")
    op.drop_index("uq_campaign_purpose_id", table_name="campaign")
    op.drop_index(
        "ix_campaign_open", table_name="campaign", postgresql_where=sa.text("state NOT IN ('stopped', 'ended')")
    )
    op.drop_table("campaign")
    op.drop_table("recipient_list")
