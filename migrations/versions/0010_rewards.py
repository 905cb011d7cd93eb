"""The points mall: rewards, exchanges, pick-up codes."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "reward_pickup_code",
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("exchange_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("code", name="pk_reward_pickup_code"),
    )
    op.create_table(
        "reward",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("template_id", sa.BigInteger),
        sa.Column("total", sa.BigInteger),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.Column("per_customer", sa.BigInteger),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("built_in", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.CheckConstraint("(kind = 'coupon') = (template_id IS NOT NULL)", name="template_of_coupon"),
        sa.CheckConstraint("kind IN ('coupon', 'gift', 'donation')", name="kind_known"),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed')", name="state_known"),
        sa.CheckConstraint("points > 0", name="not_for_nothing"),
        sa.CheckConstraint("taken >= 0 AND (total IS NULL OR taken <= total)", name="within_total"),
        sa.ForeignKeyConstraint(["template_id"], ["coupon_template.id"], name="fk_reward_template_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reward"),
        sa.UniqueConstraint("code", name="uq_reward_code"),
    )
    op.create_table(
        "reward_exchange",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("reward_id", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("pickup_code", sa.Text),
        sa.Column("coupon_id", sa.BigInteger),
        sa.Column("exchanged_at", MOMENT, nullable=False),
        sa.Column("collected_at", MOMENT),
        sa.Column("collected_store_id", sa.BigInteger),
        sa.Column("collected_by", sa.BigInteger),
        sa.Column("cancelled_at", MOMENT),
        sa.CheckConstraint("state IN ('done', 'waiting', 'collected', 'cancelled')", name="state_known"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_reward_exchange_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_reward_exchange"),
    )
    op.create_index("uq_reward_exchange_customer_id_cause", "reward_exchange", ["customer_id", "cause"], unique=True)
    op.create_table(
        "reward_holding",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("reward_id", sa.BigInteger, nullable=False),
        sa.Column("taken", sa.BigInteger, nullable=False),
        sa.CheckConstraint("taken >= 0", name="no_debt"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_reward_holding_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "reward_id", name="pk_reward_holding"),
    )


def downgrade() -> None:
    for table in ("reward_holding", "reward_exchange", "reward", "reward_pickup_code"):
        op.drop_table(table)
