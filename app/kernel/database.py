"""PostgreSQL is the truth. One request or one task is one `unit_of_work`; pages that only read use `reading`.

Rooms flush and never commit. `Statement` is a SELECT or a writing CTE compiled once: on hot paths SQLAlchemy's per-call
compilation costs more than PostgreSQL's answer (docs/performance.md).
"""

import contextlib
import datetime as dt
import functools
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import psycopg
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import BigInteger, ClauseElement, DateTime, Engine, MetaData, Text, create_engine
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, registry
from sqlalchemy.sql.compiler import SQLCompiler

from app.kernel.settings import Settings

T = TypeVar("T")
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. Integers are bigint, times carry their zone, names of constraints can be predicted."""

    metadata = MetaData(naming_convention=NAMES)
    registry = registry(
        metadata=metadata,
        type_annotation_map={int: BigInteger, str: Text, dt.datetime: DateTime(timezone=True), dict[str, Any]: JSONB},
    )


db = SQLAlchemy(
    model_class=Base,
    session_options={"expire_on_commit": False, "join_transaction_mode": "create_savepoint"},
)


def configure(app: Flask, settings: Settings) -> None:
    """Give the application its pool. A connection is borrowed only inside `unit_of_work` or `reading`."""
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": settings.pool_size,
        "max_overflow": 0,
        "pool_timeout": 10,
        "pool_pre_ping": False,
        "hide_parameters": True,  # errors are logged and shown to operators, values may be personal
        "connect_args": {"options": "-c timezone=UTC -c lock_timeout=10s", "application_name": "guiyi"},
    }
    db.init_app(app)


@dataclass(frozen=True)
class LastStatement:
    """An update of a row that everybody wants, without parameters, whose limit is a CHECK of the table.

    `refusals`: what to raise when it is broken, by the constraint's name.
    """

    text: str
    refusals: Mapping[str, type[Exception]]


_LAST = "last statements"


@contextlib.contextmanager
def unit_of_work() -> Iterator[Session]:
    """One transaction: commits at the end, rolls back and re-raises on any error. Opened by entrances only."""
    session = db.session()
    session.info[_LAST] = []
    try:
        yield session
        _send_last(session, session.info[_LAST])
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_LAST, None)


def leave_for_last(session: Session, last: LastStatement) -> bool:
    """Have it sent in one message with the COMMIT: the row is locked for no round trip, however busy this process is.

    Only within a unit of work; False elsewhere: nothing was promised, do it now and look at what came of it.
    """
    if _LAST not in session.info:
        return False
    session.info[_LAST].append(last)
    return True


def _send_last(session: Session, last: list[LastStatement]) -> None:
    if not last:
        return
    session.flush()
    # In the order of their texts, so that two transactions with the same rows never wait for each other in a circle.
    words = [found.text for found in sorted(last, key=lambda found: found.text)]
    if not isinstance(db.engine, Connection):  # else a test's own transaction, which must not end here
        words.append("COMMIT")
    try:
        _driver(session).execute("; ".join(words))  # type: ignore[arg-type]
    except psycopg.errors.CheckViolation as error:
        refusals = {name: refusal for found in last for name, refusal in found.refusals.items()}
        if (refusal := refusals.get(error.diag.constraint_name or "")) is None:
            raise
        raise refusal from None


class Overtaken(Exception):
    """What was looked up before the transaction is no longer so: everything must be done again from the look-up."""


# Another transaction stood in the way and ours was given up whole: doing it again from the start is right.
_GIVEN_UP = {"40P01", "40001"}  # deadlock_detected, serialization_failure
_TRIES = 4


def again_when_given_up(action: Callable[[], T]) -> T:
    """Do something whose transaction may be given up for another's sake; up to four times, a little apart.

    `action` looks up whatever it needs, opens its own unit of work and has no effect outside it.
    """
    for trial in range(1, _TRIES):
        try:
            return action()
        except (DBAPIError, psycopg.Error, Overtaken) as error:
            if not was_given_up(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * trial)
    return action()


def was_given_up(error: BaseException) -> bool:
    """Whether another transaction was in the way: a deadlock, or a row we meant to refer to that went meanwhile."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.errors.ForeignKeyViolation):
        return cause.diag.constraint_name in _references_to_rows_that_go()
    return isinstance(cause, Overtaken) or getattr(cause, "sqlstate", None) in _GIVEN_UP


@functools.cache
def _references_to_rows_that_go() -> frozenset[str]:
    """Foreign keys to tables marked `rows_go`: their rows are taken away while others still know the id."""
    return frozenset(
        str(key.name)
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
        if key.referred_table.info.get("rows_go")
    )


