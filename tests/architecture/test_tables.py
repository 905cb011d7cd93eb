"""What every table keeps: personal fields in the register, migrations equal to the models, one head."""

import re
from pathlib import Path

import flask
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine, text

from app import wiring  # noqa: F401  (makes every table known)
from app.kernel.crypto import EncryptedText
from app.kernel.database import Base, db
from migrations import run

ROOT = Path(__file__).parents[2]
LOOKS_PERSONAL = re.compile(
    r"(^|_)(phone|mobile|(real|full|person|member|staff|buyer|holder)_name|nickname|avatar|birthday|birth|email|address|openid|unionid|gender|sex|latitude|longitude"
    r"|id_card|wechat|note|remark|receiver|buyer|health|ip)(_|$)"
)


def test_every_personal_column_is_in_the_register() -> None:
    unregistered = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if (LOOKS_PERSONAL.search(column.name) or isinstance(column.type, EncryptedText))
        and not {"personal", "not_personal"} & set(column.info)
    ]
    assert not unregistered, f"declare with info=personal(...) or info=not_personal(why): {unregistered}"


def test_there_is_one_migration_head_and_it_is_written_down() -> None:
    heads = ScriptDirectory(str(ROOT / "migrations")).get_heads()
    written = (ROOT / "migrations/HEAD").read_text().strip()
    assert heads == [written], f"renumber your migration after the head on main: {heads}, HEAD says {written}"


def test_the_migrated_database_is_what_the_models_say(application: flask.Flask) -> None:
    with application.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": run.is_no_partition}
        )
        differences = compare_metadata(context, Base.metadata)
    assert not differences, f"write a migration: {differences}"


def test_constraints_have_the_names_that_the_models_give_them(application: flask.Flask) -> None:
    named = {
        (table.name, str(constraint.name))
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    with application.app_context(), db.engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
            )
        )
        found = {(table, name) for table, name in rows}
    assert named == found, f"operations tell refusals apart by these names: {sorted(named ^ found)}"


@pytest.mark.parametrize("direction", ["down and up"])
def test_every_migration_goes_down_and_up(application: flask.Flask, direction: str) -> None:
    with application.app_context():
        server = str(db.engine.url.set(database="postgres").render_as_string(hide_password=False))
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"guiyi_stairs_{id(direction)}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            url = f"{server.rsplit('/', 1)[0]}/{name}"
            run.upgrade(url)
            command.downgrade(run.config_for(url), "base")
            left = _tables(url)
            run.upgrade(url)
            assert left == {"alembic_version"}, f"downgrade leaves tables behind: {left}"
            assert set(Base.metadata.tables) <= _tables(url)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def _tables(url: str) -> set[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    engine.dispose()
    return set(found)
