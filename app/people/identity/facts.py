"""What identity announces."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class IdentityAttached:
    """From now on this id is this customer's. `value_index` is the blind index of the normalised value."""

    customer_id: int
    kind: str
    scope: str
    value_index: bytes
    at: dt.datetime


@dataclass(frozen=True)
class ManyIdentitiesAttached:
    """IdentityAttached for more ids than are worth a fact each: a file brought them. Told instead of it, at the latest time.

    `groups`: of each kind and scope the blind indexes, INDEX_BYTES each, one behind the other.
    """

    INDEX_BYTES: ClassVar[int] = 32
    groups: Sequence[tuple[str, str, bytes]]
    at: dt.datetime

    def keys(self) -> Iterator[tuple[str, str, bytes]]:
        """Kind, scope and blind index of each id; made while they are asked for, as often nobody asks."""
        for kind, scope, indexes in self.groups:
            for start in range(0, len(indexes), self.INDEX_BYTES):
                yield kind, scope, indexes[start : start + self.INDEX_BYTES]


@dataclass(frozen=True)
class IdentityEnded:
    """The id is nobody's any more, or somebody else's; the customer keeps what they have."""

    customer_id: int
    kind: str
    scope: str
    value_index: bytes
    why: str
    at: dt.datetime


@dataclass(frozen=True)
class MergeProposed:
    """Put to a hearing before two customers become one: does anybody object? Answers only, no changes."""

    survivor_id: int
    gone_id: int


@dataclass(frozen=True)
class PeopleMerged:
    """`gone_id` and `survivor_id` are one person, `survivor_id`, from now on; old ids keep resolving.

    `born_ids`: the former selves that come over, `gone_id` first. A room that holds rows of a person re-points those of
    `gone_id` to `survivor_id` (rows keep `born_customer_id`), recomputes what is one row per customer and keeps the image
    of what it takes away under `merge_id`. Once all have reacted the row of `gone_id` in `customer` is deleted: a foreign
    key that still holds on to it stops the merge. In one batch nobody is gone twice, and no survivor goes.
    """

    merge_id: int
    survivor_id: int
    gone_id: int
    born_ids: tuple[int, ...]
    at: dt.datetime


@dataclass(frozen=True)
class SeparationProposed:
    """Put to a hearing before `born_ids` leave `from_id` again as `to_id`: was value spent that cannot be split?"""

    merge_id: int
    from_id: int
    to_id: int
    born_ids: tuple[int, ...]


@dataclass(frozen=True)
class PeopleSeparated:
    """Merge `merge_id` is undone: `to_id` (whose row in `customer` is there again) takes its rows back from `from_id`.

    Its rows are those born to `born_ids`, old and new alike. What is one row per customer is put back from the image and
    recomputed for both.
    """

    merge_id: int
    from_id: int
    to_id: int
    born_ids: tuple[int, ...]
    at: dt.datetime


@dataclass(frozen=True)
class CustomerEmptied:
    """This room's own: everybody has re-pointed the rows of a customer who was merged away; their row may go."""

    customer_id: int
