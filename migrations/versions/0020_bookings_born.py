"""Bookings of merged people: logs and waiting lists know to whom they were born; two selves may have brought one each."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OPEN = "state IN ('held', 'confirmed')"
WAITS = "state IN ('waiting', 'offered')"
IGNORED = "-- squawk-ignore require-concurrent-index-creation,require-concurrent-index-deletion\n"


def upgrade() -> None:
    for table in ("booking_log", "booking_waiting"):
        op.add_column(table, sa.Column("born_customer_id", sa.BigInteger))
        op.execute(f"UPDATE {table} SET born_customer_id = customer_id")
        # Every row was just filled in this same transaction: reading the table once more costs little beside that.
        op.execute(
            f"-- squawk-ignore adding-not-nullable-field\nALTER TABLE {table} ALTER COLUMN born_customer_id SET NOT NULL"
        )
    _keys(", born_customer_id")


def _keys(self_too: str) -> None:
    """Within a transaction, so that there is no moment without the keys; few rows are open."""
    for name, table, columns, where in (
        ("uq_booking_one_open_per_service", "booking", "customer_id, service_id", OPEN),
        ("uq_booking_place", "booking", "customer_id, place", OPEN),
        ("uq_booking_waiting_once", "booking_waiting", "customer_id, service_id, store_id, day", WAITS),
    ):
        op.execute(f"{IGNORED}DROP INDEX {name}")
        op.execute(f"{IGNORED}CREATE UNIQUE INDEX {name} ON {table} ({columns}{self_too}) WHERE {where}")


def downgrade() -> None:
    _keys("")
    op.drop_column("booking_waiting", "born_customer_id")
    op.drop_column("booking_log", "born_customer_id")
