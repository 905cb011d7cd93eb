"""Statements compiled once."""

import datetime as dt

from flask import Flask
from sqlalchemy import ClauseElement, bindparam, column, func, literal, select, table, text

from app.kernel.database import Statement, reading, unit_of_work


def test_constants_are_written_out_and_named_values_are_sent(database: Flask) -> None:
    def build() -> ClauseElement:
        words = literal("it's 5% of 'all' \\ %(now)s")
        return select(
            words.label("words"),
            literal(-3).label("below"),
            literal(dt.timedelta(days=2)).label("days"),
            bindparam("given", "unless told").label("given"),
        )

    statement = Statement(build)

    with reading() as connection:
        plain, told = statement.row(connection), statement.row(connection, given="told")

    assert "%(given)s" in statement.text
    assert statement.text.count("%(") == 2, "the parameter, and the words that only look like one"
    assert plain == {
        "words": "it's 5% of 'all' \\ %(now)s", "below": -3, "days": dt.timedelta(days=2), "given": "unless told",
    }  # fmt: skip
    assert told is not None
    assert told["given"] == "told"


def test_the_plan_for_all_values_uses_a_partial_index(database: Flask) -> None:
    rows = table("passing", column("id"), column("state"))
    statement = Statement(lambda: select(func.count()).where(rows.c.id == bindparam("id"), rows.c.state == "open"))
    with unit_of_work() as session:
        session.execute(text("CREATE TEMPORARY TABLE passing (id bigint, state text) ON COMMIT DROP"))
        session.execute(text("CREATE INDEX ix_open ON passing (id) WHERE state = 'open'"))
        session.execute(text("SET LOCAL enable_seqscan = off"))
        driver = session.connection().connection.driver_connection
        assert driver is not None
        prepared = statement.text.replace("%(id)s", "$1")
        driver.execute(f"PREPARE passing_open (bigint) AS {prepared}", prepare=False)
        driver.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        plan = "\n".join(row[0] for row in driver.execute("EXPLAIN EXECUTE passing_open (7)", prepare=False))
        driver.execute("DEALLOCATE passing_open")
    assert "ix_open" in plan
    assert "$1" in plan
