"""`import-observations` as an operator meets it."""

import csv
from collections.abc import Callable
from pathlib import Path

import flask
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.people import identity
from command_line import import_observations as command
from tests.conftest import NOW

HEADER = "seen_at,source,proof,phone,unionid,openid:wx1\n"
GOOD = "2025-01-01 10:00:00,counter,proven,138000010{0:02},union-{0},open-{0}\n"
Run = Callable[..., Result]


@pytest.fixture
def run(committed: flask.Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, on the test's own product."""
    monkeypatch.setattr(command.wiring, "start", lambda: committed)
    return lambda *words: CliRunner().invoke(command.import_observations, [str(word) for word in words])


def count(query: str) -> int:
    with unit_of_work():
        return int(db.session.execute(text(query)).scalar_one())


def a_file(folder: Path, *, people: int, bad: str = "") -> Path:
    path = folder / "seen.csv"
    path.write_text(HEADER + "".join(GOOD.format(number) for number in range(people)) + bad)
    return path


def test_good_rows_are_in_and_bad_ones_told_with_their_lines(run: Run, tmp_path: Path, committed: flask.Flask) -> None:
    path = a_file(tmp_path, people=30, bad="soon,counter,,13800001050,,\n2025-01-01,counter,,123,union-5,\n")

    told = run(path)

    assert told.exit_code == 1, told.output
    assert "32 rows" in told.output
    assert "30 new people, 90 new ids, 0 merged; 1 rows refused" in told.output
    with path.with_name("seen.csv.rejects.csv").open() as file:
        assert list(csv.reader(file)) == [
            ["line", "status", "column", "reason"],
            ["32", "refused", "seen_at", "no time"],
            ["33", "kept", "phone", "no phone"],
        ]
    with committed.app_context(), unit_of_work():
        customer = identity.find_customer(identity.identifier("unionid", "union-7"))
        assert {one.value for one in identity.list_identities(customer or 0)} == {"+8613800001007", "union-7", "open-7"}


def test_the_same_file_again_does_nothing_and_again_changes_nothing(
    run: Run, tmp_path: Path, committed: flask.Flask
) -> None:
    path = a_file(tmp_path, people=5)
    assert "5 new people" in run(path).output

    assert "nothing to do" in run(path).output
    assert "0 new people, 0 new ids, 0 merged" in run(path, "--again", "--window", 2).output

    with committed.app_context():
        assert count("SELECT count(*) FROM identity") == 15
        assert count("SELECT count(*) FROM identity_evidence") == 15
        assert count("SELECT count(*) FROM identity_import") == 1


@pytest.mark.parametrize(("header", "said"), [("phone\n", "no column seen_at"), ("seen_at,handy\n", "wrong kind")])
def test_a_file_of_something_else_is_refused(run: Run, tmp_path: Path, header: str, said: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(header)

    told = run(path)

    assert told.exit_code == 1
    assert said in told.output


def test_an_ordered_file_is_imported_by_the_job(run: Run, tmp_path: Path, committed: flask.Flask) -> None:
    assert "left to the workers" in run(a_file(tmp_path, people=5), "--later").output

    with committed.app_context():
        assert count("SELECT count(*) FROM identity") == 0
        with unit_of_work():
            while identity.ObservationImport.advance_due(now=NOW, limit=2):
                pass
        assert count("SELECT count(*) FROM identity") == 15
        assert count("SELECT count(*) FROM identity_import WHERE finished_at IS NOT NULL") == 1


def test_a_file_that_is_gone_is_told_and_holds_up_no_other(run: Run, tmp_path: Path, committed: flask.Flask) -> None:
    path = a_file(tmp_path, people=5)
    run(path, "--later")
    path.rename(tmp_path / "elsewhere.csv")

    with committed.app_context():
        with unit_of_work():
            while identity.ObservationImport.advance_due(now=NOW, limit=2):
                pass
        assert count("SELECT count(*) FROM identity_import WHERE trouble IS NOT NULL") == 1
