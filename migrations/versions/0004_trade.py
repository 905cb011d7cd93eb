"""Products and the orders of every channel."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("series", sa.Text, nullable=False),
        sa.Column("colour", sa.Text, nullable=False),
        sa.Column("tags", ARRAY(sa.Text), nullable=False),
        sa.Column("price_fen", sa.BigInteger, nullable=False),
        sa.Column("image_url", sa.Text, nullable=False),
        sa.Column("on_sale", sa.Boolean, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_product"),
        sa.UniqueConstraint("code", name="uq_product_code"),
        sa.CheckConstraint("price_fen >= 0", name="price"),
    )
    op.create_index("ix_product_tags", "product", ["tags"], postgresql_using="gin")
    op.create_index("ix_product_category_series", "product", ["category", "series"])

    _create_orders()


def _create_orders() -> None:
    op.create_table(
        "sales_order",
        sa.Column("id", sa.BigInteger, sa.Identity(always=False), nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("customer_id", sa.BigInteger),
        sa.Column("store_code", sa.Text),
        sa.Column("in_store", sa.Boolean),
        sa.Column("earns", sa.Boolean),
        *[sa.Column(name, MOMENT) for name in ("ordered_at", "placed_at", "paid_at", "shipped_at", "received_at")],
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("versions", JSONB),
        *[
            sa.Column(f"{name}_fen", sa.BigInteger)
            for name in ("goods", "discount", "coupon", "points", "freight", "paid")
        ],
        sa.Column("base_fen", sa.BigInteger, nullable=False),
        sa.Column("refunded_fen", sa.BigInteger, nullable=False),
        sa.Column("lines", JSONB),
        sa.Column("refunds", JSONB),
        sa.Column("coupon_codes", ARRAY(sa.Text)),
        sa.Column("buyers", ARRAY(sa.Uuid)),
        sa.Column("told_paid", sa.Boolean, nullable=False),
        sa.Column("told_received", sa.Boolean, nullable=False),
        sa.Column("told_refunds", ARRAY(sa.Text)),
        sa.PrimaryKeyConstraint("id", name="pk_sales_order"),
        sa.UniqueConstraint("channel", "number", name="uq_sales_order_channel_number"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_sales_order_customer_id"),
    )
    op.create_index(
        "ix_sales_order_customer",
        "sales_order",
        ["customer_id", "ordered_at", "id"],
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_sales_order_waiting",
        "sales_order",
        ["buyers"],
        postgresql_using="gin",
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.create_table(
        "order_unknown_code",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("kind", "code", name="pk_order_unknown_code"),
    )


def downgrade() -> None:
    op.drop_table("order_unknown_code")
    op.drop_table("sales_order")
    op.drop_table("product")
