"""Pairs of customers whose weak evidence is alike, for a person to decide."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "identity_proposal",
        sa.Column("low_born_id", sa.BigInteger, nullable=False),
        sa.Column("high_born_id", sa.BigInteger, nullable=False),
        sa.Column("low_customer_id", sa.BigInteger, nullable=False),
        sa.Column("high_customer_id", sa.BigInteger, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("levels", JSONB, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("verdict", sa.Text),
        sa.Column("staff_id", sa.BigInteger),
        sa.PrimaryKeyConstraint("low_born_id", "high_born_id", name="pk_identity_proposal"),
        sa.ForeignKeyConstraint(["low_customer_id"], ["customer.id"], name="fk_identity_proposal_low_customer_id"),
        sa.ForeignKeyConstraint(["high_customer_id"], ["customer.id"], name="fk_identity_proposal_high_customer_id"),
        sa.CheckConstraint("low_born_id < high_born_id", name="one_way"),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name="probability"),
        sa.CheckConstraint("verdict IN ('same', 'apart', 'unclear')", name="verdict"),
        sa.CheckConstraint("(settled_at IS NULL) = (verdict IS NULL)", name="settled"),
    )
    op.create_index("ix_identity_proposal_low_customer_id", "identity_proposal", ["low_customer_id"])
    op.create_index("ix_identity_proposal_high_customer_id", "identity_proposal", ["high_customer_id"])
    op.create_index(
        "ix_identity_proposal_open",
        "identity_proposal",
        [sa.text("score DESC"), "low_born_id", "high_born_id"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("identity_proposal")
