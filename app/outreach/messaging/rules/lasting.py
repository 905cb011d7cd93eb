"""How long so many messages take: by the minute's and the day's limit, in the hours in which they may go."""

import datetime as dt
from collections.abc import Sequence

from app.outreach.messaging.rules import moments
from app.outreach.messaging.rules.moments import HOME, Span

# Further ahead nobody plans; a limit of nothing a day never ends.
LONGEST = dt.timedelta(days=366)
_STEP = dt.timedelta(minutes=15)


def ends_at(
    number: int,
    *,
    now: dt.datetime,
    a_minute: int,
    left_today: int,
    a_day: int,
    quiet: Sequence[Span] = (),
    open_in: Sequence[Span] = (),
) -> dt.datetime | None:
    """When the last of so many has gone, begun now, hours being the brand's; None where that is further than a year ahead."""
    left, left_of_day, at = number, left_today, now
    day = now.astimezone(HOME).date()
    while left > 0 and at < now + LONGEST:
        if at.astimezone(HOME).date() != day:
            day, left_of_day = at.astimezone(HOME).date(), a_day
        if left_of_day <= 0:
            at = moments.end_of_day(at, HOME)
            continue
        if (later := moments.open_from(at, (HOME,), quiet=quiet, open_in=open_in)) > at:
            at = later
            continue
        # Until the next quarter of an hour nothing changes but what is left.
        until = at.replace(second=0, microsecond=0) + _STEP - dt.timedelta(minutes=at.minute % 15)
        sent = min(left, left_of_day, int(a_minute * ((until - at) / dt.timedelta(minutes=1))))
        left, left_of_day = left - sent, left_of_day - sent
        at = at + dt.timedelta(minutes=sent / a_minute) if a_minute and not left else until
    return None if left > 0 else at
