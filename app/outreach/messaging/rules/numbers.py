"""Which phone numbers are written to and called (R02)."""

import functools
import re
from collections.abc import Collection

import phonenumbers
from phonenumbers import PhoneNumberType

_MAINLAND_MOBILE = re.compile(r"\+861[3-9]\d{9}")
_REACHED = {
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
}


def why_not(phone: str, *, virtual_prefixes: Collection[str]) -> str | None:
    """Virtual numbers, which a marketplace lends for a deal or a virtual operator sells, are never used; nor landlines."""
    if phone.startswith("+86"):
        if not _MAINLAND_MOBILE.fullmatch(phone) or phone[3:6] in virtual_prefixes:
            return "virtual_number"
        return None
    return None if _is_mobile_abroad(phone) else "no_mobile"


@functools.lru_cache(maxsize=10_000)
def _is_mobile_abroad(phone: str) -> bool:
    try:
        return phonenumbers.number_type(phonenumbers.parse(phone)) in _REACHED
    except phonenumbers.NumberParseException:
        return False
