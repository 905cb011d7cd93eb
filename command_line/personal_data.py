"""`personal-data`: the register of personal data as a page, made from what the columns themselves declare."""

from itertools import groupby
from pathlib import Path

import click

from app import wiring  # noqa: F401  (makes every table known)
from app.kernel.database import Base
from app.kernel.personal import PersonalField, list_personal_fields

PAGE = Path(__file__).parents[1] / "docs" / "personal-data.md"
HEAD = """\
# Personal data

Made by `python -m command_line personal-data --write` from the columns' own declarations; a test keeps it up to date, and
another fails for a column that looks personal and declares nothing. Values named `…_index` are keyed digests for look-up.

| basis | means |
| --- | --- |
| contract | needed to give the membership the person asked for |
| consent | asked for separately, can be taken back (field rule L01) |
| employment | needed to let staff work and to keep figures honest (X01) |
| law | must be kept or shown by law |
"""
COLUMNS = "| column | what for | basis | kept |\n| --- | --- | --- | --- |\n"


def page() -> str:
    """The whole page."""
    fields = list_personal_fields(Base.metadata)
    return HEAD + "".join(_section(table, list(rows)) for table, rows in groupby(fields, lambda field: field.table))


def _section(table: str, fields: list[PersonalField]) -> str:
    rows = (f"| `{field.column}` | {field.purpose} | {field.basis} | {field.retention} |\n" for field in fields)
    return f"\n## `{table}`\n\n{COLUMNS}{''.join(rows)}"


@click.command("personal-data")
@click.option("--write", is_flag=True, help=f"Write {PAGE.parent.name}/{PAGE.name} instead of printing the page.")
def personal_data(write: bool) -> None:
    """The register of personal data: each column with purpose, basis and retention."""
    if not write:
        click.echo(page(), nl=False)
        return
    PAGE.write_text(page(), encoding="utf-8")
    click.echo(f"written: {PAGE.name}")
