"""Many rows to and from PostgreSQL in its binary COPY format, made from columns and never row by row.

Rows whose values have the same lengths are one array of fixed records, so that a million rows cost a handful of copies of
memory: 0.2 µs a row where making text of them costs 3 and more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import psycopg
from psycopg import sql
from sqlalchemy.orm import Session

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_EPOCH_US = 946_684_800_000_000  # PostgreSQL counts microseconds from the year 2000


@dataclass(frozen=True)
class Column:
    """One column of many rows. `lengths`: bytes of each value, or of all; `pick(rows, length)`: theirs, one a line."""

    lengths: Numbers | int
    pick: Callable[[Numbers, int], Bytes]


def bigints(values: npt.ArrayLike) -> Column:
    """A column of bigint."""
    numbers = np.asarray(values, dtype=">i8")
    return Column(8, lambda rows, _: numbers[rows].view(np.uint8).reshape(-1, 8))


def moments(microseconds: Numbers) -> Column:
    """A column of timestamptz, from microseconds since 1970."""
    return bigints(microseconds - _EPOCH_US)


def fixed(values: Bytes) -> Column:
    """A column of uuid, or of bytea of one length: a line of bytes each."""
    return Column(values.shape[1], lambda rows, _: values[rows])


def words(codes: Numbers, vocabulary: Sequence[str]) -> Column:
    """A column of text that repeats: a number for each row, and what the numbers mean."""
    known = [word.encode() for word in vocabulary]
    lengths = np.array([len(word) for word in known], dtype=np.int64)

    def pick(rows: Numbers, length: int) -> Bytes:
        lines = b"".join(word if len(word) == length else bytes(length) for word in known)
        return np.frombuffer(lines, dtype=np.uint8).reshape(len(known), length)[codes[rows]]

    return Column(lengths[codes], pick)


def blobs(values: Sequence[bytes]) -> Column:
    """A column of bytea or text of any lengths."""

    def pick(rows: Numbers, length: int) -> Bytes:
        return np.frombuffer(b"".join([values[row] for row in rows]), dtype=np.uint8).reshape(len(rows), length)

    return Column(np.fromiter(map(len, values), dtype=np.int64, count=len(values)), pick)


def lines(columns: Sequence[Column], count: int) -> Iterator[bytes]:
    """The rows in COPY's format; those with values of the same lengths stand together, else in their order."""
    yield _SIGNATURE
    for rows, lengths in _groups(columns, count):
        kinds: list[tuple[Any, ...]] = [("fields", ">i2")]
        for number, length in enumerate(lengths):
            kinds += [(f"length{number}", ">i4"), (f"value{number}", np.uint8, (length,))]
        record = np.empty(len(rows), dtype=kinds)
        record["fields"] = len(columns)
        for number, (column, length) in enumerate(zip(columns, lengths, strict=True)):
            record[f"length{number}"] = length
            record[f"value{number}"] = column.pick(rows, length)
        yield record.tobytes()
    yield _END


def _groups(columns: Sequence[Column], count: int) -> Iterator[tuple[Numbers, list[int]]]:
    key = np.zeros(count, dtype=np.int64)
    for column in columns:
        if not isinstance(column.lengths, int):
            _, key = np.unique(key * (int(column.lengths.max(initial=0)) + 1) + column.lengths, return_inverse=True)
    if not count:
        return
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(key[order][1:] != key[order][:-1]) + 1
    for rows in np.split(order, starts):
        first = rows[0]
        yield rows, [one.lengths if isinstance(one.lengths, int) else int(one.lengths[first]) for one in columns]


def copy_in(session: Session, table: str, columns: Mapping[str, Column], count: int) -> None:
    """Write rows into a table of ours; columns that are not named are NULL or their default."""
    if not count:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(sql.Identifier(table), names)
    with _driver(session).cursor() as cursor, cursor.copy(statement) as copy:
        for piece in lines(list(columns.values()), count):
            copy.write(piece)


def copy_out(session: Session, query: str, fields: Sequence[tuple[Any, ...]]) -> npt.NDArray[Any]:
    """All rows of a query as one array of records. `fields`: each column's name and NumPy type, none of them ever NULL:
    (name, ">i8") for bigint, (name, ">i4") for int, (name, "?") for boolean, (name, np.uint8, (16,)) for uuid."""
    with _driver(session).cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:  # type: ignore[arg-type]
        raw = b"".join(bytes(piece) for piece in copy)
    record: list[tuple[Any, ...]] = [("fields", ">i2")]
    for field in fields:
        record += [(f"length of {field[0]}", ">i4"), field]
    body = raw[len(_SIGNATURE) : -len(_END)]
    return np.frombuffer(body, dtype=np.dtype(record))


def _driver(session: Session) -> "psycopg.Connection[Any]":
    return session.connection().connection.driver_connection  # type: ignore[return-value]
