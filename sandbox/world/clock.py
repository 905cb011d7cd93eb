"""The sandbox's own time: real time plus an offset that can be set while it runs."""

import time
from datetime import UTC, datetime, timedelta, timezone
from functools import cache

BEIJING = timezone(timedelta(hours=8))
EARLIEST, LATEST = 86_400.0, 7_258_000_000.0


class Clock:
    """All lifetimes, quotas and stamps of the sandbox are measured by this clock (unix seconds)."""

    def __init__(self, *, offset: float = 0.0) -> None:
        self.offset = offset

    def now(self) -> float:
        return time.time() + self.offset

    def set_offset(self, seconds: float) -> None:
        """ValueError outside the years 1970 to 2199."""
        if not EARLIEST <= time.time() + seconds <= LATEST:
            raise ValueError("the clock goes from 1970 to 2199")
        self.offset = seconds

    def advance(self, seconds: float) -> None:
        self.set_offset(self.offset + seconds)

    def set_now(self, moment: float) -> None:
        self.set_offset(moment - time.time())


def beijing_day(now: float) -> str:
    """The platform's daily quotas turn at midnight in Beijing."""
    return _day(int(now + 8 * 3600) // 86400)


@cache
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * 86400, UTC).strftime("%Y-%m-%d")


def beijing_month(now: float) -> str:
    return datetime.fromtimestamp(now, BEIJING).strftime("%Y-%m")
