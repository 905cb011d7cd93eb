"""Files of observations and how far they are read."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

MOMENT = sa.DateTime(timezone=True)
COUNTED = ("at_offset", "at_line", "read", "refused", "problems", "blocked", "new_ids", "new_people", "merged")


def upgrade() -> None:
    op.create_table(
        "identity_import",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("by_worker", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTED),
        sa.Column("ordered_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("trouble", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_identity_import"),
        sa.CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
    )
    op.create_index("uq_identity_import_digest", "identity_import", ["digest"], unique=True)
    op.create_index(
        "ix_identity_import_waiting", "identity_import", ["id"], postgresql_where=sa.text("finished_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("identity_import")
