"""What a batch of observations says by ids: parts of whole components, each id with its token and blind index."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from app.kernel.crypto import blind_indexes
from app.people.identity.models import tokens_of
from app.people.identity.rules import KINDS, graphs
from app.people.identity.rules.graphs import Numbers, Pairs, Seen
from app.people.identity.rules.observation_batches import Batch
from app.people.identity.rules.observation_files import IdColumn

Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@dataclass
class Mentions:
    """Who names what: row `rows[n]` of the batch names id `ids[n]`, a number over all its columns."""

    rows: Numbers
    ids: Numbers


@dataclass
class Gathered:
    """Distinct ids of a part, sorted by token, with what was seen of each and together. Ids are numbers here.

    `rows`, `ids`: which row of the batch names which id. `first_row`: the row that saw an id first; `proof`: the strongest
    by which it was told (a number in PROOFS).
    """

    columns: list[IdColumn]
    sources: list[str]
    seen: Seen
    rows: Numbers
    ids: Numbers
    tokens: Bytes
    indexes: Bytes
    column: Numbers
    values: list[str]
    first_row: Numbers
    proof: Numbers
    pairs: Pairs

    def __len__(self) -> int:
        return len(self.values)

    def token(self, one: int) -> uuid.UUID:
        """The token of an id."""
        return uuid.UUID(bytes=bytes(self.tokens[one]))

    @property
    def weak(self) -> Flags:
        """Which ids are weak: they go with a person and never join two."""
        return _weak(self.columns)[self.column]


def _weak(columns: list[IdColumn]) -> Flags:
    return np.array([KINDS[column.kind].weight == 1 for column in columns], dtype=bool)


def parts_of(batch: Batch, *, ids_a_part: int) -> Iterator[Mentions]:
    """The batch in parts of about so many ids; strong ids that hang together by what the batch says are in one part."""
    starts = _starts(batch)
    rows = np.concatenate([one.rows for one in batch.named])
    ids = np.concatenate([one.codes + start for one, start in zip(batch.named, starts, strict=False)])
    strong = np.repeat(~_weak([one.column for one in batch.named]), [len(one.rows) for one in batch.named])
    _, labels = graphs.components(int(starts[-1]), *graphs.links_of(rows[strong], ids[strong]))
    label_of_row = np.zeros(len(batch.seen_at), dtype=np.int64)
    label_of_row[rows] = labels[ids]
    label_of_row[rows[strong]] = labels[ids[strong]]
    sizes = np.bincount(labels)
    part = ((np.cumsum(sizes) - sizes) // ids_a_part)[label_of_row][rows]
    order = np.argsort(part, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(part[order])) + 1):
        yield Mentions(rows[places], ids[places])


def _starts(batch: Batch) -> Numbers:
    return np.cumsum([0, *(len(one.values) for one in batch.named)])


def gather(batch: Batch, *, mentions: Mentions) -> Gathered:
    """What these mentions say. Computes only: one may do so in a thread while the database is busy."""
    starts = _starts(batch)
    known, ids = np.unique(mentions.ids, return_inverse=True)
    column = np.searchsorted(starts, known, side="right") - 1
    values: list[str] = []
    tokens: list[bytes] = []
    indexes: list[bytes] = []
    for number, one in enumerate(batch.named):
        texts = one.values.take(pa.array(known[column == number] - starts[number])).to_pylist()
        found = blind_indexes(one.column.kind, texts)
        values += texts
        indexes += found
        tokens += tokens_of(one.column.kind, one.column.scope, found)
    lines = np.frombuffer(b"".join(tokens), dtype=np.uint8).reshape(-1, 16)
    order = np.lexsort(lines.view(">u8").T[::-1])
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    ids, rows, seen = place[ids], mentions.rows, Seen(batch.seen_at, batch.source, batch.proof)
    return Gathered(
        columns=[one.column for one in batch.named],
        sources=batch.sources,
        seen=seen,
        rows=rows,
        ids=ids,
        tokens=lines[order],
        indexes=np.frombuffer(b"".join(indexes), dtype=np.uint8).reshape(-1, 32)[order],
        column=column[order],
        values=[values[at] for at in order.tolist()],
        first_row=_first_rows(ids, rows, seen, len(order)),
        proof=graphs.by_key(ids, batch.proof[rows], count=len(order), largest=True),
        pairs=graphs.pairs_of(rows, ids, seen),
    )


def _first_rows(ids: Numbers, rows: Numbers, seen: Seen, count: int) -> Numbers:
    order = np.lexsort((rows, seen.seen_at[rows], ids))
    return rows[order][np.searchsorted(ids[order], np.arange(count))]
