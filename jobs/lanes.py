"""Hands the lanes of the send path to workers while something is due, and sweeps what dead workers left behind.

A lane that is running is left alone: it holds its own lock. What is kept here is a courtesy between ticks and may be lost.
"""

import datetime as dt
import math
import time
from collections.abc import Callable

from app.kernel.database import db
from app.kernel.locks import try_lock
from app.outreach.messaging import sending

# A lane that was handed out has so long to begin before it is handed out again; in seconds.
BEGINS_WITHIN = 1.0
SWEEP_EVERY = dt.timedelta(seconds=15)


class Handout:
    """What the clock has handed out."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._handed: dict[int, float] = {}
        self._swept_at: dt.datetime | None = None

    def lanes(self, *, now: dt.datetime) -> list[int]:
        """The lanes to hand out now: as many as there is work for, less those that run. In a unit of work."""
        wanted = math.ceil(sending.count_due(now=now) / sending.CHUNK)
        moment = self._monotonic()
        waiting = {lane for lane, since in self._handed.items() if moment - since < BEGINS_WITHIN}
        found = [
            lane for lane in range(wanted) if lane not in waiting and try_lock(db.session(), sending.lock_name(lane))
        ]
        self._handed |= dict.fromkeys(found, moment)
        return found

    def sweep_is_due(self, *, now: dt.datetime) -> bool:
        """Whether it is time to sweep again; the time may have been moved back."""
        due = self._swept_at is None or abs(now - self._swept_at) >= SWEEP_EVERY
        if due:
            self._swept_at = now
        return due
