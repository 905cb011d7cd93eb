"""Messages by purpose, deliveries and their attempts, dispatches, and what limits them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "account_limit",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("a_minute", sa.BigInteger(), nullable=False),
        sa.Column("a_day", sa.BigInteger(), nullable=False),
        sa.Column("kept_for_notices", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "channel", name=op.f("pk_account_limit")),
    )
    op.create_table(
        "message_purpose",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("when_in_doubt", sa.Text(), nullable=False),
        sa.Column("valid_minutes", sa.BigInteger(), nullable=False),
        sa.Column("pressing", sa.Boolean(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("builtin", sa.Boolean(), nullable=False),
        sa.Column("variables", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('service', 'marketing')", name=op.f("ck_message_purpose_kind")),
        sa.CheckConstraint("when_in_doubt IN ('hold', 'retry')", name=op.f("ck_message_purpose_when_in_doubt")),
        sa.CheckConstraint("valid_minutes > 0", name=op.f("ck_message_purpose_valid")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_purpose")),
    )
    op.create_index("uq_message_purpose_code", "message_purpose", ["code"], unique=True)
    op.create_table(
        "platform_template",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", "template_id", name=op.f("pk_platform_template")),
    )
    op.create_table(
        "channel_refusal",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("allowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_channel_refusal_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "born_customer_id", "channel", name=op.f("pk_channel_refusal")),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("control_percent", sa.BigInteger(), nullable=False),
        sa.Column("control_salt", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('running', 'paused', 'stopped')", name=op.f("ck_dispatch_state")),
        sa.CheckConstraint("control_percent BETWEEN 0 AND 100", name=op.f("ck_dispatch_control")),
        sa.ForeignKeyConstraint(["purpose_id"], ["message_purpose.id"], name=op.f("fk_dispatch_purpose_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
    )
    op.create_index(op.f("ix_dispatch_purpose_id"), "dispatch", ["purpose_id"], unique=False)
    op.create_index(
        "ix_dispatch_running",
        "dispatch",
        ["priority", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index("uq_dispatch_code", "dispatch", ["code"], unique=True)
    op.create_table(
        "message_grant",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("openid_token", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("used <= given", name=op.f("ck_message_grant_enough")),
        sa.CheckConstraint("used >= 0", name=op.f("ck_message_grant_used")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_message_grant_customer_id")),
        sa.PrimaryKeyConstraint(
            "customer_id", "openid_token", "template_id", "born_customer_id", name=op.f("pk_message_grant")
        ),
    )
    op.create_table(
        "message_words",
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("shipped", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["purpose_id"], ["message_purpose.id"], name=op.f("fk_message_words_purpose_id")),
        sa.PrimaryKeyConstraint("purpose_id", "channel", "account", name=op.f("pk_message_words")),
    )
    op.create_table(
        "reach_count",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reach_count_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "period", "scope", name=op.f("pk_reach_count")),
    )
    op.create_table(
        "reach_peace",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_reach_peace_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "born_customer_id", "cause", name=op.f("pk_reach_peace")),
    )
    op.create_table(
        "service_window",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=False),
        sa.Column("openid_token", sa.Uuid(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_service_window_remaining")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_service_window_customer_id")),
        sa.PrimaryKeyConstraint(
            "customer_id", "openid_token", "opened_by", "born_customer_id", name=op.f("pk_service_window")
        ),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("dispatch_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("born_customer_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'sending') = (leased_until IS NOT NULL)", name=op.f("ck_delivery_leased")),
        sa.CheckConstraint(
            "state IN ('planned', 'sending', 'sent', 'delivered', 'failed', 'held_back', 'in_doubt', 'cancelled')",
            name=op.f("ck_delivery_state"),
        ),
        sa.CheckConstraint("(customer_id IS NULL) <> (staff_id IS NULL)", name=op.f("ck_delivery_one_recipient")),
        sa.CheckConstraint("(customer_id IS NULL) = (born_customer_id IS NULL)", name=op.f("ck_delivery_born")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_delivery_customer_id")),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_delivery_dispatch_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_delivery_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_due",
        "delivery",
        ["dispatch_id", "due_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_delivery_in_doubt", "delivery", ["sent_at"], unique=False, postgresql_where=sa.text("state = 'in_doubt'")
    )
    op.create_index(
        "ix_delivery_leased", "delivery", ["leased_until"], unique=False, postgresql_where=sa.text("state = 'sending'")
    )
    op.create_index(
        "ix_delivery_platform_id",
        "delivery",
        ["platform_id"],
        unique=False,
        postgresql_where=sa.text("platform_id IS NOT NULL"),
    )
    op.create_index(
        "uq_delivery_customer",
        "delivery",
        ["customer_id", "purpose_id", "occasion", "born_customer_id"],
        unique=True,
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "uq_delivery_one_at_a_time",
        "delivery",
        ["customer_id"],
        unique=True,
        postgresql_where=sa.text("state = 'sending'"),
    )
    op.create_index(
        "uq_delivery_staff",
        "delivery",
        ["staff_id", "purpose_id", "occasion"],
        unique=True,
        postgresql_where=sa.text("staff_id IS NOT NULL"),
    )
    op.create_table(
        "dispatch_minute",
        sa.Column("dispatch_id", sa.BigInteger(), nullable=False),
        sa.Column("minute", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["dispatch_id"], ["dispatch.id"], name=op.f("fk_dispatch_minute_dispatch_id")),
        sa.PrimaryKeyConstraint("dispatch_id", "minute", "what", "reason", name=op.f("pk_dispatch_minute")),
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("platform_id", sa.Text(), nullable=True),
        sa.Column("reserved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'refused', 'invalid', 'later', 'lost')", name=op.f("ck_delivery_attempt_outcome")
        ),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_delivery_attempt_delivery_id")),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_delivery_attempt")),
    )
    op.create_index(
        "ix_delivery_attempt_started_at", "delivery_attempt", ["account", "channel", "started_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_attempt_started_at", table_name="delivery_attempt")
    op.drop_table("delivery_attempt")
    op.drop_table("dispatch_minute")
    op.drop_index("uq_delivery_staff", table_name="delivery", postgresql_where=sa.text("staff_id IS NOT NULL"))
    op.drop_index("uq_delivery_one_at_a_time", table_name="delivery", postgresql_where=sa.text("state = 'sending'"))
    op.drop_index("uq_delivery_customer", table_name="delivery", postgresql_where=sa.text("customer_id IS NOT NULL"))
    op.drop_index("ix_delivery_platform_id", table_name="delivery", postgresql_where=sa.text("platform_id IS NOT NULL"))
    op.drop_index("ix_delivery_leased", table_name="delivery", postgresql_where=sa.text("state = 'sending'"))
    op.drop_index("ix_delivery_in_doubt", table_name="delivery", postgresql_where=sa.text("state = 'in_doubt'"))
    op.drop_index("ix_delivery_due", table_name="delivery", postgresql_where=sa.text("state = 'planned'"))
    op.drop_table("delivery")
    op.drop_table("service_window")
    op.drop_table("reach_peace")
    op.drop_table("reach_count")
    op.drop_table("message_words")
    op.drop_table("message_grant")
    op.drop_index("uq_dispatch_code", table_name="dispatch")
    op.drop_index("ix_dispatch_running", table_name="dispatch", postgresql_where=sa.text("state = 'running'"))
    op.drop_index(op.f("ix_dispatch_purpose_id"), table_name="dispatch")
    op.drop_table("dispatch")
    op.drop_table("channel_refusal")
    op.drop_table("platform_template")
    op.drop_index("uq_message_purpose_code", table_name="message_purpose")
    op.drop_table("message_purpose")
    op.drop_table("account_limit")
