"""Two customers become one, and two again, as identity carries it out; who decides so is another matter."""

import datetime as dt

from app.people.identity import PeopleMerged
from app.people.identity.operations.merging import Parting, Union, merge_all, separate


def merge(survivor_id: int, gone_id: int, *, now: dt.datetime) -> PeopleMerged:
    """`gone_id` goes into `survivor_id`; every room reacts."""
    (fact,) = merge_all([Union(survivor_id, gone_id)], now=now)
    return fact


def undo(merged: PeopleMerged, *, now: dt.datetime, holder_id: int | None = None) -> None:
    """Take a merge back; `holder_id` is who holds the rows now, where the survivor went into somebody else later."""
    separate(
        Parting(merged.merge_id, holder_id or merged.survivor_id, merged.gone_id, merged.born_ids, why="同号家人"),
        now=now,
    )
