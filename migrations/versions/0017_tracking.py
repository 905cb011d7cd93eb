"""The one stream of events, by month; keys of what was told; how far each kind was forgotten.

Months are not made here: which there are depends on the clock, which a migration does not know.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("customer_id", sa.BigInteger),
        sa.Column("born_customer_id", sa.BigInteger),
        sa.Column("visitor", sa.Uuid),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("at", "key", name="pk_event"),
        postgresql_partition_by="RANGE (at)",
    )
    op.create_index(
        "ix_event_customer_id", "event", ["customer_id", "at"], postgresql_where=sa.text("customer_id IS NOT NULL")
    )
    op.create_index(
        "ix_event_visitor",
        "event",
        ["visitor"],
        postgresql_where=sa.text("customer_id IS NULL AND visitor IS NOT NULL"),
    )
    op.create_table(
        "event_key",
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("forget_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_event_key"),
    )
    op.create_index("ix_event_key_forget_at", "event_key", ["forget_at"])
    op.create_table(
        "event_forgotten",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_event_forgotten"),
    )


def downgrade() -> None:
    op.drop_table("event_forgotten")
    op.drop_table("event_key")
    op.drop_table("event")
