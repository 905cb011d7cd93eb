"""What people agreed to, and who looked at them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "consent",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("granted", sa.Boolean, nullable=False),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_consent"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_consent_customer_id"),
    )
    op.create_table(
        "look",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("looked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_look"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_look_customer_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_look_staff_id"),
    )
    op.create_index("ix_look_staff_id", "look", ["staff_id"])


def downgrade() -> None:
    op.drop_table("look")
    op.drop_table("consent")
