"""The points ledger: accounts, movements, entries, lots, holds, what is known of orders, versions of the rules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("points_movement", "points_entry", "points_lot_use")
MOVABLE = {"deferrable": True, "initially": "IMMEDIATE"}


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, autoincrement=False, nullable=False)


def _number(name: str, *, empty: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=empty)


def _zero(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")


def _of_movement(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["customer_id", "movement_id"],
        ["points_movement.customer_id", "points_movement.id"],
        name=f"fk_{table}_customer_id_movement_id",
        **MOVABLE,
    )


def upgrade() -> None:
    _accounts()
    _movements()
    _lots()
    _holds()
    _orders_and_rules()
    _keep_history()


def _accounts() -> None:
    op.create_table(
        "points_account",
        _id("customer_id"),
        *map(_zero, ("spendable", "pending", "held", "owed")),
        sa.Column("earns_since", MOMENT),
        sa.PrimaryKeyConstraint("customer_id", name="pk_points_account"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_points_account_customer_id"),
        *(sa.CheckConstraint(f"{name} >= 0", name=f"{name}") for name in ("spendable", "pending", "held", "owed")),
        sa.CheckConstraint("owed = 0 OR spendable = 0", name="debt_first"),
    )


def _movements() -> None:
    op.create_table(
        "points_movement",
        _id("customer_id"),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _number("born_customer_id"),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        _number("amount"),
        sa.Column("at", MOMENT, nullable=False),
        _number("rule_version", empty=True),
        _number("gives_back", empty=True),
        sa.Column("explain", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_points_movement"),
        sa.UniqueConstraint("customer_id", "cause", name="uq_points_movement_customer_id_cause"),
        sa.ForeignKeyConstraint(["customer_id"], ["points_account.customer_id"], name="fk_points_movement_customer_id"),
        sa.CheckConstraint("amount > 0", name="amount"),
    )
    op.create_table(
        "points_entry",
        _id("customer_id"),
        _id("movement_id"),
        sa.Column("pot", sa.Text, nullable=False),
        _number("amount"),
        _number("born_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "movement_id", "pot", name="pk_points_entry"),
        _of_movement("points_entry"),
        sa.CheckConstraint("pot IN ('member', 'pending', 'held', 'owed', 'issued', 'redeemed', 'expired')", name="pot"),
        sa.CheckConstraint("amount <> 0", name="amount"),
    )


def _lots() -> None:
    op.create_table(
        "points_lot",
        _id("customer_id"),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _number("born_customer_id"),
        _number("movement_id"),
        _number("order_id", empty=True),
        sa.Column("earned_at", MOMENT, nullable=False),
        sa.Column("opens_at", MOMENT),
        sa.Column("expires_at", MOMENT, nullable=False),
        _number("amount"),
        _number("remaining"),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "id", name="pk_points_lot"),
        _of_movement("points_lot"),
        sa.CheckConstraint("remaining BETWEEN 0 AND amount", name="remaining"),
        sa.CheckConstraint("state IN ('pending', 'open')", name="state"),
    )
    left = "remaining > 0"
    for name, columns, where in (
        ("ix_points_lot_open", ["customer_id", "expires_at"], left),
        ("ix_points_lot_expires_at", ["expires_at"], f"{left} AND state = 'open'"),
        ("ix_points_lot_opens_at", ["opens_at"], f"{left} AND state = 'pending'"),
        ("ix_points_lot_movement", ["customer_id", "movement_id"], None),
    ):
        op.create_index(name, "points_lot", columns, postgresql_where=sa.text(where) if where else None)
    op.create_table(
        "points_lot_use",
        _id("customer_id"),
        _id("lot_id"),
        _id("movement_id"),
        _number("amount"),
        _number("born_customer_id"),
        sa.PrimaryKeyConstraint("customer_id", "lot_id", "movement_id", name="pk_points_lot_use"),
        _of_movement("points_lot_use"),
        sa.ForeignKeyConstraint(
            ["customer_id", "lot_id"],
            ["points_lot.customer_id", "points_lot.id"],
            name="fk_points_lot_use_customer_id_lot_id",
            **MOVABLE,
        ),
        sa.CheckConstraint("amount <> 0", name="amount"),
    )
    op.create_index("ix_points_lot_use_movement", "points_lot_use", ["customer_id", "movement_id"])


def _holds() -> None:
    op.create_table(
        "points_hold",
        _id("customer_id"),
        _id("movement_id"),
        _number("born_customer_id"),
        _number("amount"),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "movement_id", name="pk_points_hold"),
        _of_movement("points_hold"),
        sa.CheckConstraint("state IN ('open', 'settled', 'released')", name="state"),
        sa.CheckConstraint("amount > 0", name="amount"),
    )
    op.create_index(
        "ix_points_hold_expires_at", "points_hold", ["expires_at"], postgresql_where=sa.text("state = 'open'")
    )


def _orders_and_rules() -> None:
    op.create_table(
        "points_order",
        _id("order_id"),
        _number("customer_id"),
        _number("born_customer_id"),
        sa.Column("number", sa.Text),
        _number("earned", empty=True),
        _zero("reversed"),
        _number("base_fen", empty=True),
        _zero("refunded_fen"),
        sa.Column("received_at", MOMENT),
        _number("lot_id", empty=True),
        sa.PrimaryKeyConstraint("order_id", name="pk_points_order"),
        sa.ForeignKeyConstraint(["customer_id"], ["points_account.customer_id"], name="fk_points_order_customer_id"),
        sa.CheckConstraint("reversed >= 0 AND reversed <= coalesce(earned, 0)", name="reversed"),
    )
    op.create_index("ix_points_order_customer_id", "points_order", ["customer_id"])
    op.create_table(
        "points_rules",
        sa.Column("version", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("valid_from", MOMENT, nullable=False),
        sa.Column("announced_at", MOMENT, nullable=False),
        sa.Column("built_in", sa.Boolean, nullable=False),
        sa.Column("rules", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_points_rules"),
    )
    op.create_index("ix_points_rules_valid_from", "points_rules", ["valid_from"])


def _keep_history() -> None:
    op.execute(
        """
        CREATE FUNCTION points_keep_history() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            -- Merging may say whose a row is; what happened is corrected by another movement, never edited.
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'customer_id' <> to_jsonb(OLD) - 'customer_id' THEN
                RAISE EXCEPTION '% is append-only: write another movement', TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION points_keep_history()"
        )


def downgrade() -> None:
    for table in (
        "points_rules",
        "points_order",
        "points_hold",
        "points_lot_use",
        "points_lot",
        "points_entry",
        "points_movement",
        "points_account",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION points_keep_history()")
