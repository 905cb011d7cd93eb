"""Alembic's way in. Migrations run online: short lock time-out, one advisory lock, one transaction each."""

from alembic import context
from sqlalchemy import create_engine, pool, text

from app import wiring  # noqa: F401  (makes every table known)
from app.kernel.database import Base
from migrations.run import LOCK_NUMBER, LOCK_TIMEOUT, is_no_partition


def run_offline() -> None:
    """Print the SQL, for the migration linter."""
    context.configure(
        dialect_name="postgresql", target_metadata=Base.metadata, literal_binds=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Upgrade a database, alone."""
    engine = create_engine(context.config.get_main_option("sqlalchemy.url"), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": LOCK_NUMBER})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=is_no_partition,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": LOCK_NUMBER})
        connection.commit()
    engine.dispose()


if context.is_offline_mode():
    run_offline()
else:
    run_online()
