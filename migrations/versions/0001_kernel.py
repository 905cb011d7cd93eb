"""The kernel's own tables: outbox, request keys, job runs, the brand's settings, the test clock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("payload", JSONB, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("ix_outbox_due", "outbox", ["due_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_table(
        "request_key",
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.BigInteger, nullable=False),
        sa.Column("answer", JSONB, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_request_key"),
    )
    op.create_index("ix_request_key_answered_at", "request_key", ["answered_at"])
    op.create_table(
        "job",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("cron", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_job"),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.Text, nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT),
        sa.Column("outcome", sa.Text),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.Column("detail", sa.Text),
        sa.PrimaryKeyConstraint("job", "planned_at", name="pk_job_run"),
    )
    op.create_table(
        "brand_policy",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("values", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_brand_policy"),
    )
    op.create_table(
        "clock_offset",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("offset_seconds", sa.Numeric, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_clock_offset"),
        sa.CheckConstraint("id = 1", name="only_one"),
    )


def downgrade() -> None:
    for table in ("clock_offset", "brand_policy", "job_run", "job", "request_key", "outbox"):
        op.drop_table(table)
