"""Receipts that come before our own answer is written; one message at a time also while people become one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.create_table(
        "message_receipt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("outcome IN ('delivered', 'failed')", name=op.f("ck_message_receipt_outcome")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_receipt")),
    )
    op.create_index(
        "uq_message_receipt_platform_id",
        "message_receipt",
        ["account", "platform_id"],
        unique=True,
        postgresql_where=sa.text("platform_id IS NOT NULL"),
    )
    op.create_index(
        "uq_message_receipt_told",
        "message_receipt",
        ["account", "born_customer_id", "template_id", "at"],
        unique=True,
        postgresql_where=sa.text("platform_id IS NULL"),
    )
    op.create_index("ix_message_receipt_taken_at", "message_receipt", ["taken_at"])
    op.add_column("delivery", sa.Column("detail", postgresql.JSONB(), nullable=True))
    _one_at_a_time("customer_id", "born_customer_id")


def downgrade() -> None:
    _one_at_a_time("customer_id")
    op.drop_column("delivery", "detail")
    op.drop_table("message_receipt")


def _one_at_a_time(*columns: str) -> None:
    """The index holds what is being sent at this moment: some dozens of rows."""
    op.execute("-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX uq_delivery_one_at_a_time")
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        f"CREATE UNIQUE INDEX uq_delivery_one_at_a_time ON delivery ({', '.join(columns)}) WHERE state = 'sending'"
    )
