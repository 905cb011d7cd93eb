"""Receipts that are claimed: failed attempts of a day."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "order_claim_attempts",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "day", name="pk_order_claim_attempts"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_order_claim_attempts_customer_id"),
        sa.CheckConstraint("failures >= 0", name="counted"),
    )


def downgrade() -> None:
    op.drop_table("order_claim_attempts")
