"""When people answer, and what the brand sets for its bot."""

import datetime as dt
from dataclasses import dataclass

_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class AutoReplyPolicy:
    """When people answer (the brand's clock, weekdays 1 Monday to 7), and how the bot hands over.

    `silent_hours`: so long after the last word of a person the bot leaves the talk to them. `minutes_each`: how long one
    conversation takes until it is known from those that were. `transfers`: what is said meanwhile also goes to the
    platform's own customer service. `links_instead`: where links into the mini-program lead where it cannot be opened.
    """

    opens: str = "09:00"
    closes: str = "21:00"
    weekdays: str = "1234567"
    silent_hours: int = 2
    minutes_each: int = 3
    transfers: bool = True
    links_instead: str = "https://mp.weixin.qq.com/"


def is_open(policy: AutoReplyPolicy, *, local: dt.datetime) -> bool:
    """Whether somebody answers at this moment of the brand's clock."""
    opens, closes = _span(policy)
    return str(local.isoweekday()) in policy.weekdays and opens <= local.time() < closes


def next_opening(policy: AutoReplyPolicy, *, local: dt.datetime) -> dt.datetime | None:
    """When somebody answers again, after this moment; None where nobody ever does."""
    opens, _ = _span(policy)
    for days in range(8):
        day = local.date() + dt.timedelta(days=days)
        begins = dt.datetime.combine(day, opens, local.tzinfo)
        if str(day.isoweekday()) in policy.weekdays and begins > local:
            return begins
    return None


def said(moment: dt.datetime, *, local: dt.datetime) -> str:
    """As people say it: 今天 9:00, 明天 9:00, 周一 9:00."""
    clock = f"{moment.hour}:{moment.minute:02d}"
    days = (moment.date() - local.date()).days
    if days < 2:
        return f"{'今天' if days <= 0 else '明天'} {clock}"
    return f"周{_WEEKDAYS[moment.weekday()]} {clock}"


def span_said(policy: AutoReplyPolicy) -> str:
    """9:00–21:00, with the days where it is not every day."""
    opens, closes = _span(policy)
    hours = f"{opens.hour}:{opens.minute:02d}–{closes.hour}:{closes.minute:02d}"
    if set(policy.weekdays) >= set("1234567"):
        return hours
    return "周" + "、".join(_WEEKDAYS[int(day) - 1] for day in sorted(set(policy.weekdays))) + f" {hours}"


def wrong_in(*, opens: str, closes: str, weekdays: str) -> list[str]:
    """What cannot be kept of these hours, in Chinese."""
    try:
        begins, ends = dt.time.fromisoformat(opens), dt.time.fromisoformat(closes)
    except ValueError:
        return ["时间写成 09:00"]
    wrong = [] if begins < ends else ["结束要晚于开始"]
    return wrong if weekdays and set(weekdays) <= set("1234567") else [*wrong, "至少选一天"]


def _span(policy: AutoReplyPolicy) -> tuple[dt.time, dt.time]:
    return dt.time.fromisoformat(policy.opens), dt.time.fromisoformat(policy.closes)
