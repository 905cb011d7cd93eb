"""Files of observations: ordered once, read in windows, written part by part, begun again where a killed one stood.

A window is a stretch of the file whose components are found in memory; its parts are whole components, each written in a
transaction of its own. The run's place moves with the last part. A killed import reads its last window again: what is in
already changes nothing.
"""

import csv
import datetime as dt
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select

from app.kernel.database import db
from app.people.identity.models import ImportRun
from app.people.identity.operations import bulk, decisions
from app.people.identity.operations.gathering import Gathered, gather, parts_of
from app.people.identity.refusals import ImportUnreadable
from app.people.identity.rules.observation_batches import Batch, Told, read_batch
from app.people.identity.rules.observation_files import Block, HeaderWrong, Position, Problem, open_file

WINDOW_ROWS = 1_000_000
PART_IDS = 100_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_CLOCKS_DIFFER = dt.timedelta(days=1)
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class How:
    """How a file is read: its encoding, and what holds for rows that do not say it themselves."""

    source: str | None = None
    proof: str = "stated"
    encoding: str = "utf-8"


@dataclass
class Window:
    """A stretch of a file, as arrays; and the place behind it."""

    batch: Batch
    end: Position

    @property
    def problems(self) -> list[Problem]:
        """Lines with which something is wrong."""
        return self.batch.problems

    def parts(self) -> Iterator[Gathered]:
        """Whole components, about PART_IDS ids at a time, ready to be written. Computes only."""
        if len(self.batch.seen_at):
            for mentions in parts_of(self.batch, ids_a_part=PART_IDS):
                yield gather(self.batch, mentions=mentions)


