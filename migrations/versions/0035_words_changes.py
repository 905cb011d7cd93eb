"""Who changed what messages say."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "message_words_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("changed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("said", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("act IN ('saved', 'reset', 'switched')", name=op.f("ck_message_words_change_act")),
        sa.ForeignKeyConstraint(
            ["purpose_id"], ["message_purpose.id"], name=op.f("fk_message_words_change_purpose_id")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_message_words_change_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_words_change")),
    )
    op.create_index("ix_message_words_change_purpose", "message_words_change", ["purpose_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_message_words_change_purpose", table_name="message_words_change")
    op.drop_table("message_words_change")
