"""One customer out of all channels: evidence, decisions, merges with their before-images; ids get short names and lives."""

import hashlib

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0013"
down_revision = "0012"

MOMENT = sa.DateTime(timezone=True)
A_BATCH = 10_000


def upgrade() -> None:
    _before_images()
    _evidence()
    _decisions()
    _name_the_ids()
    _take_over_conflicts()


def _before_images() -> None:
    op.create_table(
        "row_image",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("merge_id", sa.BigInteger, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("of_table", sa.Text, nullable=False),
        sa.Column("row", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_row_image"),
    )
    op.create_index("ix_row_image_merge_id", "row_image", ["merge_id", "of_table", "customer_id"])
    op.create_table(
        "identity_merge",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("survivor_id", sa.BigInteger, nullable=False),
        sa.Column("gone_id", sa.BigInteger, nullable=False),
        sa.Column("born_ids", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("why", JSONB, nullable=False),
        sa.Column("before", JSONB, nullable=False),
        sa.Column("staff_id", sa.BigInteger),
        sa.Column("merged_at", MOMENT, nullable=False),
        sa.Column("undone_at", MOMENT),
        sa.Column("undone_by", sa.BigInteger),
        sa.Column("undone_why", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_identity_merge"),
        sa.CheckConstraint("survivor_id <> gone_id", name="two_people"),
    )
    op.create_index("ix_identity_merge_survivor_id", "identity_merge", ["survivor_id"])
    op.create_index("ix_identity_merge_gone_id", "identity_merge", ["gone_id"])
    op.create_table(
        "identity_merge_note",
        sa.Column("merge_id", sa.BigInteger, nullable=False),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("merge_id", "id", name="pk_identity_merge_note"),
        sa.ForeignKeyConstraint(["merge_id"], ["identity_merge.id"], name="fk_identity_merge_note_merge_id"),
    )
    op.create_table(
        "former_customer",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("merge_id", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_former_customer"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_former_customer_customer_id"),
        sa.ForeignKeyConstraint(["merge_id"], ["identity_merge.id"], name="fk_former_customer_merge_id"),
    )
    op.create_index("ix_former_customer_customer_id", "former_customer", ["customer_id"])


def _evidence() -> None:
    op.create_table(
        "identity_evidence",
        sa.Column("low", sa.Uuid, nullable=False),
        sa.Column("high", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("first_seen", MOMENT, nullable=False),
        sa.Column("last_seen", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("low", "high", "source", "proof", name="pk_identity_evidence"),
        sa.CheckConstraint("low < high", name="one_way"),
        sa.CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
        sa.CheckConstraint("first_seen <= last_seen", name="seen"),
    )
    op.create_index("ix_identity_evidence_high", "identity_evidence", ["high"])
    op.create_table(
        "identity_held_evidence",
        sa.Column("low", sa.Uuid, nullable=False),
        sa.Column("high", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("later_until", MOMENT),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("low", "high", name="pk_identity_held_evidence"),
        sa.CheckConstraint("reason IN ('limit', 'apart', 'objection', 'crowded')", name="reason"),
    )
    op.create_index("ix_identity_held_evidence_high", "identity_held_evidence", ["high"])
    op.create_index(
        "ix_identity_held_evidence_open",
        "identity_held_evidence",
        ["found_at"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "identity_blocked",
        sa.Column("token", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.LargeBinary, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("staff_id", sa.BigInteger),
        sa.Column("blocked_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_identity_blocked"),
    )


def _decisions() -> None:
    op.create_table(
        "identity_decision",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("staff_id", sa.BigInteger),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_identity_decision"),
        sa.CheckConstraint("verdict IN ('same', 'apart')", name="verdict"),
    )
    op.create_table(
        "identity_decision_side",
        sa.Column("decision_id", sa.BigInteger, nullable=False),
        sa.Column("side", sa.BigInteger, nullable=False),
        sa.Column("token", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("decision_id", "token", name="pk_identity_decision_side"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["identity_decision.id"], name="fk_identity_decision_side_decision_id"
        ),
        sa.CheckConstraint("side IN (0, 1)", name="side"),
    )
    op.create_index("ix_identity_decision_side_token", "identity_decision_side", ["token"])


def _name_the_ids() -> None:
    """Every id gets its token and the customer it was born to; what a customer has today was seen together, somehow."""
    op.add_column("identity", sa.Column("born_customer_id", sa.BigInteger))
    op.add_column("identity", sa.Column("token", sa.Uuid))
    if not context.is_offline_mode():
        _fill_tokens(op.get_bind())
    _require("identity", "token")
    for table in ("identity", "consent", "look"):
        if table != "identity":
            op.add_column(table, sa.Column("born_customer_id", sa.BigInteger))
        op.execute(f"UPDATE {table} SET born_customer_id = customer_id")
        _require(table, "born_customer_id")
    # Writers of ids wait for the filling above in any case; these indexes take seconds beside it.
    for statement in (
        "CREATE UNIQUE INDEX uq_identity_living_token ON identity (token) WHERE until IS NULL",
        "CREATE INDEX ix_identity_ended ON identity (token) WHERE until IS NOT NULL",
        "DROP INDEX uq_identity_living",
    ):
        op.execute(f"-- squawk-ignore require-concurrent-index-creation,require-concurrent-index-deletion\n{statement}")
    op.execute(
        """
        INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
        SELECT least(held.token, first.token), greatest(held.token, first.token), 'given', held.proof,
               min(held.since), min(held.since)
        FROM identity AS held
        JOIN (SELECT DISTINCT ON (customer_id) customer_id, token FROM identity ORDER BY customer_id, since, id) AS first
            USING (customer_id)
        WHERE held.token <> first.token
        GROUP BY 1, 2, 4
        """
    )


def _require(table: str, column: str) -> None:
    """Every row was just filled in this same transaction: reading the table once more costs little beside that."""
    op.execute(f"-- squawk-ignore adding-not-nullable-field\nALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")


def _fill_tokens(connection: sa.Connection) -> None:
    last = 0
    while True:
        rows = connection.execute(
            sa.text("SELECT id, kind, scope, value_index FROM identity WHERE id > :last ORDER BY id LIMIT :count"),
            {"last": last, "count": A_BATCH},
        ).all()
        if not rows:
            return
        connection.execute(
            sa.text("UPDATE identity SET token = given.token FROM unnest(CAST(:ids AS bigint[]), CAST(:tokens AS uuid[]))"
                    " AS given (id, token) WHERE identity.id = given.id"),
            {"ids": [row.id for row in rows], "tokens": [_token(row.kind, row.scope, row.value_index) for row in rows]},
        )  # fmt: skip
        last = rows[-1].id


def _token(kind: str, scope: str, index: bytes) -> str:
    return hashlib.blake2b(b"\0".join((kind.encode(), scope.encode(), bytes(index))), digest_size=16).hexdigest()


def _take_over_conflicts() -> None:
    """What was written down as a conflict is evidence that is held; nobody had a page to review it yet."""
    op.execute(
        """
        INSERT INTO identity_evidence (low, high, source, proof, first_seen, last_seen)
        SELECT least(own.token, other.token), greatest(own.token, other.token), old.source, 'stated',
               min(old.found_at), max(old.found_at)
        FROM identity_conflict AS old
        JOIN LATERAL (SELECT token FROM identity WHERE identity.customer_id = old.customer_id
                      ORDER BY since, id LIMIT 1) AS own ON true
        JOIN identity AS other ON other.kind = old.kind AND other.scope = old.scope
             AND other.value_index = old.value_index AND other.until IS NULL
        WHERE own.token <> other.token
        GROUP BY 1, 2, 3
        """
    )
    op.execute("-- squawk-ignore ban-drop-table\nDROP TABLE identity_conflict")


def downgrade() -> None:
    op.create_table(
        "identity_conflict",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("other_customer_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("value_index", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("reviewed_at", MOMENT),
        sa.PrimaryKeyConstraint(
            "customer_id", "other_customer_id", "kind", "scope", "value_index", name="pk_identity_conflict"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_identity_conflict_customer_id"),
        sa.ForeignKeyConstraint(["other_customer_id"], ["customer.id"], name="fk_identity_conflict_other_customer_id"),
    )
    op.create_index(
        "uq_identity_living", "identity", ["kind", "scope", "value_index"], unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )  # fmt: skip
    op.drop_index("uq_identity_living_token", "identity")
    op.drop_index("ix_identity_ended", "identity")
    op.drop_column("identity", "token")
    op.drop_column("identity", "born_customer_id")
    for table in ("consent", "look"):
        op.drop_column(table, "born_customer_id")
    for table in ("identity_decision_side", "identity_decision", "identity_blocked", "identity_held_evidence",
                  "identity_evidence", "former_customer", "identity_merge_note", "identity_merge", "row_image"):  # fmt: skip
        op.drop_table(table)
