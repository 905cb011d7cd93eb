"""People who are merged and set apart at random, each beside a twin to whom that never happens.

What a person does as one of their selves, the twin of that self does alone; when everything is undone nobody may be able
to tell them apart.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.errors import Refusal
from app.kernel.facts import Objection, ask
from app.people.identity import PeopleMerged, SeparationProposed
from tests.factories.merging import merge, undo


@dataclass
class Selves:
    """`ids`: people as they were born; `twins`: theirs, in the same order. People are named by their place."""

    ids: Sequence[int]
    twins: Sequence[int]
    merges: list[PeopleMerged] = field(default_factory=list)

    def present(self, who: int) -> int:
        """The customer who this self is today."""
        wanted = text("SELECT COALESCE((SELECT customer_id FROM former_customer WHERE id = :id), :id)")
        return int(db.session.execute(wanted, {"id": self.ids[who]}).scalar_one())

    def acting(self, who: int) -> AbstractContextManager[None]:
        """What happens within is carried by this self."""
        return carrier.carried_by({self.present(who): self.ids[who]})

    def merge(self, who: int, other: int, *, now: dt.datetime) -> None:
        """The person of `other` goes into the person of `who`, unless they are one already."""
        survivor_id, gone_id = self.present(who), self.present(other)
        if survivor_id != gone_id:
            self.merges.append(merge(survivor_id, gone_id, now=now))

    def objections(self, place: int) -> list[Objection]:
        """What speaks against undoing a merge now."""
        fact = self.leaving(place)
        holder_id = self.present(self.ids.index(fact.survivor_id))
        return ask(SeparationProposed(fact.merge_id, holder_id, fact.gone_id, fact.born_ids))

    def undo(self, place: int, *, now: dt.datetime) -> None:
        """Take back one of the merges that stand, not always the newest."""
        fact = self.leaving(place)
        undo(fact, now=now, holder_id=self.present(self.ids.index(fact.survivor_id)))
        del self.merges[place]

    def leaving(self, place: int) -> PeopleMerged:
        """A merge with the selves that would leave today: without those who have been set apart from them meanwhile."""
        fact = self.merges[place]
        into = {other.gone_id: other.survivor_id for other in self.merges}
        born = [one for one in self.ids if fact.gone_id in _way_up(one, into)]
        return PeopleMerged(fact.merge_id, fact.survivor_id, fact.gone_id, tuple(born), fact.at)


def _way_up(self_id: int, into: dict[int, int]) -> list[int]:
    """A self and all into whom they went, one after the other."""
    way = [self_id]
    while way[-1] in into:
        way.append(into[way[-1]])
    return way


def whether(act: Callable[[], object]) -> bool:
    """Whether it was done; a refusal leaves nothing behind."""
    try:
        with db.session.begin_nested():
            act()
    except Refusal:
        return False
    return True
