"""Machines look at people too, and are written down by name."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.add_column("look", sa.Column("machine", sa.Text))
    op.execute("-- squawk-ignore ban-drop-not-null\nALTER TABLE look ALTER COLUMN staff_id DROP NOT NULL")
    # One row for each look of the staff: read in no time.
    op.execute(
        "-- squawk-ignore constraint-missing-not-valid\n"
        "ALTER TABLE look ADD CONSTRAINT ck_look_one_looker CHECK ((staff_id IS NULL) <> (machine IS NULL))"
    )


def downgrade() -> None:
    op.drop_constraint("ck_look_one_looker", "look")
    op.execute("DELETE FROM look WHERE staff_id IS NULL")
    op.execute("-- squawk-ignore adding-not-nullable-field\nALTER TABLE look ALTER COLUMN staff_id SET NOT NULL")
    op.drop_column("look", "machine")
