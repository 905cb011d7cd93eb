"""Two members who turn out to be one person, and what that makes of card, dates and tier (C08, M10).

Every former self who had the card keeps a page of their own: their standing when they were merged, and the growth born to
them. The person's tier follows from the pages of the selves who are one today, by the merges that made them one: at each
merge growth is added, the tier judged again and never below the better of the two until its end. So a refund of an order
from before the merge works as if the order had never been (M09), and who is set apart again stands where their own page
says, whatever the order of merges and partings.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

from app.membership.members.rules.tiers import Entry, Ladder, Standing, Step, count, review_until

MERGED = "merged"


@dataclass(frozen=True)
class Traits:
    """What a member is apart from tier and growth. `given`: level, end and source of a given tier (M10)."""

    born_customer_id: int
    card_number: str
    joined_at: dt.datetime
    member_since: dt.date
    earns_since: dt.datetime
    gift: str | None
    is_staff: bool
    notice_version: str
    full_name: str | None
    birthday: dt.date | None
    birthday_set_at: dt.datetime | None
    birthday_corrected_at: dt.datetime | None
    given_level: int | None
    given_until: dt.datetime | None
    given_source: str | None


def fold(first: Traits, second: Traits) -> Traits:
    """One member out of two: the card and the profile of the first, else of the second; the earliest dates; the better
    given tier with its end; staff if either is; a gift that either had was given."""
    given = max(first, second, key=_given)
    birthday = first if first.birthday is not None else second
    return replace(
        first,
        joined_at=min(first.joined_at, second.joined_at),
        member_since=min(first.member_since, second.member_since),
        earns_since=min(first.earns_since, second.earns_since),
        gift=first.gift or second.gift,
        is_staff=first.is_staff or second.is_staff,
        full_name=first.full_name or second.full_name,
        birthday=birthday.birthday,
        birthday_set_at=birthday.birthday_set_at,
        birthday_corrected_at=birthday.birthday_corrected_at,
        given_level=given.given_level,
        given_until=given.given_until,
        given_source=given.given_source,
    )


def _given(traits: Traits) -> tuple[int, float, str]:
    if traits.given_level is None or traits.given_until is None:
        return (-1, 0.0, "")
    return (traits.given_level, traits.given_until.timestamp(), traits.given_source or "")


def fold_all(selves: Iterable[Traits], *, customer_id: int) -> Traits:
    """One member out of all their former selves: the self who stayed comes first, then who joined earliest."""
    return reduce(fold, sorted(selves, key=lambda one: _seniority(one, customer_id)))


def _seniority(traits: Traits, customer_id: int) -> tuple[bool, dt.datetime, int]:
    return (traits.born_customer_id != customer_id, traits.joined_at, traits.born_customer_id)


@dataclass(frozen=True)
class Self:
    """A former self who had the card. `anchor`: the counting year they were in when they were first merged; `merges`:
    (id, moment) of those by which they came to others, oldest first; undone ones are earlier than any that still parts them
    from who they are one with, or shared by all who left together."""

    born_customer_id: int
    anchor: Standing
    merges: tuple[tuple[int, dt.datetime], ...] = ()


@dataclass
class Page:
    """What a member's standing follows from: the anchor of the running year and the growth since, by the self on whose
    page it is. `selves`: the former selves who had the card, for who was merged."""

    born_customer_id: int
    anchor: Standing
    selves: tuple[Self, ...] = ()
    entries: dict[int, list[Entry]] = field(default_factory=dict)

    @property
    def is_joint(self) -> bool:
        """Whether the running year began by a merge: it follows from the pages of the selves."""
        return self.anchor.base_why == MERGED and len(self.selves) > 1

    def self_of(self, born_customer_id: int) -> Self:
        """On whose page growth born to a self is written; on the card's own where that self never had one."""
        own = {one.born_customer_id: one for one in self.selves}
        return own.get(born_customer_id) or own.get(self.born_customer_id) or Self(self.born_customer_id, self.anchor)

    def add(self, entry: Entry, *, page: int) -> None:
        """One more entry on a self's page."""
        self.entries.setdefault(self.self_of(page).born_customer_id, []).append(entry)

    def count(self, ladder: Ladder) -> tuple[dt.datetime, Standing, list[Step]]:
        """From when it is counted, where the member stands, and the periods since."""
        if self.is_joint:
            standing, steps = stand(self.selves, self.entries, ladder)
            return steps[0].since, standing, steps
        standing, steps = count(self.anchor, (entry for own in self.entries.values() for entry in own), ladder)
        return self.anchor.counts_from, standing, steps


def unite(parts: Sequence[Standing], at: dt.datetime, ladder: Ladder) -> Standing:
    """Standings become one at a moment: growth is added, the tier judged again, never below the better one (M10)."""
    best = max(parts, key=lambda part: (part.level, part.until))
    growth, kept = sum(part.growth for part in parts), sum(part.kept for part in parts)
    level, until = best.level, best.until
    if (reached := ladder.reached(growth)) > level:
        level, until, kept = reached, at + ladder.validity, 0
    return Standing(level, at, until, MERGED, level, at, until, MERGED, growth, kept)


def stand(
    selves: Sequence[Self],
    entries: Mapping[int, Sequence[Entry]],
    ladder: Ladder,
    *,
    before: dt.datetime | None = None,
) -> tuple[Standing, list[Step]]:
    """Where selves who are one stand, with the periods since they are one. `entries`: growth by the self it was born to.

    With `before` only what counted before that moment, judged up to it.
    """
    if len(selves) == 1:
        (only,) = selves
        anchor, counted = only.anchor, list(entries.get(only.born_customer_id, ()))
    else:
        at, parts = _parts(selves)
        anchor = unite([stand(part, entries, ladder, before=at)[0] for part in parts], at, ladder)
        counted = [entry for one in selves for entry in entries.get(one.born_customer_id, ()) if entry.at >= at]
    standing, steps = count(anchor, (entry for entry in counted if before is None or entry.at < before), ladder)
    if before is not None:
        standing, later = review_until(standing, before, ladder)
        steps += later
    return standing, steps


def _parts(selves: Sequence[Self]) -> tuple[dt.datetime, tuple[list[Self], list[Self]]]:
    """The last merge that made these selves one: its moment, and who came and who was there."""
    shared = set.intersection(*(set(one.merges) for one in selves))
    at, merge_id = max((at, merge_id) for one in selves for merge_id, at in one.merges if (merge_id, at) not in shared)
    came = [one for one in selves if (merge_id, at) in one.merges]
    return at, (came, [one for one in selves if one not in came])
