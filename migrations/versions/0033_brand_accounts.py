"""What is known of the brand's accounts beside their secrets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "brand_account",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("synced_at", sa.DateTime(timezone=True)),
        sa.Column("tried_at", sa.DateTime(timezone=True)),
        sa.Column("trouble", sa.Text),
        sa.Column("quotas", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_brand_account"),
    )


def downgrade() -> None:
    op.drop_table("brand_account")
