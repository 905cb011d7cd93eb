"""Where a store is and when it is open: geometry and calendars, without a database."""

import datetime as dt
import math
import re
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EARTH_RADIUS_METRES = 6_371_008.8  # mean radius (IUGG)
LAST_MINUTE = 30 * 60  # a night shop closes at 30:00 at the latest, which is six in the morning

_CLOCK_TIME = re.compile(r"(\d{2}):([0-5]\d)")

Hours = Mapping[str, Sequence[Sequence[str]]]  # weekday "1" to "7", or ISO date → [["10:00", "13:00"], …]


class NotHours(ValueError):
    """Opening hours that no calendar can follow; the message says what is wrong."""


@dataclass(frozen=True)
class Place:
    """A point in GCJ-02 degrees."""

    latitude: float
    longitude: float


def unit_vector(place: Place) -> tuple[float, float, float]:
    """The place on a sphere of radius one."""
    latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def metres_of_chord(chord: float) -> float:
    """The way along the earth between two points whose unit vectors lie `chord` apart."""
    return 2 * EARTH_RADIUS_METRES * math.asin(min(1.0, chord / 2))


def check_hours(hours: Hours, *, keys: str) -> None:
    """Raise NotHours unless every key is a weekday ("weekdays") or a date ("dates") and periods are in order, apart."""
    for key, periods in hours.items():
        if keys == "weekdays" and key not in set("1234567"):
            raise NotHours(f"{key}: weekdays are 1 (Monday) to 7")
        if keys == "dates" and not _is_date(key):
            raise NotHours(f"{key}: not a date")
        last = -1
        for period in periods:
            opens, closes = _minutes(period)
            if not last < opens < closes <= LAST_MINUTE:
                raise NotHours(f"{key}: periods must be in order, apart, and end by 30:00")
            last = closes


def open_periods(
    *, hours: Hours, special_days: Hours, day: dt.date, zone: str
) -> list[tuple[dt.datetime, dt.datetime]]:
    """When a store that keeps these hours is open on a day of its own calendar, in UTC.

    A special day replaces its weekday. Wall-clock times keep their meaning on days of 23 and 25 hours: a time that is
    skipped is reached when the clock jumps over it, a time that comes twice counts the first time.
    """
    periods = special_days.get(day.isoformat())
    if periods is None:
        periods = hours.get(str(day.isoweekday()), ())
    here = zoneinfo.ZoneInfo(zone)
    spans = [tuple(_moment(day, minute, here) for minute in _minutes(period)) for period in periods]
    return [(opens, closes) for opens, closes in spans if opens < closes]


def _moment(day: dt.date, minute: int, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    days, minute = divmod(minute, 24 * 60)
    wall = dt.datetime.combine(day + dt.timedelta(days=days), dt.time(minute // 60, minute % 60), zone)
    return wall.astimezone(dt.UTC)


def _minutes(period: Sequence[str]) -> tuple[int, int]:
    if len(period) != 2:
        raise NotHours("a period has a beginning and an end")
    matches = [_CLOCK_TIME.fullmatch(text) for text in period]
    opens, closes = (int(found[1]) * 60 + int(found[2]) if found else -1 for found in matches)
    if opens < 0 or closes < 0:
        raise NotHours("times look like 09:30")
    return opens, closes


def _is_date(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
