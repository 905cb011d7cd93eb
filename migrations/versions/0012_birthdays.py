"""Finding the birthdays of a day."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index(
        "ix_member_birthday",
        "member",
        [sa.text("EXTRACT(month FROM birthday)"), sa.text("EXTRACT(day FROM birthday)"), "customer_id"],
        postgresql_where=sa.text("birthday IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_member_birthday", "member")
