"""Old cards from a file, through the operator's way in."""

from pathlib import Path

import flask
import pytest
from click.testing import CliRunner
from sqlalchemy import text

from app.kernel.database import db
from command_line.import_old_cards import import_old_cards

HEADER = "card_number,phone,name,tier,tier_until,growth,lots,joined_on\n"


def run(file: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(import_old_cards, [str(file), "--cut-over", "2026-05-01", *more])
    return result.exit_code, result.output


def waiting(app: flask.Flask) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM old_card")).scalar_one())


def test_good_cards_are_kept_and_bad_lines_are_told(committed: flask.Flask, tmp_path: Path) -> None:
    file = tmp_path / "cards.csv"
    file.write_text(
        f"{HEADER}OLD-0001,13900000001,林晓月,gold,2027-01-31,300,5@2026-12-31,\n!,,,,,,,\n", encoding="utf-8"
    )
    code, output = run(file)

    assert (code, waiting(committed)) == (1, 1)
    assert "2 cards read, 1 kept, 0 bound before, 1 refused" in output
    assert (tmp_path / "cards.errors.csv").read_text().splitlines()[1] == "3,refused,,card_number"


@pytest.mark.parametrize(
    ("content", "more", "words"),
    [("card_number,colour\n", (), "unknown columns: colour"), (HEADER, ("--cut-over", "yesterday"), "must look like")],
)
def test_a_wrong_call_is_told_and_changes_nothing(
    committed: flask.Flask, tmp_path: Path, content: str, more: tuple[str, ...], words: str
) -> None:
    file = tmp_path / "cards.csv"
    file.write_text(content)
    code, output = run(file, *more)

    assert (code, words in output, waiting(committed)) == (1, True, 0)
