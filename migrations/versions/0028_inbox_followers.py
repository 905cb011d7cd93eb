"""What outside companies tell us, and who follows which official account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0028"
down_revision = "0027"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("key", sa.Uuid, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("answer", sa.LargeBinary),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("attempts", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text),
        sa.Column("done_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_index("uq_inbox_key", "inbox", ["source", "key"], unique=True)
    op.create_index("ix_inbox_due", "inbox", ["due_at"], postgresql_where=sa.text("done_at IS NULL"))
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "follower",
        sa.Column("openid_token", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("since", MOMENT),
        sa.Column("follows", ARRAY(MOMENT), nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("left_at", MOMENT),
        sa.Column("left_exactly", sa.Boolean, nullable=False),
        sa.Column("scene", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("learned_at", MOMENT),
        sa.Column("listed_at", MOMENT),
        sa.PrimaryKeyConstraint("openid_token", name="pk_follower"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_follower_customer_id"),
        sa.CheckConstraint("state IN ('following', 'left')", name="state"),
        sa.CheckConstraint("times >= 0", name="times"),
    )
    op.create_index("ix_follower_customer_id", "follower", ["customer_id", "account"])
    op.create_index(
        "ix_follower_to_learn",
        "follower",
        ["since"],
        postgresql_where=sa.text("state = 'following' AND learned_at IS NULL"),
    )
    op.create_index(
        "ix_follower_account",
        "follower",
        ["account", "openid_token"],
        postgresql_where=sa.text("state = 'following'"),
    )
    op.create_table(
        "follower_list",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("cursor", sa.LargeBinary, nullable=False),
        sa.Column("listed", sa.BigInteger, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.PrimaryKeyConstraint("account", name="pk_follower_list"),
    )


def downgrade() -> None:
    op.drop_table("follower_list")
    op.drop_table("follower")
    op.drop_table("inbox")
