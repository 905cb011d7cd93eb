"""Orders and attempts to claim one remember to which former self of a person they were born."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("sales_order", sa.Column("born_customer_id", sa.BigInteger))
    op.execute("UPDATE sales_order SET born_customer_id = customer_id WHERE customer_id IS NOT NULL")
    # In the transaction of the filling above, which takes longer than reading the table once more.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\nALTER TABLE sales_order ADD CONSTRAINT ck_sales_order_born"
        " CHECK ((customer_id IS NULL) = (born_customer_id IS NULL))"
    )
    op.add_column("order_claim_attempts", sa.Column("born_customer_id", sa.BigInteger))
    op.execute("UPDATE order_claim_attempts SET born_customer_id = customer_id")
    _give_key("customer_id, born_customer_id, day")


def downgrade() -> None:
    op.execute(
        "WITH of_selves AS (DELETE FROM order_claim_attempts RETURNING *)"
        " INSERT INTO order_claim_attempts (customer_id, born_customer_id, day, failures)"
        " SELECT customer_id, customer_id, day, sum(failures) FROM of_selves GROUP BY customer_id, day"
    )
    _give_key("customer_id, day")
    op.drop_column("order_claim_attempts", "born_customer_id")
    op.drop_constraint("ck_sales_order_born", "sales_order")
    op.drop_column("sales_order", "born_customer_id")


def _give_key(columns: str) -> None:
    """One row a person and day, of attempts that count until midnight: made anew in a moment."""
    op.execute(
        "-- squawk-ignore ban-drop-constraint,constraint-missing-not-valid,adding-serial-primary-key-field\n"
        "ALTER TABLE order_claim_attempts DROP CONSTRAINT pk_order_claim_attempts,"
        f" ADD CONSTRAINT pk_order_claim_attempts PRIMARY KEY ({columns})"
    )
