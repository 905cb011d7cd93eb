"""What a field of a platform's template may hold, by the kind in its key's name (thing1 is a thing).

One table for official-account templates, subscriptions and the mini-program's: the platform has one. Characters count one
each; those outside the basic plane (emoji) count two, as they may at the platform, so that we are never over the limit.
"""

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_KEY = re.compile(r"([a-z_]+?)_?(\d+)", re.ASCII)
_CONTROL = {"Cc", "Cs", "Zl", "Zp"}
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_CHINESE = re.compile(f"[{_HAN}]")
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY = r"(\d{4})(?:年(\d{1,2})月(\d{1,2})日|-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2}))"
_DATED = re.compile(rf"{_DAY}(?: ({_CLOCK}))?", re.ASCII)
_MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_ONLY_CLOCK = re.compile(_CLOCK, re.ASCII)
_DIGITS = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_SIGNS = "￥¥$€£"
FREE = 200


@dataclass(frozen=True)
class Kind:
    """A row of the table. `limit`: characters; `says`: the rule in words of those who fill it in; `cut`: may end in …"""

    limit: int
    says: str
    holds: Callable[[str], bool]
    cut: bool = False


@functools.lru_cache(maxsize=1024)
def kind_of(key: str) -> str:
    """`character_string4` is a character_string; a key without a kind (`keyword1`) is free."""
    found = _KEY.fullmatch(key)
    name = "enum" if found and found[1] == "enum_string" else found[1] if found else "free"
    return name if name in KINDS or name in _LISTED else "free"


def length(value: str) -> int:
    """Characters as the platform may count them at most."""
    return len(value) if value.isascii() else len(value.encode("utf-16-le", "surrogatepass")) // 2


def why_not(key: str, value: str, choices: Sequence[str] = ()) -> str | None:
    """Why the platform would refuse this value for this key (47003), in Chinese; None where it takes it."""
    if not value.strip():
        return "不能为空"
    if not value.isprintable() and any(unicodedata.category(char) in _CONTROL for char in value):
        return "不能换行，也不能有控制字符"
    name = kind_of(key)
    if name in _LISTED:
        return _not_listed(value, choices)
    kind = KINDS[name]
    if (limit := limit_of(name, value)) < (count := length(value)):
        return f"最多 {limit} 个字符，现在 {count} 个"
    return None if kind.holds(value) else kind.says


def _not_listed(value: str, choices: Sequence[str]) -> str | None:
    """Templates whose list we have not been told yet are judged by the platform alone, but for the length."""
    if choices:
        return None if value in choices else f"只能是：{'、'.join(choices[:8])}"
    return None if length(value) <= 20 else f"最多 20 个字符，现在 {length(value)} 个"


def limit_of(kind: str, value: str) -> int:
    """How many characters a value of this kind may have; a name with Chinese in it only half."""
    return 10 if kind == "name" and _CHINESE.search(value) else KINDS[kind].limit


def fit(key: str, value: str) -> str:
    """The value as we send it: on one line, long things and names cut with …, numbers without separators.

    What a name cannot hold (the digits of a nickname) is left out of it.
    """
    value = on_one_line(value)
    name = kind_of(key)
    if name == "number":
        return value.replace(",", "")
    if name == "name":
        value = "".join(char for char in value if _of_name(char)).strip()
    if name in KINDS and KINDS[name].cut:
        return cut(value, limit_of(name, value))
    return value


def on_one_line(value: str) -> str:
    """The value without line breaks and control characters."""
    return value.strip() if value.isprintable() else _BREAKS.sub(" ", value).strip()


def cut(value: str, limit: int) -> str:
    """At most so many characters, the last one … where something is left out; a sign of several parts stays whole."""
    if length(value) <= limit:
        return value
    kept, count = "", 0
    for sign in _signs(value):
        count += length(sign)
        if count > limit - 1:
            break
        kept += sign
    return kept.rstrip() + "…"


