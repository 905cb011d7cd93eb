"""Points of people who are merged and set apart: two selves may share a cause, and it is known since when they share."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _causes("customer_id, cause, born_customer_id")
    op.create_table(
        "points_earner",
        sa.Column("customer_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("earns_since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "born_customer_id", name="pk_points_earner"),
        sa.ForeignKeyConstraint(["customer_id"], ["points_account.customer_id"], name="fk_points_earner_customer_id"),
    )
    op.execute(
        "INSERT INTO points_earner (customer_id, born_customer_id, earns_since)"
        " SELECT customer_id, customer_id, earns_since FROM points_account WHERE earns_since IS NOT NULL"
    )
    op.create_table(
        "points_merge",
        sa.Column("customer_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("merge_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("survivor_id", sa.BigInteger, nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("last_movement_id", sa.BigInteger, nullable=False),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("parting", sa.Boolean, nullable=False, server_default="false"),
        sa.PrimaryKeyConstraint("customer_id", "merge_id", name="pk_points_merge"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_points_merge_customer_id"),
    )
    _keep_uses()


def _causes(columns: str) -> None:
    """The unique key of causes over other columns; earning waits for it, about a second per million movements."""
    name = f"uq_points_movement_{columns.replace(', ', '_')}"
    former = "customer_id, cause" if "born" in columns else "customer_id, cause, born_customer_id"
    for statement in (
        f"-- squawk-ignore require-concurrent-index-creation\nCREATE UNIQUE INDEX {name} ON points_movement ({columns})",
        f"ALTER TABLE points_movement ADD CONSTRAINT {name} UNIQUE USING INDEX {name}",
        "-- squawk-ignore ban-drop-constraint\nALTER TABLE points_movement DROP CONSTRAINT"
        f" uq_points_movement_{former.replace(', ', '_')}",
    ):
        op.execute(statement)


def _keep_uses() -> None:
    """Which lots a movement used may be allotted anew while the merge is undone in whose time it was made, never else:
    each side's movements then used that side's own lots, and the keys refuse a use across two customers."""
    op.execute(
        """
        CREATE FUNCTION points_keep_uses() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' AND EXISTS (
                SELECT FROM points_merge AS merged
                WHERE merged.customer_id = OLD.customer_id AND merged.parting
                  AND OLD.movement_id > merged.last_movement_id
            ) THEN
                RETURN OLD;
            END IF;
            IF TG_OP = 'DELETE' OR to_jsonb(NEW) - 'customer_id' <> to_jsonb(OLD) - 'customer_id' THEN
                RAISE EXCEPTION '% is append-only: write another movement', TG_TABLE_NAME
                    USING ERRCODE = 'restrict_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute("DROP TRIGGER keep_history ON points_lot_use")
    op.execute(
        "CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON points_lot_use"
        " FOR EACH ROW EXECUTE FUNCTION points_keep_uses()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER keep_history ON points_lot_use")
    op.execute(
        "CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON points_lot_use"
        " FOR EACH ROW EXECUTE FUNCTION points_keep_history()"
    )
    op.execute("DROP FUNCTION points_keep_uses()")
    op.drop_table("points_merge")
    op.drop_table("points_earner")
    _causes("customer_id, cause")
