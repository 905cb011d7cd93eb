"""How numbers, money and times are said to people, in Chinese (the look's "for all")."""

import datetime as dt

from app.kernel.clock import BRAND_ZONE

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)


def thousands(number: int) -> str:
    """2340 → 2,340."""
    return f"{number:,}"


def yuan(fen: int) -> str:
    """Fen as yuan: 32600 → ¥326, 32650 → ¥326.50, -50 → -¥0.50."""
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    whole, rest = divmod(fen, 100)
    return f"{sign}¥{whole:,}" + (f".{rest:02d}" if rest else "")


def percent(share: float | None) -> str:
    """0.0312 → 3.1%."""
    return "–" if share is None else f"{100 * share:.1f}%"


def points(difference: float | None) -> str:
    """A difference of two shares: 0.019 → +1.9 个点."""
    return "–" if difference is None else f"{100 * difference:+.1f} 个点"


def lasting(span: dt.timedelta) -> str:
    """How long something takes: 3 小时 20 分, 12 分钟, 不到一分钟."""
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "不到一分钟"
    if minutes < 60:
        return f"{minutes} 分钟"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} 小时" + (f" {rest} 分" if rest else "")
    return f"{hours // 24} 天" + (f" {hours % 24} 小时" if hours % 24 else "")


def when(moment: dt.datetime | None, now: dt.datetime) -> str:
    """As people say it: 刚刚, 12 分钟前, 3 小时前, 昨天 18:20, then the date; the future as 今天, 明天, then the date."""
    if moment is None:
        return "–"
    local, today = moment.astimezone(BRAND_ZONE), now.astimezone(BRAND_ZONE).date()
    days = (today - local.date()).days
    ago = now - moment
    if dt.timedelta() <= ago < MINUTE:
        return "刚刚"
    if MINUTE <= ago < HOUR:
        return f"{ago // MINUTE} 分钟前"
    if days in _DAYS:
        return f"{_DAYS[days]} {local:%H:%M}"
    return f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m-%d}"


_DAYS = {0: "今天", 1: "昨天", -1: "明天"}


def exact(moment: dt.datetime | None) -> str:
    """The exact time in the brand's zone, for hover and tap."""
    return f"{moment.astimezone(BRAND_ZONE):%Y-%m-%d %H:%M:%S}" if moment else "–"


def last_day(moment: dt.datetime | None) -> str:
    """The last day of something that ends before a moment: midnight of 1 December is said as 11-30."""
    return f"{(moment - dt.timedelta(microseconds=1)).astimezone(BRAND_ZONE):%Y-%m-%d}" if moment else "–"
