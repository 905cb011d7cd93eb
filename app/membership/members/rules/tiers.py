"""Tiers by growth value (M08 to M10), as a fold over growth entries.

A *counting year* begins at joining or at a review. Growth counts from its beginning; a tier is reached when growth reaches
its line, at once, and levels may be jumped. Reaching a tier starts a validity of 365 days anew; at its end the growth made
*since the tier was reached* is held against the keep line: reached → the same tier for another year, else one level down.
Either way a new counting year begins with growth 0. What was judged is not judged again: an order told late counts in the
running year, and a refund of an order of an earlier year is taken from the running one (M09).

Entries of one moment count together, so their order never matters.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby


@dataclass(frozen=True)
class TierLine:
    """What a tier asks for: `threshold` growth to reach it, `keep` growth within its validity to keep it."""

    level: int
    threshold: int
    keep: int


@dataclass(frozen=True)
class Ladder:
    """The brand's tiers, level 0 first, and how long a tier is valid."""

    lines: tuple[TierLine, ...]
    validity: dt.timedelta

    def reached(self, growth: int) -> int:
        """The highest level whose line the growth reaches."""
        return max((line.level for line in self.lines if growth >= line.threshold), default=0)

    def keep(self, level: int) -> int:
        """The keep line of a level."""
        return self.lines[level].keep

    def next_line(self, level: int) -> TierLine | None:
        """The line above, None at the top."""
        return self.lines[level + 1] if level + 1 < len(self.lines) else None


@dataclass(frozen=True)
class Entry:
    """Growth that counts from a moment. `lift_*`: a tier an old card brought along, with its own end (C08)."""

    at: dt.datetime
    amount: int
    lift_level: int | None = None
    lift_until: dt.datetime | None = None


@dataclass(frozen=True)
class Standing:
    """Where a member stands: the anchor of the counting year (`base_*`, `counts_from`) and what came of it.

    `growth` since `counts_from`; `kept` is the part that counts for the keep line. `why` tells how the tier came: joined,
    raised, brought (by an old card), kept, fell.
    """

    base_level: int
    counts_from: dt.datetime
    base_until: dt.datetime
    base_why: str
    level: int
    since: dt.datetime
    until: dt.datetime
    why: str
    growth: int = 0
    kept: int = 0


@dataclass(frozen=True)
class Step:
    """One period of a tier: from `since`, planned to `until`."""

    level: int
    since: dt.datetime
    until: dt.datetime
    why: str


def begin(at: dt.datetime, *, level: int, until: dt.datetime, why: str) -> Standing:
    """A standing with nothing counted yet."""
    return Standing(level, at, until, why, level, at, until, why)


def rewind(standing: Standing) -> Standing:
    """The standing at the beginning of its counting year, `base_why` telling how that began."""
    return begin(standing.counts_from, level=standing.base_level, until=standing.base_until, why=standing.base_why)


def step_of(standing: Standing) -> Step:
    """The period a standing is in."""
    return Step(standing.level, standing.since, standing.until, standing.why)


def count(anchor: Standing, entries: Iterable[Entry], ladder: Ladder) -> tuple[Standing, list[Step]]:
    """Count entries onto a standing at the beginning of its year, in any order, with all reviews that fall between them.

    Gives the standing after the last entry and the periods on the way.
    """
    standing, steps = anchor, [step_of(anchor)]
    for at, same in groupby(sorted(entries, key=_moment), key=_moment):
        standing, reviewed = review_until(standing, at, ladder)
        after = _count_moment(standing, at, list(same), ladder)
        steps += reviewed
        if step_of(after) != steps[-1]:
            if standing.since == after.since:  # a period without length never was
                steps.pop()
            steps.append(step_of(after))
        standing = after
    return standing, steps


def refund_counts_at(
    anchor: Standing, entries: Iterable[Entry], *, ordered: dt.datetime, refunded: dt.datetime, ladder: Ladder
) -> dt.datetime:
    """From when a refund counts (M09): where its order counted, as if that had never been, while the order's year runs.

    Where that year was judged already, it is taken from the year that runs when the refund comes.
    """
    standing, _ = count(anchor, (entry for entry in entries if entry.at <= refunded), ladder)
    standing, _ = review_until(standing, refunded, ladder)
    return ordered if ordered >= standing.counts_from else refunded


def _moment(entry: Entry) -> dt.datetime:
    return entry.at


def _count_moment(standing: Standing, at: dt.datetime, entries: Sequence[Entry], ladder: Ladder) -> Standing:
    amount = sum(entry.amount for entry in entries)
    growth = standing.growth + amount
    after = replace(standing, growth=growth, kept=standing.kept + amount)
    reached = ladder.reached(growth)
    if reached > after.level:
        # What reached the tier had its effect: keeping it needs growth made since.
        after = replace(after, level=reached, since=at, until=at + ladder.validity, kept=0, why="raised")
    lifts = [(entry.lift_level, entry.lift_until) for entry in entries if entry.lift_level and entry.lift_until]
    if lifts:
        level, until = max(lifts)
        if until > at and (level, until) > (after.level, after.until):
            # The old card's growth was made in the year of the tier it brings: it counts for keeping that tier.
            after = replace(after, level=level, since=at, until=until, kept=growth, why="brought")
    return after


def review(standing: Standing, ladder: Ladder) -> Standing:
    """What happens at the end of a validity: renewed, or one level down, never to the bottom at once (M08)."""
    stays = standing.level == 0 or standing.kept >= ladder.keep(standing.level)
    return begin(
        standing.until,
        level=standing.level if stays else standing.level - 1,
        until=standing.until + ladder.validity,
        why="kept" if stays else "fell",
    )


def review_until(standing: Standing, moment: dt.datetime, ladder: Ladder) -> tuple[Standing, list[Step]]:
    """All reviews due up to and including a moment, and the periods they began."""
    steps = []
    while standing.until <= moment:
        standing = review(standing, ladder)
        steps.append(step_of(standing))
    return standing, steps


def growth_of(base_fen: int) -> int:
    """1 yuan is 1 growth, rounded down once per order."""
    return base_fen // 100


def growth_to_take_back(base_fen: int, refunded_total_fen: int, taken_before: int) -> int:
    """What a refund takes back, given all refunds so far: the same sum whatever their order; never below 0."""
    left = growth_of(max(base_fen - refunded_total_fen, 0))
    return max(growth_of(base_fen) - left - taken_before, 0)


def short_of_keeping(standing: Standing, ladder: Ladder, at: dt.datetime, notice: dt.timedelta) -> int | None:
    """Yuan still to spend to keep the tier (再消费 ¥X 可保级), within `notice` of its end; None earlier or for nothing short."""
    if standing.level == 0 or at >= standing.until or standing.until - at > notice:
        return None
    missing = ladder.keep(standing.level) - standing.kept
    return missing if missing > 0 else None
