"""Cards of the brand's former system: lines of the import, and what proves a holder."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

COLUMNS = ("card_number", "phone", "name", "tier", "tier_until", "growth", "lots", "joined_on")
LARGEST = 10**12
_NUMBER = re.compile(r"[0-9A-Za-z-]{4,40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LOT = re.compile(r"(\d{1,12})@(\d{4}-\d{2}-\d{2})")


class BadLine(ValueError):
    """A line that cannot be kept; the message says why and repeats nothing personal."""


@dataclass(frozen=True)
class ParsedCard:
    """One good line. Days are the brand's; a lot's or tier's last day is included. `name` is text, or its digest in hex."""

    number: str
    phone: str | None
    name: str | None
    tier_code: str | None
    tier_last_day: dt.date | None
    growth: int
    lots: tuple[tuple[int, dt.date], ...]
    joined_on: dt.date | None


def parse_line(line: Mapping[str, str | None]) -> ParsedCard:
    """Read a line: card_number, phone, name (or its SHA-256, see joining.name_digest), tier, tier_until, growth,
    lots as 500@2026-12-31;200@2027-06-30, joined_on. Only the number is required. Raises BadLine."""
    read = {name: (line.get(name) or "").strip() for name in COLUMNS}
    if not _NUMBER.fullmatch(read["card_number"]):
        raise BadLine("card_number")
    tier_last_day = _day(read["tier_until"], "tier_until")
    if bool(read["tier"]) != bool(tier_last_day):
        raise BadLine("tier without tier_until, or the other way round")
    return ParsedCard(
        number=read["card_number"],
        phone=read["phone"] or None,
        name=read["name"] or None,
        tier_code=read["tier"] or None,
        tier_last_day=tier_last_day,
        growth=_whole(read["growth"], "growth"),
        lots=tuple(_lot(part) for part in read["lots"].split(";") if part.strip()),
        joined_on=_day(read["joined_on"], "joined_on"),
    )


def is_digest(name: str) -> bool:
    """Whether a name came as its digest."""
    return _DIGEST.fullmatch(name) is not None


def _whole(text: str, column: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > LARGEST:
        raise BadLine(column)
    return int(text)


def _day(text: str, column: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise BadLine(column) from None
    if not 1900 <= day.year <= 2200:
        raise BadLine(column)
    return day


def _lot(text: str) -> tuple[int, dt.date]:
    found = _LOT.fullmatch(text.strip())
    expires_on = _day(found[2], "lots") if found else None
    if not found or expires_on is None:
        raise BadLine("lots")
    return int(found[1]), expires_on
