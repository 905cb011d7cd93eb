"""Which ids of a part are simple: they hang together, nobody objects, and one person, known or new, may be given them all."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import text

from app.kernel import copying
from app.kernel.database import db
from app.people.identity.operations import lives
from app.people.identity.operations.gathering import Flags, Gathered
from app.people.identity.rules import KINDS, PROOFS, graphs
from app.people.identity.rules.graphs import Numbers

STATED = PROOFS.index("stated")
NOBODY = 0


@dataclass
class Known:
    """Lives that ids of a part have or had: each with its place in the part, its row, whose it is, to whom it was born,
    by what proof (a number in PROOFS), and whether it ended. `touched`: places that a decision or a block names."""

    place: Numbers
    row: Numbers
    owner: Numbers
    born: Numbers
    proof: Numbers
    ended: Flags
    touched: Numbers


@dataclass
class Judged:
    """`label`: the component of each id. By component: `complex`, whether it is left to the exact resolver; `owner`, whose it
    is (NOBODY: somebody new); `born`, to which self new ids are born (NOBODY: its owner); `several`: its people where there
    are more than one. `new`: ids that nobody holds."""

    label: Numbers
    complex: Flags
    owner: Numbers
    born: Numbers
    several: dict[int, list[int]]
    new: Flags

    @property
    def simple(self) -> Flags:
        """Ids of components that may be taken whole."""
        return ~self.complex[self.label]


_LIVES = (
    "SELECT place, id, customer_id, born_customer_id,"
    " array_position(ARRAY['stated', 'picked', 'proven'], proof) - 1, until IS NOT NULL"
    " FROM bulk_id JOIN identity USING (token)"
)
_TOUCHED = (
    "SELECT place FROM bulk_id JOIN identity_blocked USING (token)"
    " UNION ALL SELECT place FROM bulk_id JOIN identity_decision_side AS side USING (token)"
    " JOIN identity_decision AS decision ON decision.id = side.decision_id WHERE decision.withdrawn_at IS NULL"
)


@contextlib.contextmanager
def by_index() -> Iterator[None]:
    """Until the end of the block the planner looks things up one by one, by index.

    In a table that was empty a moment ago it expects nothing and would read all of it, for each row at worst; and what a
    part costs should follow the part, however much is known.
    """
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    yield
    db.session.execute(text("SET LOCAL enable_seqscan = on"))


_FIELDS = [("place", ">i8"), ("row", ">i8"), ("owner", ">i8"), ("born", ">i8"), ("proof", ">i4"), ("ended", "?")]


def look_up() -> Known:
    """What is known of the ids that were brought."""
    with by_index():
        found = copying.copy_out(db.session(), _LIVES, _FIELDS)
        touched = copying.copy_out(db.session(), _TOUCHED, [("place", ">i8")])
    numbers = [found[name].astype(np.int64) for name in ("place", "row", "owner", "born", "proof")]
    place, row, owner, born, proof = numbers
    return Known(place, row, owner, born, proof, found["ended"].astype(bool), touched["place"].astype(np.int64))


def judge(part: Gathered, *, known: Known) -> Judged:
    """Join the ids by what was seen and by whose they are, and see which components may be taken whole."""
    count = len(part)
    owners, who = np.unique(known.owner, return_inverse=True)
    weak = part.weak
    strong = ~(weak[part.pairs.low] | weak[part.pairs.high])
    held = ~weak[known.place]
    low = np.concatenate([part.pairs.low[strong], known.place[held]])
    high = np.concatenate([part.pairs.high[strong], count + who[held]])
    components, labels = graphs.components(count + len(owners), low, high)
    label, complex_ = labels[:count].copy(), np.zeros(components, dtype=bool)
    _follow(part, label, labels[count:][who], known, complex_)
    complex_[label[known.place[known.ended]]] = True
    complex_[label[known.touched]] = True
    people = np.bincount(labels[count:], minlength=components)
    owner = np.full(components, NOBODY)
    owner[labels[count:]] = owners
    new = np.ones(count, dtype=bool)
    new[known.place[~known.ended]] = False
    several: dict[int, list[int]] = {}
    for one in np.flatnonzero(people[labels[count:]] > 1).tolist():
        several.setdefault(int(labels[count + one]), []).append(int(owners[one]))
    label_of = dict(zip(owners.tolist(), labels[count:].tolist(), strict=True))
    complex_ |= _too_many(part, known, label, label_of, new, people > 1)
    return Judged(label, complex_, owner, _carriers(part, known, label, components), several, new)


def _follow(part: Gathered, label: Numbers, label_of_owner: Numbers, known: Known, complex_: Flags) -> None:
    """A weak id goes with the one person it was seen with; where there are several, all of them are left."""
    weak = part.weak
    if not weak.any():
        return
    one, other = part.pairs.low, part.pairs.high
    ends = np.concatenate([one, other, known.place]), np.concatenate(
        [label[other], label[one], label_of_owner]
    )  # fmt: skip
    leads = weak[ends[0]]
    leads[: len(one)] &= ~weak[other]
    leads[len(one) : 2 * len(one)] &= ~weak[one]
    ids, where = ends[0][leads], ends[1][leads]
    first, last = label.copy(), label.copy()
    order = np.lexsort((where, ids))
    found, starts = np.unique(ids[order], return_index=True)
    first[found] = where[order][starts]
    ends_at = np.append(starts[1:], len(ids))[: len(starts)]
    last[found] = where[order][ends_at - 1]
    several = first[ids] != last[ids]
    complex_[where[several]] = True
    complex_[label[ids[several]]] = True
    single = found[first[found] == last[found]]
    label[single] = first[single]
    both = weak[one] & weak[other]
    complex_[label[one[both]]] = True
    complex_[label[other[both]]] = True


def _too_many(
    part: Gathered, known: Known, label: Numbers, label_of: dict[int, int], new: Flags, several: Flags
) -> Flags:
    """Components that together would have more ids of a kind than one person has, by what counts towards a limit."""
    living = ~known.ended
    proof = part.proof.copy()
    counted_before = np.zeros(len(part), dtype=bool)
    counted_before[known.place[living]] = _counts(part, known.place[living], known.proof[living])
    np.maximum.at(proof, known.place[living], known.proof[living])
    more = _counts(part, np.arange(len(part)), proof) & (new | ~counted_before)
    changed = several.copy()
    changed[label[more]] = True
    counts = lives.counts_of([owner for owner, one in label_of.items() if changed[one]])
    groups = {(column.kind, column.scope): number for number, column in enumerate(part.columns)}
    for held in counts.values():
        for group in held:
            groups.setdefault(group, len(groups))
    keys = [label[more] * len(groups) + part.column[more]]
    amounts = [np.ones(int(more.sum()), dtype=np.int64)]
    for owner, held in counts.items():
        keys.append(np.array([label_of[owner] * len(groups) + groups[group] for group in held], dtype=np.int64))
        amounts.append(np.array(list(held.values()), dtype=np.int64))
    total = np.bincount(np.concatenate(keys), np.concatenate(amounts), minlength=len(changed) * len(groups))
    most = np.array([lives.limit_of(group) for group in groups])
    over: Flags = (total.reshape(len(changed), len(groups)) > most).any(axis=1) & changed
    return over


def _counts(part: Gathered, places: Numbers, proof: Numbers) -> Flags:
    """Which of these ids count towards a limit when they are told by these proofs; as lives.node_of says."""
    kinds: list[Any] = [KINDS[column.kind] for column in part.columns]
    single = np.array([kind.most == 1 for kind in kinds])[part.column[places]]
    counts: npt.NDArray[np.bool_] = ~part.weak[places] & ~(single & (proof == STATED))
    return counts


def _carriers(part: Gathered, known: Known, label: Numbers, components: int) -> Numbers:
    """To which self of its person what is new in a component is born: that of its best known id, as one by one."""
    born = np.full(components, NOBODY)
    living = ~known.ended
    place, row = known.place[living], known.row[living]
    first = np.array([KINDS[column.kind].first for column in part.columns])[part.column[place]]
    order = np.lexsort((-row, first))  # the best comes last and stays
    born[label[place[order]]] = known.born[living][order]
    return born