class ObservationImport:
    """The import of one file, wherever it stands: the same file read in the same way is the same import.

    Everything but `windows` and the parts of a window happens in the caller's transaction.
    """

    ROWS = WINDOW_ROWS

    def __init__(self, run: ImportRun) -> None:
        self.run = run

    @property
    def position(self) -> int:
        """How many bytes of the file are behind us, about."""
        return self.run.size if self.run.finished_at else min(self.run.at_offset, self.run.size)

    @property
    def rejects_path(self) -> Path:
        """Where lines go with which something is wrong."""
        return Path(f"{self.run.path}.rejects.csv")

    def rejects(self) -> "RejectsFile":
        """The file of those lines, with what is behind us in it."""
        return RejectsFile(self.rejects_path, behind=self.run.at_line)

    @classmethod
    def order(cls, path: Path, *, by_worker: bool, now: dt.datetime, **how: str | None) -> "ObservationImport":
        """A file's import, new or known; `how` as in How. `by_worker`: leave it to the jobs. Raises ImportUnreadable."""
        return cls._order(path, How(**how), by_worker, now)  # type: ignore[arg-type]

    @classmethod
    def _order(cls, path: Path, how: How, by_worker: bool, now: dt.datetime) -> "ObservationImport":
        try:
            with path.open("rb") as stream:
                open_file(stream, parquet=_is_parquet(path), encoding=how.encoding)
                digest = _digest(stream, how)
                size = stream.tell()
        except (HeaderWrong, OSError, LookupError) as wrong:
            raise ImportUnreadable(reason=str(wrong)) from None
        known = select(ImportRun).where(ImportRun.digest == digest).with_for_update()
        run = db.session.execute(known).scalar_one_or_none()
        if run is None:
            run = ImportRun(digest=digest, size=size, **vars(how), **dict.fromkeys(_COUNTED, 0), ordered_at=now)
            db.session.add(run)
        run.path, run.by_worker, run.trouble = str(path.resolve()), by_worker, None
        db.session.flush()
        return cls(run)

    def begin_again(self) -> None:
        """Read the file from the beginning; what is in already changes nothing."""
        for name in _COUNTED:
            setattr(self.run, name, 0)
        self.run.finished_at = None
        db.session.flush()

    def windows(self, *, rows: int, now: dt.datetime) -> Iterator[Window]:
        """What is left of the file, about so many rows at a time; only this call itself needs a transaction.

        Reading on raises HeaderWrong and OSError where the file is another one by now.
        """
        until = (now + _CLOCKS_DIFFER - _EPOCH) // dt.timedelta(microseconds=1)
        told = Told(self.run.source, self.run.proof, until, decisions.blocked_values())
        return self._windows(Path(self.run.path), Position(self.run.at_offset, self.run.at_line), told, rows)

    def _windows(self, path: Path, start: Position, told: Told, rows: int) -> Iterator[Window]:
        with path.open("rb") as stream:
            file = open_file(stream, parquet=_is_parquet(path), encoding=self.run.encoding)
            waiting: list[Block] = []
            for block in file.blocks(start):
                waiting.append(block)
                if sum(len(one.lines) for one in waiting) >= rows:
                    yield Window(read_batch(waiting, told), block.end)
                    waiting = []
            if waiting:
                yield Window(read_batch(waiting, told), waiting[-1].end)

    def write(self, part: Gathered, *, now: dt.datetime) -> bulk.Written:
        """Write one part: what is new of it becomes people, ids and evidence."""
        written = bulk.observe_all(part, now=now)
        self._lock()
        self.run.new_ids += written.new_ids
        self.run.new_people += written.new_people
        self.run.merged += written.merged
        db.session.flush()
        return written

    def pass_on(self, window: Window | None, *, now: dt.datetime) -> None:
        """All parts of a window are written: stand behind it. None: behind everything."""
        self._lock()
        if window is None:
            self.run.finished_at = now
        elif window.end.offset > self.run.at_offset:
            batch = window.batch
            self.run.at_offset, self.run.at_line = window.end
            self.run.read += batch.read
            self.run.refused += batch.refused
            self.run.problems += len(batch.problems)
            self.run.blocked += batch.blocked
        db.session.flush()

    def _lock(self) -> None:
        found = select(ImportRun).where(ImportRun.id == self.run.id).with_for_update()
        self.run = db.session.execute(found.execution_options(populate_existing=True)).scalar_one()

    @classmethod
    def advance_due(cls, *, now: dt.datetime, limit: int) -> int:
        """Take the oldest import that was left to the jobs about `limit` rows further; 0 when none is left."""
        due = select(ImportRun).where(
            ImportRun.finished_at.is_(None), ImportRun.by_worker, ImportRun.trouble.is_(None)
        )  # fmt: skip
        due = due.order_by(ImportRun.id).limit(1).with_for_update(skip_locked=True)
        run = db.session.execute(due).scalar_one_or_none()
        if run is None:
            return 0
        it = cls(run)
        try:
            window = next(it.windows(rows=limit, now=now), None)
        except (HeaderWrong, OSError) as wrong:  # the file is gone or another one: for a person to look at
            run.trouble = str(wrong)
            db.session.flush()
            return 1
        if window is not None:
            it.rejects().write(window.problems)
            for part in window.parts():
                it.write(part, now=now)
        it.pass_on(window, now=now)
        return window.batch.read + 1 if window else 1


_COUNTED = ("at_offset", "at_line", "read", "refused", "problems", "blocked", "new_ids", "new_people", "merged")


def _is_parquet(path: Path) -> bool:
    return path.suffix.lower() in (".parquet", ".pq")


def _digest(stream: BinaryIO, how: How) -> bytes:
    stream.seek(0)
    digest = hashlib.blake2b(repr(how).encode(), digest_size=32)
    while piece := stream.read(_READ_BYTES):
        digest.update(piece)
    return digest.digest()


class RejectsFile:
    """Lines that were refused or kept in part: line, status, column, reason; never a value. Made when there is one.

    What a killed import wrote of lines behind `behind` is written anew: each line stands in it once.
    """

    def __init__(self, path: Path, *, behind: int) -> None:
        self.path = path
        if path.exists():
            self._leave(behind)

    def _leave(self, behind: int) -> None:
        aside = self.path.with_name(f"{self.path.name}.new")
        with (
            self.path.open(encoding="utf-8", newline="") as before,
            aside.open("w", encoding="utf-8", newline="") as file,
        ):
            lines = csv.reader(before)
            csv.writer(file).writerows(
                line for line in lines
                if len(line) == len(Problem._fields) and (not line[0].isdigit() or int(line[0]) <= behind)
            )  # fmt: skip
        aside.replace(self.path)

    def write(self, problems: list[Problem]) -> None:
        """Add lines, and see them on the disk."""
        if not problems:
            return
        new = not self.path.exists()
        with self.path.open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([Problem._fields, *problems] if new else problems)
            file.flush()
            os.fsync(file.fileno())
