"""Decisions about people name lives of ids: a number that changed hands may stand on both sides."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.add_column("identity_decision_side", sa.Column("life", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(
        "UPDATE identity_decision_side AS side SET life = (SELECT count(*) FROM identity"
        " WHERE identity.token = side.token AND identity.until <= made.made_at)"
        " FROM identity_decision AS made WHERE made.id = side.decision_id"
    )
    _key("decision_id", "token", "life")


def downgrade() -> None:
    op.execute("DELETE FROM identity_decision_side WHERE life > 0")
    _key("decision_id", "token")
    op.drop_column("identity_decision_side", "life")


def _key(*columns: str) -> None:
    """Decisions are few: made anew in a moment."""
    op.execute(
        "-- squawk-ignore ban-drop-constraint,constraint-missing-not-valid,adding-serial-primary-key-field\n"
        "ALTER TABLE identity_decision_side DROP CONSTRAINT pk_identity_decision_side,"
        f" ADD CONSTRAINT pk_identity_decision_side PRIMARY KEY ({', '.join(columns)})"
    )