def _signs(value: str) -> list[str]:
    """What people see as one sign: an emoji with its skin tone and what it is joined with, a letter with its accents."""
    signs: list[str] = []
    for char in value:
        joined = bool(signs) and (
            unicodedata.combining(char)
            or char in "\u200d\ufe0e\ufe0f\u20e3"
            or "\U0001f3fb" <= char <= "\U0001f3ff"
            or signs[-1].endswith("\u200d")
        )
        if joined:
            signs[-1] += char
        else:
            signs.append(char)
    return signs


def _symbol(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _plain(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _all(*tests: Callable[[str], bool]) -> Callable[[str], bool]:
    @functools.lru_cache(maxsize=4096)
    def holds(char: str) -> bool:
        return any(test(char) for test in tests)

    return lambda value: all(map(holds, value))


def _car(value: str) -> bool:
    ends_well = all(_plain(char) or _CHINESE.match(char) for char in (value[0], value[-1]))
    return ends_well and all(map(_plain, value[1:-1]))


def _of_name(char: str) -> bool:
    return char == " " or char.isalpha() or _symbol(char)


def _name(value: str) -> bool:
    return value == value.strip() and _all_of_name(value)


_all_of_name = _all(_of_name)


def _number(value: str) -> bool:
    return bool(_DIGITS.fullmatch(value))


def _amount(value: str) -> bool:
    number = value.removesuffix("元")
    return number[:1] in _SIGNS and _number(number[1:]) and len(number[1:].replace(".", "")) <= 10


@functools.lru_cache(maxsize=1024)
def _is_day(text: str) -> bool:
    """2019年10月1日, 2018-01-01, with a time after one blank or without."""
    found = _DATED.fullmatch(text)
    if found is None:
        return False
    year, month, day = (int(part) for part in found.groups()[:-1] if part is not None)
    return _exists(year, month, day)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    """A time, alone or after a day."""
    return bool(_ONLY_CLOCK.fullmatch(text)) or (" " in text and _is_day(text))


def _is_date(text: str) -> bool:
    short = _MONTH_DAY.fullmatch(text)
    return _is_day(text) or bool(_MONTH.fullmatch(text)) or bool(short and _exists(2000, int(short[1]), int(short[2])))


def _time(value: str) -> bool:
    return all(_is_time(part.strip()) for part in value.split("~", 1))


def _date(value: str) -> bool:
    first, tilde, second = value.partition("~")
    return _is_date(first.strip()) and (not tilde or _is_date(second.strip()) or _is_time(second.strip()))


_LISTED = {"enum", "const"}
KINDS: dict[str, Kind] = {
    "thing": Kind(20, "最多 20 个字", lambda value: True, cut=True),
    "number": Kind(33, "只能是数字，可带小数", lambda value: _number(value) and len(value.replace(".", "")) <= 32),
    "letter": Kind(32, "只能是字母", lambda value: value.isascii() and value.isalpha()),
    "symbol": Kind(5, "只能是符号", _all(_symbol)),
    "character_string": Kind(32, "只能是数字、字母和符号，不能有汉字", _all(_plain, _symbol)),
    "time": Kind(60, "写成 15:01 或 2019年10月1日 15:01，范围用 ~ 隔开", _time),
    "date": Kind(60, "写成 2019年10月1日 或 2019-10-01，可带时间，范围用 ~ 隔开", _date),
    "amount": Kind(13, "写成 ¥29.90：一个币种符号，最多 10 位数字", _amount),
    "phone_number": Kind(17, "只能是数字和符号", _all(_symbol, lambda char: char.isascii() and char.isdigit())),
    "car_number": Kind(8, "最多 8 位，首末位可以是汉字", _car),
    "name": Kind(20, "最多 10 个汉字或 20 个字母，不能有数字", _name, cut=True),
    "phrase": Kind(5, "最多 5 个字，只能是汉字", lambda value: all(_CHINESE.match(char) for char in value)),
    "free": Kind(FREE, "", lambda value: True, cut=True),
}
