"""When a notice is due, and how its values are written."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

CAN_BE_SPENT = ("earn", "spend")


@dataclass(frozen=True)
class NoticesPolicy:
    """`points_days`: so many days before points end (M04), `coupon_days` before a coupon's last day, `tier_days` before a tier
    may fall (M08). `fresh_hours`: what happened longer ago than this is not told as news."""

    points_days: Sequence[int] = (30, 7, 1)
    coupon_days: int = 3
    tier_days: int = 30
    fresh_hours: int = 72


def is_news(happened_at: dt.datetime, *, now: dt.datetime, fresh_hours: int) -> bool:
    """Whether it happened lately enough to be told: a history that becomes known today is no news."""
    return happened_at > now - dt.timedelta(hours=fresh_hours)


def signed(change: int) -> str:
    """+120 or -300."""
    return f"{change:+d}"


def date_words(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """2026年5月20日."""
    day = moment.astimezone(zone)
    return f"{day.year}年{day.month}月{day.day}日"


def time_words(moment: dt.datetime, zone: dt.tzinfo) -> str:
    """2026年5月20日 15:00."""
    return f"{date_words(moment, zone)} {moment.astimezone(zone):%H:%M}"


def money_words(fen: int) -> str:
    """¥1200 or ¥12.50."""
    return f"¥{fen // 100}" if fen % 100 == 0 else f"¥{fen / 100:.2f}"


def day_ahead(today: dt.date, *, days: int, zone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    """Begin and end of the day that lies so many days after today, in the brand's calendar."""
    begins = dt.datetime.combine(today + dt.timedelta(days=days), dt.time(), zone)
    return begins, dt.datetime.combine(today + dt.timedelta(days=days + 1), dt.time(), zone)
