"""Observations of a stretch of a file as arrays: which row names which id, when it was seen, by what source and proof."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from app.people.identity.rules import columns_of_ids
from app.people.identity.rules.kinds import PROOFS, is_receivers
from app.people.identity.rules.observation_files import PROOF, SEEN_AT, SOURCE, Block, IdColumn, Problem, id_columns

Numbers = npt.NDArray[np.int64]
BETWEEN = "|"  # separates several ids in one cell
MOST_IDS = 20  # in one row: more is a list of people, not one person
OURS = "given"  # a source that joins like a decision: no file may call itself so
LONGEST_SOURCE = 64


@dataclass(frozen=True)
class Told:
    """What holds for rows that do not say it themselves; nothing seen after `until` (µs) is believed. `blocked`: values
    that somebody blocked, by kind."""

    source: str | None
    proof: str
    until: int
    blocked: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass
class Named:
    """The ids of one column: distinct values in their one form, and who names them: row `row` names value `code`."""

    column: IdColumn
    values: pa.Array
    rows: Numbers
    codes: Numbers


@dataclass
class Batch:
    """Rows in which something is named. Of each: `seen_at` (µs), number in `sources`, number in PROOFS.

    `read` lines were looked at, `refused` refused; `blocked` values were left out that name nobody, or a receiver (O01).
    """

    seen_at: Numbers
    source: Numbers
    proof: Numbers
    sources: list[str]
    named: list[Named]
    problems: list[Problem] = field(default_factory=list)
    read: int = 0
    refused: int = 0
    blocked: int = 0


def read_batch(blocks: Sequence[Block], told: Told) -> Batch:
    """The observations of blocks that follow each other. Nothing is lost: what is left out is a problem or is counted."""
    rows = pa.concat_tables([block.rows for block in blocks]).combine_chunks()
    lines = np.concatenate([block.lines for block in blocks])
    blank = _all_null(rows)
    batch = Batch(
        seen_at=columns_of_ids.moments(_cells(rows, SEEN_AT)),
        source=np.zeros(0, dtype=np.int64),
        proof=np.zeros(0, dtype=np.int64),
        sources=[],
        named=[],
        problems=[problem for block in blocks for problem in block.problems],
        read=int((~blank).sum()) + sum(len(block.problems) for block in blocks),
    )
    batch.source, batch.sources = _coded(_cells(rows, SOURCE), told.source)
    good = ~blank & _heads(batch, rows, told, lines, ~blank)
    silent = np.zeros(len(good), dtype=bool)
    for column in id_columns(rows.column_names):
        named = _named(batch, column, _cells(rows, column.name), lines, good)
        nobody = ~_anybody(batch, named, told)
        silent[named.rows[nobody]] = True
        batch.blocked += int(nobody.sum())
        batch.named.append(Named(column, named.values, named.rows[~nobody], named.codes[~nobody]))
    good = _counts(batch, lines, good, silent)
    _keep(batch, good)
    lost = {problem.line for problem in batch.problems if problem.status == "refused"}
    batch.problems = sorted(
        problem._replace(status="refused") if problem.line in lost else problem for problem in batch.problems
    )
    batch.refused = len(lost)
    return batch


def _cells(rows: pa.Table, name: str) -> pa.Array:
    if name not in rows.column_names:
        return pa.nulls(rows.num_rows, pa.string())
    column = rows.column(name)
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _all_null(rows: pa.Table) -> npt.NDArray[np.bool_]:
    empty = np.ones(rows.num_rows, dtype=bool)
    for column in rows.columns:
        if column.null_count == 0:
            return np.zeros(rows.num_rows, dtype=bool)
        empty &= column.is_null().to_numpy()
    return empty


def _coded(texts: pa.Array, default: str | None) -> tuple[Numbers, list[str]]:
    """Texts as numbers of distinct ones; -1 for none."""
    distinct = pc.utf8_trim_whitespace(texts).dictionary_encode()
    known = distinct.dictionary.to_pylist()
    codes = distinct.indices.fill_null(-1).to_numpy().astype(np.int64)
    if default is not None and (codes < 0).any():
        known = known if default in known else [*known, default]
        codes[codes < 0] = known.index(default)
    return codes, known


def _heads(
    batch: Batch, rows: pa.Table, told: Told, lines: Numbers, present: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Look at times, sources and proofs; which rows are in order."""
    codes, proofs = _coded(_cells(rows, PROOF), told.proof)
    meant = np.array([*(PROOFS.index(proof) if proof in PROOFS else -1 for proof in proofs), -1], dtype=np.int64)
    batch.proof = meant[codes]
    usable = [0 < len(one) <= LONGEST_SOURCE and one.isprintable() and one != OURS for one in batch.sources]
    sourced = np.array([*usable, False])[batch.source]
    good = present.copy()
    for fine, column, reason in (
        (batch.seen_at != columns_of_ids.NO_TIME, SEEN_AT, "no time"),
        ((batch.seen_at >= 0) & (batch.seen_at <= told.until) | (batch.seen_at == columns_of_ids.NO_TIME),
         SEEN_AT, "not between 1970 and now"),
        (sourced, SOURCE, "no source"),
        (batch.proof >= 0, PROOF, f"none of {', '.join(PROOFS)}"),
    ):  # fmt: skip
        _refuse(batch, lines[present & ~fine], column, reason)
        good &= fine
    return good


