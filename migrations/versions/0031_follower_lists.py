"""When the platform was asked about a follower, and how far its whole list is read."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("follower", sa.Column("asked_at", MOMENT))
    op.add_column("follower_list", sa.Column("read_at", MOMENT))


def downgrade() -> None:
    op.drop_column("follower_list", "read_at")
    op.drop_column("follower", "asked_at")
