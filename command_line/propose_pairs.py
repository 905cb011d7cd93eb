"""`propose-pairs FILE`: who in a file of names, birthdays and addresses may be one person, for the review queue."""

import csv
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from app import wiring
from app.kernel import clock
from app.kernel.database import unit_of_work
from app.people import identity

_KEY = ("kind", "scope", "value")
_TOLD = ("name", "surname", "birthday", "phone", "number", "address", "street", "door", "area", "postcode")
A_BATCH = 2_000


@dataclass
class Count:
    """Lines read, and those among them whose id is nobody's or no id."""

    read: int = 0
    unknown: int = 0


@click.command("propose-pairs")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, help="name of what the file is from; its former proposals are looked at anew")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="gb18030 for files of Chinese spreadsheets")
@click.option("--memory", default="1GB", show_default=True, help="beyond it, encrypted temporary files are used")
def propose_pairs(file: Path, source: str, encoding: str, memory: str) -> None:
    """Propose pairs from a CSV or Parquet FILE; docs/imports.md has the columns. Nobody is merged by it."""
    count = Count()
    lines = _parquet(file) if file.suffix == ".parquet" else _csv(file, encoding)
    bounds = identity.proposing.Bounds(memory=memory)
    with wiring.start().app_context(), unit_of_work():
        done = identity.proposing.propose(
            _records(lines, count), source=f"file:{source}", now=clock.now(), bounds=bounds
        )
    if done is None:
        raise click.ClickException("another run of this source is at it")
    click.echo(
        f"{count.read:,} lines read, {count.unknown:,} of nobody we know; {done.found:,} pairs alike,"
        f" {done.new:,} newly proposed, {done.withdrawn:,} withdrawn"
    )


def _csv(file: Path, encoding: str) -> Iterator[dict[str, str]]:
    with file.open(encoding=encoding, newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        _check(reader.fieldnames or ())
        yield from reader


def _parquet(file: Path) -> Iterator[dict[str, str]]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(file) as table:
        _check(table.schema_arrow.names)
        for batch in table.iter_batches(A_BATCH):
            for row in batch.to_pylist():
                yield {name: "" if value is None else str(value) for name, value in row.items()}


def _check(columns: Iterable[str]) -> None:
    if unknown := sorted(set(columns) - {*_KEY, *_TOLD}):
        raise click.ClickException(f"unknown columns: {', '.join(unknown)}")
    if missing := sorted({"kind", "value"} - set(columns)):
        raise click.ClickException(f"missing columns: {', '.join(missing)}")


def _records(lines: Iterator[dict[str, str]], count: Count) -> Iterator[identity.proposing.WeakRecord]:
    while chunk := list(itertools.islice(lines, A_BATCH)):
        ids = [_id_of(line) for line in chunk]
        holders = identity.find_holders([one.key for one in ids if one])
        count.read += len(chunk)
        for line, one in zip(chunk, ids, strict=True):
            if one is None or one.key not in holders:
                count.unknown += 1
                continue
            told = {name: line.get(name) or "" for name in _TOLD}
            yield identity.proposing.WeakRecord(holders[one.key].customer_id, **told)


def _id_of(line: dict[str, str]) -> identity.Identifier | None:
    try:
        return identity.identifier(line["kind"] or "", line["value"] or "", scope=line.get("scope") or "")
    except identity.IdentifierInvalid:
        return None
