"""What the bot says, the menus of accounts, and who waits for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "account_menu",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("buttons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_account_menu")),
    )
    op.create_table(
        "reply_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("matching", sa.Text(), nullable=False),
        sa.Column("words", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("shipped", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "matching IN ('exact', 'prefix', 'contains', 'pattern', 'any')", name=op.f("ck_reply_rule_matching")
        ),
        sa.CheckConstraint(
            "occasion IN ('welcome', 'welcome_again', 'scan', 'keyword', 'menu', 'location', 'default', 'after_hours')",
            name=op.f("ck_reply_rule_occasion"),
        ),
        sa.CheckConstraint("(code IS NULL) = (shipped IS NULL)", name=op.f("ck_reply_rule_shipped")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_rule")),
    )
    op.create_index(
        "uq_reply_rule_code",
        "reply_rule",
        ["code", "account"],
        unique=True,
        postgresql_where=sa.text("code IS NOT NULL"),
    )
    op.create_table(
        "reply_stamp",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stamp", sa.Uuid(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_reply_stamp_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_stamp")),
    )
    op.create_table(
        "reply_conversation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("openid_token", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("(closed_at IS NULL) = (closed_why IS NULL)", name=op.f("ck_reply_conversation_closed")),
        sa.CheckConstraint("(taken_at IS NULL) = (staff_id IS NULL)", name=op.f("ck_reply_conversation_taken")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reply_conversation_customer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reply_conversation_staff_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_reply_conversation")),
    )
    op.create_index(
        "ix_reply_conversation_taken_at",
        "reply_conversation",
        ["taken_at"],
        unique=False,
        postgresql_where=sa.text("taken_at IS NOT NULL"),
    )
    op.create_index(
        "ix_reply_conversation_waiting",
        "reply_conversation",
        ["asked_at", "id"],
        unique=False,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "uq_reply_conversation_open",
        "reply_conversation",
        ["openid_token"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "reply_conversation_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reply_conversation_line_customer_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reply_conversation_line_staff_id")),
        sa.PrimaryKeyConstraint("customer_id", "id", name=op.f("pk_reply_conversation_line")),
    )
    op.create_index(
        "ix_reply_conversation_line_conversation", "reply_conversation_line", ["conversation_id", "id"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_reply_conversation_line_conversation", table_name="reply_conversation_line")
    op.drop_table("reply_conversation_line")
    op.drop_index(
        "uq_reply_conversation_open", table_name="reply_conversation", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(
        "ix_reply_conversation_waiting", table_name="reply_conversation", postgresql_where=sa.text("closed_at IS NULL")
    )
    op.drop_index(
        "ix_reply_conversation_taken_at",
        table_name="reply_conversation",
        postgresql_where=sa.text("taken_at IS NOT NULL"),
    )
    op.drop_table("reply_conversation")
    op.drop_table("reply_stamp")
    op.drop_index("uq_reply_rule_code", table_name="reply_rule", postgresql_where=sa.text("code IS NOT NULL"))
    op.drop_table("reply_rule")
    op.drop_table("account_menu")
