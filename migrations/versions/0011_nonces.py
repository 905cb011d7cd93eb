"""Nonces of signed requests."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "spent_nonce",
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("caller", "nonce", name="pk_spent_nonce"),
    )
    op.create_index("ix_spent_nonce_spent_at", "spent_nonce", ["spent_at"])


def downgrade() -> None:
    op.drop_table("spent_nonce")
