"""`import-orders FILE`: orders of one or more channels from CSV or JSON, streamed, in chunks that are whole or not at all.

Re-running the same file changes nothing, so an import that was stopped is resumed by starting it again.
"""

import codecs
import csv
import functools
import io
import itertools
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import again_when_given_up, unit_of_work
from app.trade import orders
from command_line.progress import reading_bar

ORDERS_A_CHUNK = 5_000
Reader = Callable[[TextIO, orders.Defaults], Iterator[orders.Reading]]
_READERS: dict[str, Reader] = {"csv": orders.read_csv, "json": orders.read_json}
_ANSWERS = {"yes": True, "no": False}


@dataclass
class Tally:
    """What an import did. `orders` by outcome; `bad` counts what was refused, with each reason in the error file."""

    orders: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def bad(self) -> int:
        """Orders that were not kept."""
        return self.orders["refused"]


class ErrorFile:
    """Where bad lines go: line, what it was (refused or kept with a warning), order number, reason. Made at the first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: TextIO | None = None
        self._writer: Any = None  # csv gives its writer's type no public name

    def write(self, lines: tuple[int, ...], status: str, number: str, reason: str) -> None:
        """Add one line."""
        if self._writer is None:
            self._file = self.path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "status", "number", "reason"])
        self._writer.writerow([lines[0], status, number, reason])

    def close(self) -> None:
        """Finish the file where there is one."""
        if self._file is not None:
            self._file.close()


def import_readings(
    readings: Iterable[orders.Reading], *, source: str, errors: ErrorFile, seen: Callable[[Tally], None]
) -> Tally:
    """Report the orders chunk by chunk, each chunk in one transaction; `seen` is called after each."""
    tally, began = Tally(), time.perf_counter()
    for chunk in _chunks(readings):
        told = [reading.report for reading in chunk if reading.report is not None]
        outcomes = iter(again_when_given_up(functools.partial(_report, told, source)))
        for reading in chunk:
            _note(reading, next(outcomes) if reading.report is not None else None, tally, errors)
        tally.seconds = time.perf_counter() - began
        seen(tally)
    return tally


def _report(told: Sequence[orders.OrderReport], source: str) -> list[orders.Outcome]:
    with unit_of_work():
        return orders.report_orders(told, source=source, now=clock.now())


def _chunks(readings: Iterable[orders.Reading]) -> Iterator[list[orders.Reading]]:
    """Chunk by chunk, the next one read by a thread while the database is busy with the one before."""
    waiting = iter(readings)

    def read() -> list[orders.Reading]:
        return list(itertools.islice(waiting, ORDERS_A_CHUNK))

    chunk = read()
    with ThreadPoolExecutor(1) as reader:
        while chunk:
            coming = reader.submit(read)
            yield chunk
            chunk = coming.result()


def _note(reading: orders.Reading, outcome: orders.Outcome | None, tally: Tally, errors: ErrorFile) -> None:
    if outcome is None or outcome.reason is not None:
        tally.orders["refused"] += 1
        number, reason = ("", reading.reason) if outcome is None else (outcome.number, outcome.reason)
        errors.write(reading.lines, "refused", number, reason or "")
        return
    tally.orders[outcome.status] += 1
    for warning in outcome.warnings:
        if warning not in tally.warnings:
            errors.write(reading.lines, "kept", outcome.number, warning)
        tally.warnings[warning] += 1


@click.command("import-orders")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "form", type=click.Choice(sorted(_READERS)), help="default: by the file's name, else csv")
@click.option("--channel", help="the channel of all orders, where the file does not say it")
@click.option("--earns", type=click.Choice(["yes", "no"]), help="计分 or 不计分 (O05), where the file does not say it")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="default: FILE.errors.csv")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="gb18030 for files of Chinese spreadsheets")
def import_orders(
    file: Path, form: str | None, channel: str | None, earns: str | None, errors: Path | None, encoding: str
) -> None:
    """Import orders from FILE; docs/imports.md has the columns. Bad lines go to an error file, good ones are kept."""
    form = form or ("json" if file.suffix in {".json", ".jsonl", ".ndjson"} else "csv")
    defaults = orders.Defaults(channel, _ANSWERS.get(earns or ""))
    bad = ErrorFile(errors or file.with_name(f"{file.name}.errors.csv"))
    try:
        codecs.lookup(encoding)
    except LookupError as unknown:
        raise click.ClickException(str(unknown)) from None
    with wiring.start().app_context(), file.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="")
        try:
            with reading_bar(file.name, file.stat().st_size) as show:
                tally = import_readings(
                    _READERS[form](text, defaults),
                    source=f"import {file.name}",
                    errors=bad,
                    seen=lambda tally: show(raw.tell(), _speed(tally)),
                )
        except orders.HeaderWrong as wrong:
            raise click.ClickException(str(wrong)) from None
        finally:
            bad.close()
    tell(tally, bad.path)
    sys.exit(1 if tally.bad else 0)


def _speed(tally: Tally) -> str:
    return f"{tally.orders.total():,} orders, {tally.orders.total() / max(tally.seconds, 0.001):,.0f}/s"


def tell(tally: Tally, errors: Path) -> None:
    """Say what came of an import."""
    click.echo(
        f"{_speed(tally)}: {tally.orders['accepted']:,} accepted, {tally.orders['unchanged']:,} unchanged,"
        f" {tally.bad:,} refused"
    )
    for warning, count in sorted(tally.warnings.items())[:20]:
        click.echo(f"  {warning}: {count:,} orders")
    if len(tally.warnings) > 20:
        click.echo(f"  and {len(tally.warnings) - 20:,} more kinds of warnings")
    if tally.bad or tally.warnings:
        click.echo(f"  see {errors}")
