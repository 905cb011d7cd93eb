"""What a subscribe message's fields may hold, by the type in the key's name (fact sheet B5)."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

_KEY = re.compile(r"([A-Za-z_]+?)(\d+)")
_CHINESE = re.compile(r"[\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", re.ASCII)
_FULL_DATE = re.compile(
    r"(\d{4})(?:年(\d{1,2})月(\d{1,2})日|-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2}))",
    re.ASCII,
)
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})", re.ASCII)
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_OTHER_TYPES_MAX = 200


def type_of(key: str) -> str:
    """`character_string4` is a character_string."""
    match = _KEY.fullmatch(key)
    return match.group(1) if match else ""


def is_empty(value: str) -> bool:
    return not value.strip()


def is_allowed(value: str, *, key: str, choices: list[str] | None = None, amount_needs_sign: bool = True) -> bool:
    """Whether the platform takes this value for this key. `choices` is the template's list for enum keys.
    Control characters and line breaks are refused everywhere; characters count one each."""
    if not value or _BREAKING.search(value):
        return False
    kind = type_of(key)
    if kind == "amount":
        return _amount(value, sign_needed=amount_needs_sign)
    if kind in ("enum", "enum_string"):
        return value in (choices or [])
    if kind == "const":
        return len(value) <= 20 and (not choices or value in choices)
    rule = _RULES.get(kind)
    return rule(value) if rule else len(value) <= _OTHER_TYPES_MAX


def _thing(value: str) -> bool:
    return len(value) <= 20


def _number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and len(value.replace(".", "")) <= 32


def _letter(value: str) -> bool:
    return len(value) <= 32 and value.isascii() and value.isalpha()


def _is_symbol(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS"


def _is_plain(char: str) -> bool:
    """An ASCII letter or digit."""
    return char.isascii() and char.isalnum()


def _symbol(value: str) -> bool:
    return len(value) <= 5 and all(_is_symbol(char) for char in value)


def _character_string(value: str) -> bool:
    return len(value) <= 32 and all(_is_plain(char) or _is_symbol(char) for char in value)


def _phone_number(value: str) -> bool:
    return len(value) <= 17 and all((char.isascii() and char.isdigit()) or _is_symbol(char) for char in value)


def _car_number(value: str) -> bool:
    if len(value) > 8:
        return False
    inner = value[1:-1]
    ends = (value[0], value[-1])
    return all(_is_plain(char) for char in inner) and all(_is_plain(char) or _CHINESE.match(char) for char in ends)


def _name(value: str) -> bool:
    if value != value.strip():
        return False
    if not all(char.isalpha() or char == " " or _is_symbol(char) for char in value):
        return False
    return len(value) <= (10 if _CHINESE.search(value) else 20)


def _phrase(value: str) -> bool:
    return len(value) <= 5 and all(_CHINESE.match(char) for char in value)


def _amount(value: str, *, sign_needed: bool) -> bool:
    rest = value.removesuffix("元")
    if rest and unicodedata.category(rest[0]) == "Sc":
        rest = rest[1:]
    elif sign_needed:
        return False
    return bool(_NUMBER.fullmatch(rest)) and len(rest.replace(".", "")) <= 10


def _is_date(text: str) -> bool:
    full = _FULL_DATE.fullmatch(text)
    if full:
        year, month, day = (int(part) for part in full.groups() if part is not None)
        return _on_calendar(year, month=month, day=day)
    if _MONTH.fullmatch(text):
        return True
    short = _MONTH_DAY.fullmatch(text)
    return bool(short) and _on_calendar(2000, month=int(text[:2]), day=int(text[3:]))


def _on_calendar(year: int, *, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _is_time(text: str) -> bool:
    """A clock time, alone or after a full date and one blank."""
    before, _, clock = text.rpartition(" ")
    if not _CLOCK.fullmatch(clock):
        return False
    return not before if " " not in text else bool(_FULL_DATE.fullmatch(before)) and _is_date(before)


def _time(value: str) -> bool:
    return _range(value, part=_is_time)


def _date(value: str) -> bool:
    """A date, or a date with a time; a range may give the second time alone."""
    first, tilde, second = value.partition("~")
    dated = _is_date(first.strip()) or (" " in first.strip() and _is_time(first.strip()))
    if not tilde:
        return dated
    return dated and (_is_date(second.strip()) or _is_time(second.strip()))


def _range(value: str, *, part: Callable[[str], bool]) -> bool:
    first, tilde, second = value.partition("~")
    if not tilde:
        return part(value)
    return part(first.strip()) and part(second.strip())


_RULES: dict[str, Callable[[str], bool]] = {
    "thing": _thing,
    "number": _number,
    "letter": _letter,
    "symbol": _symbol,
    "character_string": _character_string,
    "time": _time,
    "date": _date,
    "phone_number": _phone_number,
    "car_number": _car_number,
    "name": _name,
    "phrase": _phrase,
}
