"""When a lead corrected a member's birthday."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("member", sa.Column("birthday_corrected_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("member", "birthday_corrected_at")
