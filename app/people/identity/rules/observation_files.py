"""Files of observations, read block by block: CSV and Parquet, a column for each kind of id. docs/imports.md says more.

A block remembers where it ends, so that reading goes on there after a stop. In CSV one line is one row: line breaks within
quotes are refused, which makes line numbers exact and lets a block begin at any line.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from app.people.identity.rules.kinds import NotAnIdentifier, check_scope

SEEN_AT, SOURCE, PROOF = "seen_at", "source", "proof"
BLOCK_BYTES = 4 << 20
BLOCK_ROWS = 50_000


class HeaderWrong(ValueError):
    """The file's columns are not those of observations; the message says which and never repeats a row."""


class Position(NamedTuple):
    """Where reading goes on: bytes of CSV or rows of Parquet that are behind us, and the number of the last line read."""

    offset: int = 0
    line: int = 0


class Problem(NamedTuple):
    """What is wrong with a line. `status`: refused (none of it is kept) or kept (but for what is said). Never a value."""

    line: int
    status: str
    column: str
    reason: str


@dataclass(frozen=True)
class IdColumn:
    """A column of ids: its name in the file, `kind` or `kind:scope`."""

    name: str
    kind: str
    scope: str


@dataclass
class Block:
    """Rows of texts, empty ones null, with their line numbers; lines that are no rows; where reading goes on."""

    rows: pa.Table
    lines: npt.NDArray[np.int64]
    end: Position
    problems: list[Problem] = field(default_factory=list)


def id_columns(names: Sequence[str]) -> list[IdColumn]:
    """The columns of ids among a file's columns. Raises HeaderWrong."""
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise HeaderWrong(f"columns that come twice: {', '.join(repeated)}")
    if SEEN_AT not in names:
        raise HeaderWrong(f"there is no column {SEEN_AT}")
    found = []
    for name in names:
        if name in (SEEN_AT, SOURCE, PROOF):
            continue
        kind, _, scope = name.partition(":")
        try:
            check_scope(kind, scope)
        except NotAnIdentifier as wrong:
            raise HeaderWrong(f"column {name!r}: wrong {wrong}; ids are named kind or kind:scope") from None
        found.append(IdColumn(name, kind, scope))
    if not found:
        raise HeaderWrong("there is no column of ids")
    return found


class CsvFile:
    """A CSV file of observations. `columns` are its names."""

    def __init__(self, stream: BinaryIO, *, encoding: str = "utf-8") -> None:
        self._stream, self._encoding = stream, encoding
        head = stream.readline()
        self._first = Position(len(head), 1)
        try:
            text = head.decode(encoding).removeprefix("\ufeff")
            self.columns = [name.strip() for name in next(csv.reader([text.rstrip("\r\n")], strict=True), [])]
        except (UnicodeDecodeError, csv.Error):
            raise HeaderWrong(f"the first line is no line of CSV in {encoding}") from None

    def blocks(self, start: Position) -> Iterator[Block]:
        """What follows a position, in blocks of whole lines."""
        at = max(start, self._first)
        self._stream.seek(at.offset)
        while piece := self._stream.read(BLOCK_BYTES):
            piece += self._stream.readline()
            count = piece.count(b"\n") + (not piece.endswith(b"\n"))
            end = Position(at.offset + len(piece), at.line + count)
            yield self._block(piece, at.line + 1, end)
            at = end

    def _block(self, piece: bytes, first: int, end: Position) -> Block:
        count = end.line + 1 - first
        try:
            text = piece if self._encoding in ("utf-8", "utf-8-sig") else piece.decode(self._encoding).encode()
            wrong: list[int] = []
            rows = _parsed(text, self.columns, wrong)
            if rows.num_rows + len(wrong) == count:
                lines = np.delete(np.arange(first, first + count), [number - 1 for number in wrong])
                problems = [_wrong_width(first + number - 1) for number in wrong]
                return Block(rows, lines, end, problems)
        except (pa.ArrowInvalid, UnicodeDecodeError):
            pass  # somewhere is a line that is not as it should be: look at each
        return self._line_by_line(piece, first, end)

    def _line_by_line(self, piece: bytes, first: int, end: Position) -> Block:
        kept: list[list[str | None]] = []
        lines, problems = [], []
        for number, raw in enumerate(piece.removesuffix(b"\n").split(b"\n"), first):
            try:
                cells = next(csv.reader([raw.removesuffix(b"\r").decode(self._encoding)], strict=True), [])
            except (UnicodeDecodeError, csv.Error) as error:
                reason = "encoding" if isinstance(error, UnicodeDecodeError) else "quotes"
                problems.append(Problem(number, "refused", "", reason))
                continue
            if cells and len(cells) != len(self.columns):
                problems.append(_wrong_width(number))
                continue
            kept.append([cell or None for cell in cells] or [None] * len(self.columns))
            lines.append(number)
        columns = [pa.array([row[at] for row in kept], pa.string()) for at in range(len(self.columns))]
        return Block(pa.table(columns, names=self.columns), np.array(lines, dtype=np.int64), end, problems)


