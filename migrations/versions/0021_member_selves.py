"""Members who were merged: the row of each former self, and whose page growth is on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0021"
down_revision = "0020"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _selves()
    _growth()
    op.add_column("joining_gift_claim", sa.Column("born_customer_id", sa.BigInteger))
    op.execute("UPDATE joining_gift_claim SET born_customer_id = customer_id")
    _require("joining_gift_claim", "born_customer_id")
    op.add_column("old_card", sa.Column("bound_born_customer_id", sa.BigInteger))
    op.execute("UPDATE old_card SET bound_born_customer_id = bound_customer_id WHERE bound_customer_id IS NOT NULL")
    op.add_column("old_card_attempts", sa.Column("born_customer_id", sa.BigInteger))
    op.execute("UPDATE old_card_attempts SET born_customer_id = customer_id")
    _give_key("customer_id, born_customer_id, day")


def _selves() -> None:
    op.create_table(
        "member_self",
        sa.Column("customer_id", sa.BigInteger, nullable=False),
        sa.Column("born_customer_id", sa.BigInteger, nullable=False),
        sa.Column("merge_ids", ARRAY(sa.BigInteger), nullable=False),
        sa.Column("merged_at", ARRAY(MOMENT), nullable=False),
        sa.Column("card_number", sa.Text, nullable=False),
        sa.Column("joined_at", MOMENT, nullable=False),
        sa.Column("member_since", sa.Date, nullable=False),
        sa.Column("earns_since", MOMENT, nullable=False),
        sa.Column("gift", sa.Text),
        sa.Column("is_staff", sa.Boolean, nullable=False),
        sa.Column("notice_version", sa.Text, nullable=False),
        sa.Column("full_name", sa.LargeBinary),
        sa.Column("birthday", sa.Date),
        sa.Column("birthday_set_at", MOMENT),
        sa.Column("birthday_corrected_at", MOMENT),
        *_standing(),
        sa.Column("given_level", sa.BigInteger),
        sa.Column("given_until", MOMENT),
        sa.Column("given_source", sa.Text),
        sa.Column("review_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "born_customer_id", name="pk_member_self"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_member_self_customer_id"),
    )


def _standing() -> list[sa.Column[int]]:
    return [
        *[sa.Column(name, sa.BigInteger, nullable=False) for name in ("base_level", "earned_level", "growth", "kept")],
        *[
            sa.Column(name, MOMENT, nullable=False)
            for name in ("counts_from", "base_until", "earned_since", "earned_until")
        ],
        *[sa.Column(name, sa.Text, nullable=False) for name in ("base_why", "earned_why")],
    ]


def _growth() -> None:
    op.add_column("growth_entry", sa.Column("page_customer_id", sa.BigInteger))
    op.execute("UPDATE growth_entry SET page_customer_id = born_customer_id")
    _require("growth_entry", "page_customer_id")
    # Writers wait for the filling above in any case; this index takes seconds beside it.
    op.execute(
        "-- squawk-ignore disallowed-unique-constraint,ban-drop-constraint,constraint-missing-not-valid\n"
        "ALTER TABLE growth_entry DROP CONSTRAINT uq_growth_entry_customer_id_cause,"
        " ADD CONSTRAINT uq_growth_entry_customer_id_born_customer_id_cause"
        " UNIQUE (customer_id, born_customer_id, cause)"
    )


def _require(table: str, column: str) -> None:
    """Every row was just filled in this same transaction: reading the table once more costs little beside that."""
    op.execute(f"-- squawk-ignore adding-not-nullable-field\nALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")


def _give_key(columns: str) -> None:
    """One row a person and day, of attempts that count until midnight: made anew in a moment."""
    op.execute(
        "-- squawk-ignore ban-drop-constraint,constraint-missing-not-valid,adding-serial-primary-key-field\n"
        "ALTER TABLE old_card_attempts DROP CONSTRAINT pk_old_card_attempts,"
        f" ADD CONSTRAINT pk_old_card_attempts PRIMARY KEY ({columns})"
    )


def downgrade() -> None:
    op.execute(
        "WITH of_selves AS (DELETE FROM old_card_attempts RETURNING *)"
        " INSERT INTO old_card_attempts (customer_id, born_customer_id, day, failures)"
        " SELECT customer_id, customer_id, day, sum(failures) FROM of_selves GROUP BY customer_id, day"
    )
    _give_key("customer_id, day")
    op.drop_column("old_card_attempts", "born_customer_id")
    op.drop_column("old_card", "bound_born_customer_id")
    op.drop_column("joining_gift_claim", "born_customer_id")
    op.execute(
        "ALTER TABLE growth_entry DROP CONSTRAINT uq_growth_entry_customer_id_born_customer_id_cause,"
        " ADD CONSTRAINT uq_growth_entry_customer_id_cause UNIQUE (customer_id, cause)"
    )
    op.drop_column("growth_entry", "page_customer_id")
    op.drop_table("member_self")