@contextlib.contextmanager
def reading() -> Iterator[Connection]:
    """A connection in autocommit for pages that only read: no transaction, no BEGIN, no ROLLBACK on the wire."""
    engine = db.engine
    if isinstance(engine, Connection):  # a test's own transaction: look at what it has written so far
        db.session.flush()
        yield engine
        return
    with _autocommit(engine).connect() as connection:
        yield connection


_autocommit_lock = threading.Lock()
_autocommit_engines: dict[Engine, Engine] = {}


def _autocommit(engine: Engine) -> Engine:
    """An engine of its own whose connections are always in autocommit, so that none is switched back and forth."""
    if engine not in _autocommit_engines:
        with _autocommit_lock:
            if engine not in _autocommit_engines:
                _autocommit_engines[engine] = create_engine(
                    engine.url,
                    isolation_level="AUTOCOMMIT",
                    pool_size=engine.pool.size(),  # type: ignore[attr-defined]
                    max_overflow=0,
                    pool_timeout=10,
                    pool_reset_on_return=None,
                    skip_autocommit_rollback=True,
                    hide_parameters=True,
                    connect_args={"options": "-c timezone=UTC", "application_name": "guiyi-reading"},
                )
    return _autocommit_engines[engine]


class Statement:
    """A statement compiled once to the driver's own text; parameters by name, rows as dicts.

    `build` is called on first use. Types are the driver's: encrypted columns come as bytes, jsonb parameters must be
    wrapped in psycopg's Jsonb, and lists go with `= ANY(:ids)`, never with IN.
    """

    def __init__(self, build: Callable[[], ClauseElement]) -> None:
        self._build = build
        self._compiled: tuple[str, dict[str, Any]] | None = None

    def rows(self, connection: Connection | Session, **values: Any) -> list[dict[str, Any]]:
        """Execute and give all rows."""
        with _driver(connection).cursor(row_factory=dict_row) as cursor:
            self.send(cursor, values)
            return _fetched(cursor)

    def row(self, connection: Connection | Session, **values: Any) -> dict[str, Any] | None:
        """Execute and give the first row, or None."""
        rows = self.rows(connection, **values)
        return rows[0] if rows else None

    def send(self, cursor: "psycopg.Cursor[Any]", values: Mapping[str, Any]) -> None:
        """Execute on a cursor of the driver."""
        text, defaults = self._text()
        cursor.execute(text, {**defaults, **values} if defaults else values)  # type: ignore[arg-type]

    @property
    def text(self) -> str:
        """The driver's own text, with %(name)s where values go."""
        return self._text()[0]

    def _text(self) -> tuple[str, dict[str, Any]]:
        if self._compiled is None:
            compiled = cast(SQLCompiler, self._build().compile(dialect=PGDialect_psycopg()))  # type: ignore[no-untyped-call]
            constants = {name for name, bound in compiled.binds.items() if bound.unique}
            self._compiled = _written_out(str(compiled), dict(compiled.params), constants)
        return self._compiled


def _written_out(text: str, values: dict[str, Any], constants: set[str]) -> tuple[str, dict[str, Any]]:
    """Constants become part of the text: the plan kept for all values uses a partial index only where it reads them."""
    plain = {
        name: sql.quote(value).replace("%", "%%")
        for name, value in values.items()
        if name in constants and isinstance(value, bool | int | str | dt.timedelta)
    }
    text = re.sub(r"%\((\w+)\)s", lambda found: plain.get(found[1], found[0]), text)
    return text, {name: value for name, value in values.items() if name not in plain}


def in_one_trip(
    connection: Connection | Session, *asked: tuple[Statement, Mapping[str, Any]]
) -> list[list[dict[str, Any]]]:
    """Execute statements one after another in one round trip (BEGIN included); the rows of each.

    Each still sees what was committed before it began: a look-up sent behind a lock sees what the lock waited for.
    """
    driver = _driver(connection)
    cursors = [driver.cursor(row_factory=dict_row) for _ in asked]
    with driver.pipeline():
        for cursor, (statement, values) in zip(cursors, asked, strict=True):
            statement.send(cursor, values)
    return [_fetched(cursor) for cursor in cursors]


def _fetched(cursor: "psycopg.Cursor[dict[str, Any]]") -> list[dict[str, Any]]:
    # Asking `cursor.description` instead would make an object of every column, every time.
    return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else []


def _driver(connection: Connection | Session) -> "psycopg.Connection[Any]":
    if isinstance(connection, Session):
        connection = connection.connection()
    return connection.connection.driver_connection  # type: ignore[return-value]