def _refuse(batch: Batch, lines: Iterable[int], column: str, reason: str) -> None:
    batch.problems += [Problem(int(line), "refused", column, reason) for line in lines]


def _named(batch: Batch, column: IdColumn, cells: pa.Array, lines: Numbers, good: npt.NDArray[np.bool_]) -> Named:
    """Values of a column in their one form, each distinct one looked at once."""
    rows, texts = _mentions(cells)
    keep = good[rows]
    if not keep.all():
        rows, texts = rows[keep], texts.filter(pa.array(keep))
    raw = texts.dictionary_encode()
    formed, wrong = columns_of_ids.normalise_all(column.kind, raw.dictionary)
    codes = raw.indices.to_numpy().astype(np.int64)
    distinct = formed.dictionary_encode()
    meant = distinct.indices.fill_null(-1).to_numpy().astype(np.int64)[codes] if len(codes) else codes
    for place, reason in wrong.items():
        for line in lines[rows[codes == place]].tolist():
            batch.problems.append(Problem(line, "kept", column.name, f"no {reason}"))
    usable = meant >= 0
    return Named(column, distinct.dictionary, rows[usable], meant[usable])


def _mentions(cells: pa.Array) -> tuple[Numbers, pa.Array]:
    """Each value that is told, with the number of its row; a cell may hold several."""
    rows = np.flatnonzero(cells.is_valid().to_numpy(zero_copy_only=False))
    texts = pc.utf8_trim_whitespace(cells.drop_null())
    if pc.any(pc.match_substring(texts, BETWEEN)).as_py():
        lists = pc.split_pattern(texts, BETWEEN)
        rows, texts = rows[pc.list_parent_indices(lists).to_numpy()], pc.utf8_trim_whitespace(pc.list_flatten(lists))
    told = pc.not_equal(texts, "").to_numpy(zero_copy_only=False)
    return (rows, texts) if told.all() else (rows[told], texts.filter(pa.array(told)))


def _anybody(batch: Batch, named: Named, told: Told) -> npt.NDArray[np.bool_]:
    """Which mentions name the person the row is about: not nobody, and not the receiver of a marketplace's order."""
    kind = named.column.kind
    known: npt.NDArray[np.bool_] = columns_of_ids.is_anybody(kind, named.values)
    if told.blocked.get(kind):
        blocked = pc.is_in(named.values, pa.array(sorted(told.blocked[kind]), pa.string()))
        known &= ~blocked.to_numpy(zero_copy_only=False)
    receivers = np.array([is_receivers(kind, source=source, proof="stated") for source in batch.sources], dtype=bool)
    if not receivers.any():
        return known[named.codes]
    stated = batch.proof[named.rows] == PROOFS.index("stated")
    meant: npt.NDArray[np.bool_] = known[named.codes] & ~(stated & receivers[batch.source[named.rows]])
    return meant


def _counts(
    batch: Batch, lines: Numbers, good: npt.NDArray[np.bool_], silent: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Which rows name anything, and not a crowd. Where all that was named is nobody, nothing was seen and nothing is wrong."""
    named = np.zeros(len(good), dtype=np.int64)
    for one in batch.named:
        named += np.bincount(one.rows, minlength=len(good))
    _refuse(batch, lines[good & ~silent & (named == 0)], "", "no id that can be used")
    _refuse(batch, lines[good & (named > MOST_IDS)], "", f"more than {MOST_IDS} ids")
    return good & (named > 0) & (named <= MOST_IDS)


def _keep(batch: Batch, good: npt.NDArray[np.bool_]) -> None:
    """Leave out the rows that are not good, and values that only those named."""
    place = np.cumsum(good) - 1
    for one in batch.named:
        keep = good[one.rows]
        used = np.zeros(len(one.values), dtype=bool)
        used[one.codes[keep]] = True
        one.rows, one.codes = place[one.rows[keep]], (np.cumsum(used) - 1)[one.codes[keep]]
        one.values = one.values.filter(pa.array(used))
    batch.seen_at, batch.source, batch.proof = batch.seen_at[good], batch.source[good], batch.proof[good]
