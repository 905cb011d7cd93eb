"""The register of personal data is a page, and the page is true."""

import pytest
from click.testing import CliRunner

from command_line import personal_data

HEADINGS = {"contract", "consent", "employment", "law"}


@pytest.mark.usefixtures("application")
def test_the_page_says_what_the_columns_declare() -> None:
    written = personal_data.PAGE.read_text(encoding="utf-8")
    assert written == personal_data.page(), "run: .venv/bin/python -m command_line personal-data --write"
    assert "| `birthday` |" in written


@pytest.mark.usefixtures("application")
def test_every_basis_is_a_word_that_the_page_explains() -> None:
    bases = {field.basis for field in personal_data.list_personal_fields(personal_data.Base.metadata)}
    assert bases <= HEADINGS, f"use one of {sorted(HEADINGS)}, or explain the new one in command_line/personal_data.py"


def test_the_page_can_be_printed_and_written(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr(personal_data, "PAGE", tmp_path / "page.md")  # type: ignore[operator]
    printed = CliRunner().invoke(personal_data.personal_data, [])
    CliRunner().invoke(personal_data.personal_data, ["--write"])

    assert printed.exit_code == 0
    assert printed.output == personal_data.PAGE.read_text(encoding="utf-8")
