"""Call the checks of coupons and rewards by the convention's names: a broken limit is told apart by them."""

from alembic import op

revision = "0012"
down_revision = "0011"

CHECKS = {
    "coupon_template": (
        "percent_of_discount", "kind_known", "level_known", "state_known", "one_validity", "sums_whole",
    ),
    "coupon": ("locked_until_when", "state_known"),
    "coupon_holding": ("no_debt",),
    "coupon_stock": ("within_budget", "within_total"),
    "reward": ("template_of_coupon", "kind_known", "state_known", "not_for_nothing", "within_total"),
    "reward_exchange": ("state_known",),
    "reward_holding": ("no_debt",),
}  # fmt: skip


def upgrade() -> None:
    for table, names in CHECKS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_ck_{table}_{name} TO ck_{table}_{name}")


def downgrade() -> None:
    for table, names in CHECKS.items():
        for name in names:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT ck_{table}_{name} TO ck_{table}_ck_{table}_{name}")
