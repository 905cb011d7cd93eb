"""Coupons of merged people: uses know to whom they were born and who carried them; a cause is unique to each self."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("coupon", sa.Column("locked_by", sa.BigInteger))
    op.execute("UPDATE coupon SET locked_by = born_customer_id WHERE state = 'locked'")
    op.add_column("coupon_use", sa.Column("born_customer_id", sa.BigInteger))
    op.add_column("coupon_use", sa.Column("carried_by", sa.BigInteger))
    op.execute("UPDATE coupon_use SET born_customer_id = customer_id, carried_by = customer_id")
    for column in ("born_customer_id", "carried_by"):
        # Every row was just filled in this same transaction: reading the table once more costs little beside that.
        op.execute(
            f"-- squawk-ignore adding-not-nullable-field\nALTER TABLE coupon_use ALTER COLUMN {column} SET NOT NULL"
        )
    op.execute(
        "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"
        "ALTER TABLE coupon_use ADD CONSTRAINT fk_coupon_use_customer_id_coupon_id"
        " FOREIGN KEY (customer_id, coupon_id) REFERENCES coupon (customer_id, id) DEFERRABLE"
    )
    _key("customer_id, cause, born_customer_id")


def _key(columns: str) -> None:
    """Writers wait for the filling above in any case; the index takes seconds beside it."""
    ignored = "-- squawk-ignore require-concurrent-index-creation,require-concurrent-index-deletion\n"
    op.execute(f"{ignored}DROP INDEX uq_coupon_customer_id_cause")
    op.execute(f"{ignored}CREATE UNIQUE INDEX uq_coupon_customer_id_cause ON coupon ({columns})")


def downgrade() -> None:
    _key("customer_id, cause")
    op.drop_constraint("fk_coupon_use_customer_id_coupon_id", "coupon_use")
    op.drop_column("coupon_use", "carried_by")
    op.drop_column("coupon_use", "born_customer_id")
    op.drop_column("coupon", "locked_by")
