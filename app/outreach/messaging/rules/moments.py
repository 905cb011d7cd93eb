"""Where a person's day is, and when it is night there (R02, R03). Daylight saving time as the zone has it."""

import datetime as dt
import functools
import zoneinfo
from collections.abc import Sequence

import phonenumbers
from phonenumbers import timezone as phone_zones

HOME = zoneinfo.ZoneInfo("Asia/Shanghai")
HOME_PREFIX = "+86"
_UNKNOWN = "Etc/Unknown"
# Of a number that may be in many zones, a moment is sought within so long at which it is night in none of them.
_SOUGHT = dt.timedelta(days=2)

Zones = tuple[zoneinfo.ZoneInfo, ...]
# From and until, minutes of a local day; where the end is not later than the start it is on the next day.
Span = tuple[int, int]


def span(words: str) -> Span:
    """`21:30-08:30` in minutes of the day. Raises ValueError."""
    begin, _, end = words.partition("-")
    return _minute(begin), _minute(end)


def _minute(words: str) -> int:
    hours, _, minutes = words.strip().partition(":")
    return int(hours) * 60 + int(minutes or 0)


def zones_of(phone: str | None) -> Zones:
    """The zones in which a phone number (E.164) may be, by its country and area; the brand's where nothing is known."""
    if not phone or phone.startswith(HOME_PREFIX):
        return (HOME,)
    return _zones_abroad(phone)


@functools.lru_cache(maxsize=10_000)
def _zones_abroad(phone: str) -> Zones:
    try:
        names = phone_zones.time_zones_for_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return (HOME,)
    found = [_zone(name) for name in names if name != _UNKNOWN]
    return tuple(zone for zone in found if zone is not None) or (HOME,)


@functools.cache
def _zone(name: str) -> zoneinfo.ZoneInfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return None


def within(moment: dt.datetime, zone: dt.tzinfo, spans: Sequence[Span]) -> bool:
    """Whether it is within one of the spans there; the end is not part of it."""
    local = moment.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(begin <= minute < end if begin < end else minute >= begin or minute < end for begin, end in spans)


def open_from(
    now: dt.datetime, zones: Zones, *, quiet: Sequence[Span] = (), open_in: Sequence[Span] = ()
) -> dt.datetime:
    """The first moment from now on outside `quiet` and inside `open_in` (if any is named), in every zone at once.

    Where that never is, as a number may be in zones around the globe, the first zone alone decides.
    """
    found = _sought(now, zones, quiet, open_in)
    return found or _sought(now, zones[:1], quiet, open_in) or now + _SOUGHT


def _sought(now: dt.datetime, zones: Zones, quiet: Sequence[Span], open_in: Sequence[Span]) -> dt.datetime | None:
    def may(moment: dt.datetime) -> bool:
        return all(not within(moment, zone, quiet) and (not open_in or within(moment, zone, open_in)) for zone in zones)

    if may(now):
        return now
    # What changes the answer is an edge of a span; offsets of zones are whole quarters of an hour.
    edges = sorted({edge % 15 for one in (*quiet, *open_in) for edge in one})
    moment = now.replace(second=0, microsecond=0)
    quarter = moment - dt.timedelta(minutes=moment.minute % 15)
    while quarter <= now + _SOUGHT:
        for edge in edges:
            if (at := quarter + dt.timedelta(minutes=edge)) > now and may(at):
                return at
        quarter += dt.timedelta(minutes=15)
    return None


def periods(now: dt.datetime, zone: dt.tzinfo) -> tuple[str, str]:
    """The day and the month there, as the caps' counters name them: d2026-05-20 and m2026-05."""
    day = now.astimezone(zone).date()
    return f"d{day:%Y-%m-%d}", f"m{day:%Y-%m}"


def end_of_day(now: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """The first moment of tomorrow there."""
    tomorrow = now.astimezone(zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC)
