"""Decisions of the calendar: which slots a day has, what may still be changed, who is kept from booking.

Moments are aware and in UTC, hours are minutes of the store's wall clock since midnight, intervals end excluded.
"""

import datetime as dt
import secrets
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass

Interval = tuple[dt.datetime, dt.datetime]
Hours = tuple[int, int]

WHOLE_DAY: Hours = (0, 24 * 60)
OPEN = ("held", "confirmed")
OCCUPIES = ("held", "confirmed", "redeemed")
# Letters and digits that nobody confuses when reading them out or typing them: no 0 O, 1 I L, 5 S, 8 B.
LETTERS = "234679ACDEFGHJKMNPQRTUVWXYZ"
CODE_PREFIX = "Y"
CODE_LENGTH = 10


@dataclass(frozen=True)
class BookingPolicy:
    """The brand's settings for bookings (K08 to K10)."""

    days_ahead: int = 14
    lead_minutes: int = 120
    open_at_once: int = 3
    free_until_minutes: int = 120
    free_until_minutes_when_paid: int = 24 * 60
    hold_minutes: int = 5
    kept_minutes: int = 15
    no_show_after_minutes: int = 30
    no_shows: int = 3
    no_show_window_days: int = 90
    blocked_days: int = 30
    offer_minutes: int = 15
    quiet_from_hour: int = 22
    quiet_until_hour: int = 8
    slot_step_minutes: int = 30
    # The code of a shipped coupon template, 致歉券.
    apology_coupon: str = "apology"


def minutes(count: int) -> dt.timedelta:
    """So many minutes of real time."""
    return dt.timedelta(minutes=count)


def day_of(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.date:
    """The calendar day of a moment on the wall of the store."""
    return moment.astimezone(zone).date()


def day_bounds(day: dt.date, zone: zoneinfo.ZoneInfo) -> Interval:
    """The first moment of a calendar day and the first after it: 23, 24 or 25 hours apart."""
    begins, ends = (dt.datetime.combine(each, dt.time(), zone) for each in (day, day + dt.timedelta(days=1)))
    return begins.astimezone(dt.UTC), ends.astimezone(dt.UTC)


def working_windows(day: dt.date, zone: zoneinfo.ZoneInfo, hours: Sequence[Hours]) -> list[Interval]:
    """The real intervals of a day during which the wall clock stands within `hours`.

    An hour that the clock skips has no slots, one that it shows twice has them twice.
    """
    found: list[Interval] = []
    for begins, ends in _steady_parts(*day_bounds(day, zone), zone):
        midnight = dt.datetime.combine(day, dt.time(), dt.UTC) - _offset(begins, zone)
        for opens, closes in sorted(hours):
            window = max(begins, midnight + minutes(opens)), min(ends, midnight + minutes(closes))
            if window[0] < window[1]:
                found.append(window)
    return _merged(found)


def common(one: Sequence[Interval], other: Sequence[Interval]) -> list[Interval]:
    """What is in both."""
    both = [(max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other]
    return sorted(interval for interval in both if interval[0] < interval[1])


def slots(windows: Sequence[Interval], *, length: int, step: int, taken: Sequence[Interval]) -> list[dt.datetime]:
    """Beginnings of the free slots: every `step` minutes from a window's beginning, `length` minutes within it."""
    starts = []
    for begins, ends in windows:
        start = begins
        while start + minutes(length) <= ends:
            if not any(overlap((start, start + minutes(length)), other) for other in taken):
                starts.append(start)
            start += minutes(step)
    return starts


def overlap(one: Interval, other: Interval) -> bool:
    """Two intervals share a moment."""
    return one[0] < other[1] and other[0] < one[1]


def may_be_booked(starts_at: dt.datetime, *, now: dt.datetime, zone: zoneinfo.ZoneInfo, policy: BookingPolicy) -> bool:
    """Early enough and not too far ahead (K08)."""
    furthest = day_of(now, zone) + dt.timedelta(days=policy.days_ahead)
    return now + minutes(policy.lead_minutes) <= starts_at and day_of(starts_at, zone) <= furthest


def changes_end_at(starts_at: dt.datetime, *, paid: bool, policy: BookingPolicy) -> dt.datetime:
    """The last moment at which cancelling and moving are free (K08)."""
    return starts_at - minutes(policy.free_until_minutes_when_paid if paid else policy.free_until_minutes)


def blocked_until(no_shows: Sequence[dt.datetime], *, policy: BookingPolicy) -> dt.datetime | None:
    """Until when no online booking is possible after too many no-shows (K09), None where there were not so many."""
    ordered = sorted(no_shows)
    window = dt.timedelta(days=policy.no_show_window_days)
    runs = zip(ordered, ordered[policy.no_shows - 1 :], strict=False)
    last = [latest for earliest, latest in runs if latest - earliest <= window]
    return last[-1] + dt.timedelta(days=policy.blocked_days) if last else None


def is_quiet(now: dt.datetime, zone: zoneinfo.ZoneInfo, *, policy: BookingPolicy) -> bool:
    """At night nobody is offered a place that ends in minutes (K10)."""
    hour = now.astimezone(zone).hour
    return hour >= policy.quiet_from_hour or hour < policy.quiet_until_hour


def new_code() -> str:
    """A booking's code: nobody guesses it (27^9, asked for by staff only), anybody can type it."""
    return CODE_PREFIX + "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH - 1))


def normal_code(text: str) -> str:
    """A code as it is stored, from what somebody typed, pasted or scanned."""
    return "".join(text.split()).replace("-", "").upper()


def _offset(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.timedelta:
    return moment.astimezone(zone).utcoffset() or dt.timedelta()


def _steady_parts(begins: dt.datetime, ends: dt.datetime, zone: zoneinfo.ZoneInfo) -> list[Interval]:
    """A day in parts during which the clock is not moved."""
    last = ends - dt.timedelta(seconds=1)
    if _offset(begins, zone) == _offset(last, zone):
        return [(begins, ends)]
    before, after = begins, last
    while after - before > dt.timedelta(seconds=1):
        middle = before + dt.timedelta(seconds=int((after - before).total_seconds()) // 2)
        if _offset(middle, zone) == _offset(begins, zone):
            before = middle
        else:
            after = middle
    return [(begins, after), (after, ends)]


def _merged(windows: Sequence[Interval]) -> list[Interval]:
    merged: list[Interval] = []
    for begins, ends in sorted(windows):
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((begins, ends))
    return merged
