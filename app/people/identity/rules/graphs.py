"""Who hangs together, for many at once: ids are numbers here, edges are pairs of numbers, people are components."""

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Numbers = npt.NDArray[np.int64]


class Pairs(NamedTuple):
    """Pairs of ids, `low` < `high`, each once for a source and proof, with the first and last time (µs)."""

    low: Numbers
    high: Numbers
    source: Numbers
    proof: Numbers
    first_seen: Numbers
    last_seen: Numbers


class Seen(NamedTuple):
    """What rows say of themselves."""

    seen_at: Numbers
    source: Numbers
    proof: Numbers


def pairs_of(rows: Numbers, ids: Numbers, seen: Seen) -> Pairs:
    """Every two ids that a row names together; `rows` and `ids`: who names what, in any order."""
    order = np.lexsort((ids, rows))
    rows, ids = rows[order], ids[order]
    once = np.r_[True, (rows[1:] != rows[:-1]) | (ids[1:] != ids[:-1])][: len(rows)]
    rows, ids = rows[once], ids[once]
    found, starts, counts = np.unique(rows, return_index=True, return_counts=True)
    low, high, row = [], [], []
    for count in np.unique(counts[counts > 1]).tolist():
        these = counts == count
        first = starts[these]
        for one, other in itertools.combinations(range(count), 2):
            low.append(ids[first + one])
            high.append(ids[first + other])
            row.append(found[these])
    if not low:
        return Pairs(*(np.zeros(0, dtype=np.int64) for _ in Pairs._fields))
    return _once(np.concatenate(low), np.concatenate(high), np.concatenate(row), seen)


def _once(low: Numbers, high: Numbers, row: Numbers, seen: Seen) -> Pairs:
    source, proof, at = seen.source[row], seen.proof[row], seen.seen_at[row]
    order = np.lexsort((proof, source, high, low))
    low, high, source, proof, at = (values[order] for values in (low, high, source, proof, at))
    changes = (low[1:] != low[:-1]) | (high[1:] != high[:-1]) | (source[1:] != source[:-1]) | (proof[1:] != proof[:-1])
    starts = np.flatnonzero(np.r_[True, changes])
    return Pairs(
        low[starts], high[starts], source[starts], proof[starts],
        np.minimum.reduceat(at, starts), np.maximum.reduceat(at, starts),
    )  # fmt: skip


def links_of(rows: Numbers, ids: Numbers) -> tuple[Numbers, Numbers]:
    """The fewest pairs by which all ids of each row hang together."""
    order = np.argsort(rows, kind="stable")
    rows, ids = rows[order], ids[order]
    same = rows[1:] == rows[:-1]
    return ids[:-1][same], ids[1:][same]


def components(count: int, low: Numbers, high: Numbers) -> tuple[int, Numbers]:
    """How many components `count` nodes make by these edges, and the number of each node's."""
    graph = coo_array((np.ones(len(low), dtype=np.int8), (low, high)), shape=(count, count))
    number, labels = connected_components(graph, directed=False)
    return int(number), labels.astype(np.int64)


def by_key(keys: Numbers, values: Numbers, *, count: int, largest: bool = False) -> Numbers:
    """The smallest (or largest) value of each of `count` keys, every one of which occurs."""
    order = np.argsort(keys, kind="stable")
    starts = np.searchsorted(keys[order], np.arange(count))
    return (np.maximum if largest else np.minimum).reduceat(values[order], starts)
