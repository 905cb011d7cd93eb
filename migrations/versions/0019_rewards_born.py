"""Exchanges of merged people: a cause is unique to each former self."""

from alembic import op

revision = "0019"
down_revision = "0018"
IGNORED = "-- squawk-ignore require-concurrent-index-creation,require-concurrent-index-deletion\n"


def upgrade() -> None:
    _key("customer_id, cause, born_customer_id")


def _key(columns: str) -> None:
    """Within a transaction, so that there is no moment without the key; the table is small."""
    op.execute(f"{IGNORED}DROP INDEX uq_reward_exchange_customer_id_cause")
    op.execute(f"{IGNORED}CREATE UNIQUE INDEX uq_reward_exchange_customer_id_cause ON reward_exchange ({columns})")


def downgrade() -> None:
    _key("customer_id, cause")
