"""Following and leaving, told by callbacks and by lists, doubled and in any order: the same end."""

import datetime as dt
from dataclasses import dataclass, replace

FOLLOWING, LEFT = "following", "left"
# Of so many last times we know that they were told; an older one that comes again counts as another.
REMEMBERED = 20


@dataclass(frozen=True)
class Standing:
    """How somebody stands with an account. `follows`: the last times they followed, oldest first; `times`: how often in all.

    `left_exactly`: when they left is what the platform told, not merely when we found out.
    """

    state: str = LEFT
    follows: tuple[dt.datetime, ...] = ()
    times: int = 0
    left_at: dt.datetime | None = None
    left_exactly: bool = False
    scene: str = ""
    way: str = ""

    @property
    def since(self) -> dt.datetime | None:
        """When they followed last."""
        return self.follows[-1] if self.follows else None


@dataclass(frozen=True)
class Told:
    """What is told of somebody: they follow since `at`, or left at `at`.

    `exactly`: by an event of that very moment. Else by a list as of `seen_at`: then `at` of a follow is still the platform's,
    that of leaving is `seen_at`.
    """

    follows: bool
    at: dt.datetime
    exactly: bool = True
    seen_at: dt.datetime | None = None
    scene: str = ""
    way: str = ""


def after(standing: Standing, told: Told) -> tuple[Standing, bool]:
    """How they stand by all that was told, and whether this told of a following or leaving that was not known."""
    return _followed(standing, told) if told.follows else _left(standing, told)


def _followed(standing: Standing, told: Told) -> tuple[Standing, bool]:
    new = told.at not in standing.follows
    follows = tuple(sorted({*standing.follows, told.at})[-REMEMBERED:])
    now = replace(standing, follows=follows, times=standing.times + new)
    if (
        told.at == follows[-1]
    ):  # their last time; a list may know how they came where the event did not say, and the reverse
        before = ("", "") if new else (standing.scene, standing.way)
        now = replace(now, scene=told.scene or before[0], way=told.way or before[1])
    return replace(now, state=FOLLOWING if _stands(standing, told) else standing.state), new


def _stands(standing: Standing, told: Told) -> bool:
    """Whether a following is newer than the last leaving. Of one second an event that is told last counts, a list not."""
    if standing.left_at is None:
        return True
    if told.exactly:
        return told.at >= standing.left_at
    if not standing.left_exactly and told.seen_at is not None and told.seen_at > standing.left_at:
        return True
    return told.at > standing.left_at


def _left(standing: Standing, told: Told) -> tuple[Standing, bool]:
    if not told.exactly:
        return _found_gone(standing, told.at)
    followed, left = standing.since, standing.left_at
    if followed is not None and told.at < followed:  # told late: they followed again since
        if standing.state == FOLLOWING and (left is None or told.at > left):
            return replace(standing, left_at=told.at, left_exactly=True), True
        return standing, told.at != left
    if standing.state == LEFT and left is not None:
        if not standing.left_exactly:  # found out before, and told as having left then
            return replace(standing, left_at=told.at, left_exactly=True), False
        if told.at <= left:
            return standing, told.at < left
    return replace(standing, state=LEFT, left_at=told.at, left_exactly=True), True


def _found_gone(standing: Standing, at: dt.datetime) -> tuple[Standing, bool]:
    """A list says that they do not follow; when they left it does not say."""
    if standing.since is not None and standing.since > at:
        return standing, False
    if standing.state == LEFT and standing.left_at is not None:
        return standing, False
    return replace(standing, state=LEFT, left_at=at, left_exactly=False), standing.state == FOLLOWING
