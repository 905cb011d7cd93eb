"""Months of the stream: one partition each, named event_2026_05, from the first moment of the month in UTC."""

import datetime as dt
import re
from collections.abc import Iterable

_NAME = re.compile(r"event_(\d{4})_(\d{2})")


def month_of(moment: dt.datetime) -> dt.date:
    """The first day of the month a moment lies in (UTC)."""
    return moment.astimezone(dt.UTC).date().replace(day=1)


def next_month(month: dt.date) -> dt.date:
    """The month after."""
    return (month.replace(day=28) + dt.timedelta(days=7)).replace(day=1)


def name_of(month: dt.date) -> str:
    """The partition's name."""
    return f"event_{month:%Y_%m}"


def month_named(name: str) -> dt.date | None:
    """The month of a partition by its name; None for another table."""
    found = _NAME.fullmatch(name)
    return dt.date(int(found[1]), int(found[2]), 1) if found else None


def start_of(month: dt.date) -> dt.datetime:
    """Its first moment."""
    return dt.datetime(month.year, month.month, 1, tzinfo=dt.UTC)


def months_between(first: dt.datetime, last: dt.datetime) -> list[dt.date]:
    """The months from that of the first moment to that of the last; none where the last comes first."""
    months, end = [], month_of(last)
    month = month_of(first)
    while month <= end:
        months.append(month)
        month = next_month(month)
    return months


def months_of(moments: Iterable[dt.datetime]) -> list[dt.date]:
    """The months in which these moments lie, oldest first."""
    return sorted({month_of(moment) for moment in moments})


def months_ahead(now: dt.datetime, ahead: int) -> list[dt.date]:
    """The month before this one, this one and so many after it."""
    first = month_of(start_of(month_of(now)) - dt.timedelta(days=1))
    months = [first]
    while len(months) < ahead + 2:
        months.append(next_month(months[-1]))
    return months
