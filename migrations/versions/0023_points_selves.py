"""A movement is born to a self of the customer whose it is: a writer who has not heard that two were set apart fails."""

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    # Writers hold the account's lock, for which parting waits or they for it: what is read here is the present state.
    op.execute(
        """
        CREATE FUNCTION points_know_self() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF NOT EXISTS (
                SELECT FROM points_merge AS merged
                WHERE merged.customer_id = NEW.customer_id AND merged.born_customer_id = NEW.born_customer_id
            ) THEN
                RAISE EXCEPTION 'customer % is no self of customer %', NEW.born_customer_id, NEW.customer_id
                    USING ERRCODE = 'foreign_key_violation';
            END IF;
            RETURN NEW;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER know_self BEFORE INSERT ON points_movement FOR EACH ROW"
        " WHEN (NEW.born_customer_id <> NEW.customer_id) EXECUTE FUNCTION points_know_self()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER know_self ON points_movement")
    op.execute("DROP FUNCTION points_know_self()")
