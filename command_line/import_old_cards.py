"""`import-old-cards FILE`: cards of the former system with their opening balances, from CSV, all of it or nothing."""

import csv
import datetime as dt
from pathlib import Path

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import unit_of_work
from app.membership import members
from command_line.import_orders import ErrorFile

_COLUMNS = ("card_number", "phone", "name", "tier", "tier_until", "growth", "lots", "joined_on")


@click.command("import-old-cards")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--cut-over", required=True, help="day of the opening balances; orders before it earn nothing any more")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="where bad lines go")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="gb18030 for files of Chinese spreadsheets")
def import_old_cards(file: Path, cut_over: str, errors: Path | None, encoding: str) -> None:
    """Take over old cards from a CSV FILE; docs/imports.md has the columns. Again changes nothing that is bound."""
    try:
        cut_over_at = clock.start_of_day(dt.date.fromisoformat(cut_over))
    except ValueError:
        raise click.ClickException("--cut-over must look like 2026-05-20") from None
    bad = ErrorFile(errors or file.with_suffix(".errors.csv"))
    with file.open(encoding=encoding, newline="") as stream, wiring.start().app_context():
        reader = csv.DictReader(stream, strict=True)
        if unknown := sorted(set(reader.fieldnames or ()) - set(_COLUMNS)):
            raise click.ClickException(f"unknown columns: {', '.join(unknown)}")
        with unit_of_work():
            report = members.import_old_cards(
                lines=reader,
                cut_over_at=cut_over_at,
                now=clock.now(),
                reject=lambda number, reason: bad.write((number,), "refused", "", reason),
            )
    bad.close()
    click.echo(
        f"{report.read:,} cards read, {report.kept:,} kept, {report.bound_before:,} bound before, {report.rejected:,} refused"
    )
    if report.rejected:
        raise click.ClickException(f"refused lines are in {bad.path}")
