"""How far a day's look ahead has come."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "notice_look_ahead",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("after_id", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("name", "day", name="pk_notice_look_ahead"),
    )


def downgrade() -> None:
    op.drop_table("notice_look_ahead")
