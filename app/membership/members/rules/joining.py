"""Who may join, from when orders earn, which gift is due, and the programme that ships (field rules C, L, O, part 2.1)."""

import calendar
import datetime as dt
import hashlib
import unicodedata
from dataclasses import dataclass

NEW_CUSTOMER, BINDING = "new_customer", "binding"


@dataclass(frozen=True)
class MembersPolicy:
    """The brand's settings of the membership; days and growth as whole numbers."""

    validity_days: int = 365
    history_days: int = 365
    new_customer_months: int = 24
    youngest_age: int = 14
    failures_a_day: int = 5
    keep_notice_days: int = 30
    task_growth_a_year: int = 200
    birthday_wait_days: int = 7


@dataclass(frozen=True)
class TierPlan:
    """A tier as it ships. `rate_percent`: what its points are multiplied with."""

    level: int
    code: str
    name: str
    threshold: int
    keep: int
    rate_percent: int
    benefits: tuple[str, ...]


_FROM_PLAIN = ("生日券",)
_FROM_SILVER = (*_FROM_PLAIN, "升级礼 ¥50")
_FROM_GOLD = (*_FROM_SILVER, "专属导购", "每季免费妆容")
_FROM_BLACK = (*_FROM_GOLD, "新品优先", "包邮", "年度礼")

STOCK_TIERS = (
    TierPlan(0, "plain", "普卡", 0, 0, 100, _FROM_PLAIN),
    TierPlan(1, "silver", "银卡", 1_000, 800, 110, _FROM_SILVER),
    TierPlan(2, "gold", "金卡", 3_000, 2_400, 125, _FROM_GOLD),
    TierPlan(3, "black", "黑金卡", 8_000, 6_000, 150, _FROM_BLACK),
)

# (code, name, rewarded): following the official account is never rewarded (R05).
STOCK_TASKS = (
    ("first_card", "首次绑卡", True),
    ("profile", "完善资料", True),
    ("follow", "关注公众号", False),
    ("guide", "添加导购", True),
    ("first_order", "首单", True),
    ("first_booking", "首次预约", True),
    ("skin_survey", "填写肤质问卷", True),
)


def months_before(moment: dt.datetime, months: int) -> dt.datetime:
    """The same day and time some months earlier, the month's last day where it is shorter."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def age_on(birthday: dt.date, day: dt.date) -> int:
    """Whole years on a day; who was born on 29 February has it on the 28th (C11)."""
    return day.year - birthday.year - ((day.month, day.day) < celebrated(birthday))


def celebrated(birthday: dt.date) -> tuple[int, int]:
    """Month and day on which a birthday is kept in every year: 29 February counts as the 28th (C11)."""
    return (2, 28) if (birthday.month, birthday.day) == (2, 29) else (birthday.month, birthday.day)


def born_on(day: dt.date) -> tuple[int, list[int]]:
    """The month and the days of it whose birthdays may be kept on a day: the 28th of February has two (C11)."""
    return day.month, [28, 29] if (day.month, day.day) == (2, 28) else [day.day]


def birthday_gift_due(birthday: dt.date, set_at: dt.datetime, day: dt.date, wait_days: int) -> bool:
    """Whether a day is the birthday and the birthday was set long enough before (C11). `set_at` in the brand's zone."""
    return celebrated(birthday) == (day.month, day.day) and (day - set_at.date()).days >= wait_days


def earns_since(joined_at: dt.datetime, history_days: int) -> dt.datetime:
    """Orders paid before it earn nothing (O05); the cut-over of an opening balance may move it later."""
    return joined_at - dt.timedelta(days=history_days)


def gift_for(*, is_staff: bool, given_before: bool, is_old_buyer: bool) -> str | None:
    """Which gift is due on joining (C10): none for staff (X01) and for who had one, 绑卡礼 for old buyers, else 新客礼."""
    if is_staff or given_before:
        return None
    return BINDING if is_old_buyer else NEW_CUSTOMER


def same_name(name: str) -> str:
    """The form in which names are compared: width, case, blanks and dots between names do not matter."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if not letter.isspace() and letter not in "·•・.")


def name_digest(name: str) -> str:
    """What an old card file holds in place of a name: SHA-256 of its comparable form, in hex."""
    return hashlib.sha256(same_name(name).encode()).hexdigest()


def mask_name(name: str) -> str:
    """What a stranger may see of a name: 林*."""
    return f"{name[:1]}*"
