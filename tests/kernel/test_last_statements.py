"""A row that everybody wants is updated in one message with the COMMIT."""

import contextlib

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import LastStatement, db, leave_for_last, unit_of_work
from app.kernel.errors import Conflict


class Full(Conflict):
    code = "toy.full"


ONCE_MORE = LastStatement(
    "UPDATE clock_offset SET id = id, offset_seconds = offset_seconds + 1", {"ck_clock_offset_only_one": Full}
)
BREAKS = LastStatement("UPDATE clock_offset SET id = 2", {"ck_clock_offset_only_one": Full})
UNKNOWN = LastStatement("UPDATE clock_offset SET id = 2", {})


@pytest.fixture
def counted(committed: flask.Flask) -> flask.Flask:
    with committed.app_context(), unit_of_work() as session:
        session.execute(text("INSERT INTO clock_offset VALUES (1, 0)"))
    return committed


def count(app: flask.Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text("SELECT offset_seconds FROM clock_offset")).scalar_one())


def test_it_is_committed_with_everything_else(counted: flask.Flask) -> None:
    with counted.app_context():
        with unit_of_work() as session:
            session.execute(text("UPDATE clock_offset SET offset_seconds = 10"))
            assert leave_for_last(session, ONCE_MORE)
            assert leave_for_last(session, ONCE_MORE)
        assert count(counted) == 12
        with unit_of_work() as session:
            assert session.execute(text("SELECT 1")).scalar_one() == 1


@pytest.mark.parametrize(("last", "raised"), [(BREAKS, Full), (UNKNOWN, Exception)])
def test_a_broken_limit_is_the_refusal_and_undoes_everything(
    counted: flask.Flask, last: LastStatement, raised: type[Exception]
) -> None:
    def write() -> None:
        with unit_of_work() as session:
            session.execute(text("UPDATE clock_offset SET offset_seconds = 10"))
            leave_for_last(session, last)

    with counted.app_context():
        with pytest.raises(raised):
            write()
        assert count(counted) == 0


def test_an_error_before_it_leaves_nothing_waiting(counted: flask.Flask) -> None:
    with counted.app_context():
        with contextlib.suppress(KeyError), unit_of_work() as session:
            leave_for_last(session, ONCE_MORE)
            raise KeyError
        with unit_of_work():
            pass
        assert (count(counted), leave_for_last(db.session(), ONCE_MORE)) == (0, False)


def test_in_a_tests_own_transaction_it_is_undone_too(database: object) -> None:
    with unit_of_work() as session:
        session.execute(text("INSERT INTO clock_offset VALUES (1, 0)"))
        leave_for_last(session, ONCE_MORE)

    assert db.session.execute(text("SELECT offset_seconds FROM clock_offset")).scalar_one() == 1
    with pytest.raises(Full), unit_of_work() as session:
        leave_for_last(session, BREAKS)
    assert db.session.execute(text("SELECT id FROM clock_offset")).scalar_one() == 1