def _wrong_width(line: int) -> Problem:
    return Problem(line, "refused", "", "number of columns")


def _parsed(text: bytes, columns: Sequence[str], wrong: list[int]) -> pa.Table:
    """The rows of whole lines; the numbers of lines with another number of columns, from 1, go to `wrong`."""

    def note(row: pyarrow.csv.InvalidRow) -> str:
        wrong.append(row.number)
        return "skip"

    return pyarrow.csv.read_csv(
        pa.BufferReader(text),
        read_options=pyarrow.csv.ReadOptions(
            use_threads=False, column_names=list(columns), block_size=max(len(text) + 1, 1 << 16)
        ),
        parse_options=pyarrow.csv.ParseOptions(invalid_row_handler=note, ignore_empty_lines=False),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(columns, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )


class ParquetFile:
    """A Parquet file of observations. `columns` are its names; a line is a row, counted from 1."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._file = pyarrow.parquet.ParquetFile(stream)
        except pa.ArrowInvalid:
            raise HeaderWrong("this is no Parquet file") from None
        self.columns = list(self._file.schema_arrow.names)

    def blocks(self, start: Position) -> Iterator[Block]:
        """What follows a position; groups of rows that are behind us are not read again."""
        about = self._file.metadata
        groups, behind = list(range(about.num_row_groups)), 0
        while groups and behind + about.row_group(groups[0]).num_rows <= start.offset:
            behind += about.row_group(groups.pop(0)).num_rows
        for batch in self._file.iter_batches(BLOCK_ROWS, row_groups=groups):
            skipped = min(max(start.offset - behind, 0), batch.num_rows)
            behind += batch.num_rows
            if left := batch.num_rows - skipped:
                rows = pa.table([_texts(one.slice(skipped)) for one in batch.columns], names=self.columns)
                yield Block(rows, np.arange(behind - left + 1, behind + 1), Position(behind, behind))


def _texts(values: pa.Array) -> pa.Array:
    """Any column as texts; times in UTC where they carry a zone, as they stand where they carry none."""
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    if pa.types.is_timestamp(values.type):
        zone = "Z" if values.type.tz else ""
        return pc.strftime(values.cast(pa.timestamp("us", "UTC" if zone else None)), f"%Y-%m-%dT%H:%M:%S{zone}")
    try:
        texts = values.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise HeaderWrong(f"a column of {values.type} holds no texts") from None
    return pc.if_else(pc.equal(texts, ""), None, texts)


def open_file(stream: BinaryIO, *, parquet: bool, encoding: str = "utf-8") -> CsvFile | ParquetFile:
    """A file of observations, with its columns looked at. Raises HeaderWrong."""
    file = ParquetFile(io.BufferedReader(stream)) if parquet else CsvFile(stream, encoding=encoding)  # type: ignore[type-var]
    id_columns(file.columns)
    return file
