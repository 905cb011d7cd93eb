"""How much an account may send, and in which windows that is counted."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from app.outreach.messaging.rules.moments import HOME, end_of_day

# A call is made a moment after it was reserved. What is reserved within so long before a window ends may be counted by the
# platform in the next one: we count it in both.
CALL_DELAY = dt.timedelta(seconds=1)
MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True)
class Limit:
    """How many a minute and a day (Asia/Shanghai), and how many percent of the day's campaigns leave to notices."""

    a_minute: int
    a_day: int
    kept_for_notices: int = 10

    def a_day_for(self, *, campaign: bool) -> int:
        """The day's limit for campaigns, or for all."""
        return self.a_day * (100 - self.kept_for_notices) // 100 if campaign else self.a_day


# Where the brand has set nothing: the platform's figures for a service account (by the day; those by the minute are ours,
# far above what one brand sends, as the platform does not publish them), and modest ones for what costs money.
DEFAULTS: Mapping[str, Limit] = {
    "oa_template": Limit(60_000, 100_000),
    "oa_subscription": Limit(60_000, 10_000_000),
    "mp_subscription": Limit(60_000, 10_000_000),
    "oa_service": Limit(60_000, 500_000),
    "sms": Limit(6_000, 200_000),
    "voice": Limit(300, 10_000),
}


@dataclass(frozen=True)
class Windows:
    """The names of the windows in which a reservation made now is counted; the later ones are empty mostly."""

    minute: str
    next_minute: str
    day: str
    next_day: str


def windows(now: dt.datetime) -> Windows:
    """Where a reservation made now counts."""
    minute, day = _minute(now), _day(now)
    later_minute, later_day = _minute(now + CALL_DELAY), _day(now + CALL_DELAY)
    return Windows(minute, later_minute if later_minute != minute else "", day, later_day if later_day != day else "")


def _minute(moment: dt.datetime) -> str:
    return f"m{int(moment.timestamp()) // 60}"


def _day(moment: dt.datetime) -> str:
    return f"d{moment.astimezone(HOME):%Y%m%d}"


def start_of_minute(now: dt.datetime) -> dt.datetime:
    """When the present minute began."""
    return now.replace(second=0, microsecond=0)


def next_minute(now: dt.datetime) -> dt.datetime:
    """When the minute's window is a new one."""
    return start_of_minute(now) + MINUTE


def start_of_day(now: dt.datetime) -> dt.datetime:
    """When the present day began in Beijing."""
    return dt.datetime.combine(now.astimezone(HOME).date(), dt.time(), HOME).astimezone(dt.UTC)


def next_day(now: dt.datetime) -> dt.datetime:
    """When the day's window is a new one: midnight in Beijing."""
    return end_of_day(now, HOME)
