"""`import-observations FILE`: which ids were seen together, from CSV or Parquet, millions of rows in bounded memory.

A killed import goes on where it stood when it is started again; the same file again changes nothing.
"""

import functools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import again_when_given_up, unit_of_work
from app.people.identity import ImportUnreadable, ObservationImport
from command_line.progress import reading_bar

T = TypeVar("T")


@click.command("import-observations")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", help="who saw it, where the file does not say it")
@click.option("--proof", type=click.Choice(["stated", "picked", "proven"]), default="stated", show_default=True)
@click.option("--encoding", default="utf-8", show_default=True, help="gb18030 for files of Chinese spreadsheets")
@click.option("--window", default=ObservationImport.ROWS, show_default=True, help="rows held in memory at once")
@click.option("--again", is_flag=True, help="read it from the beginning although it was imported before")
@click.option("--later", is_flag=True, help="only order it: a worker that sees the same file imports it")
def import_observations(file: Path, *, window: int, again: bool, later: bool, **how: str) -> None:
    """Import observations from FILE; docs/imports.md has the columns. Bad lines go to FILE.rejects.csv, good ones in."""
    with wiring.start().app_context():
        try:
            with unit_of_work():
                it = ObservationImport.order(file, by_worker=later, now=clock.now(), **how)
                if again:
                    it.begin_again()
        except ImportUnreadable as wrong:
            raise click.ClickException(wrong.data["reason"]) from None
        if later:
            click.echo(f"import {it.run.id} is left to the workers")
            return
        if it.run.finished_at is not None:
            click.echo(
                f"imported before, {it.run.finished_at:%Y-%m-%d %H:%M} UTC: nothing to do (--again reads it again)"
            )
            return
        began, stood = time.perf_counter(), it.run.read
        _carry_out(it, window)
        _tell(it, it.run.read - stood, time.perf_counter() - began)
    sys.exit(1 if it.run.refused else 0)


def _carry_out(it: ObservationImport, rows: int) -> None:
    """Window by window, part by part; the next of each is computed while the database is busy with the one before."""
    rejects = it.rejects()
    with reading_bar(Path(it.run.path).name, it.run.size) as show:
        with unit_of_work():
            windows = it.windows(rows=rows, now=clock.now())
        for window in ahead(windows):
            rejects.write(window.problems)
            for part in ahead(window.parts()):
                _in_one(functools.partial(it.write, part))
            _in_one(functools.partial(it.pass_on, window))
            show(it.position, f"{it.run.read:,} rows, {it.run.new_people:,} new people")
        _in_one(functools.partial(it.pass_on, None))


def _in_one(act: Callable[..., object]) -> None:
    def again() -> None:
        with unit_of_work():
            act(now=clock.now())

    again_when_given_up(again)


def ahead(found: Iterable[T]) -> Iterator[T]:
    """The same, each computed by a thread while the caller is busy with the one before."""
    waiting = iter(found)
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, waiting, None)
        while (one := coming.result()) is not None:
            coming = thread.submit(next, waiting, None)
            yield one


def _tell(it: ObservationImport, rows: int, seconds: float) -> None:
    run = it.run
    click.echo(
        f"{rows:,} rows, {rows / max(seconds, 0.001):,.0f}/s: {run.new_people:,} new people, {run.new_ids:,} new ids,"
        f" {run.merged:,} merged; {run.refused:,} rows refused, {run.blocked:,} values that name nobody"
    )
    if run.problems:
        click.echo(f"  see {it.rejects_path}")
