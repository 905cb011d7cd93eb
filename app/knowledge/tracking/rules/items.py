"""How an item from a phone is read: its kind, its data, its time. Written by hand, because it is done a hundred times a call.

A schema of marshmallow does less of it in seven times the time (docs/performance.md).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Check = Callable[[Any], bool]
# Phones do not tell of other centuries; within these years no sum of times leaves Python's range.
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_ITEM = {"client_id", "kind", "at", "data"}
_NO_SHIFT = dt.timedelta()


class NotAnEvent(Exception):
    """Why an item is refused: `code` (see REASONS) and the `field` that is wrong."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code, field)
        self.code, self.field = code, field


REASONS: Mapping[str, str] = {
    "tracking.item_malformed": "事件格式不对",
    "tracking.kind_unknown": "没有这种事件",
    "tracking.data_invalid": "事件内容不对",
    "tracking.time_invalid": "事件时间不对",
    "tracking.too_late": "事件太早，已过接收期限",
    "tracking.in_future": "事件时间在将来",
}


def _text(longest: int) -> Check:
    def check(value: Any) -> bool:
        return type(value) is str and 0 < len(value) <= longest and "\0" not in value and _storable(value)

    return check


def _storable(value: str) -> bool:
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)


def _whole(least: int, most: int) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _one_of(*words: str) -> Check:
    known = frozenset(words)
    return lambda value: type(value) is str and value in known


@dataclass(frozen=True)
class Shape:
    """What an event of a kind carries: a check for each field, and which of them must be there."""

    checks: Mapping[str, Check]
    needs: frozenset[str]


_CODE, _PAGE = _text(64), _text(200)
SHAPES: Mapping[str, Shape] = {
    "page": Shape({"page": _PAGE, "from": _PAGE}, frozenset({"page"})),
    "view": Shape({"product_code": _CODE, "page": _PAGE}, frozenset({"product_code"})),
    "search": Shape({"text": _text(100), "results": _whole(0, 1_000_000)}, frozenset({"text"})),
    "favourite": Shape({"product_code": _CODE}, frozenset({"product_code"})),
    "unfavourite": Shape({"product_code": _CODE}, frozenset({"product_code"})),
    "share": Shape(
        {"page": _PAGE, "product_code": _CODE, "to": _one_of("chat", "timeline", "poster")}, frozenset({"page"})
    ),
    "dwell": Shape(
        {"page": _PAGE, "product_code": _CODE, "seconds": _whole(1, 86_400)}, frozenset({"page", "seconds"})
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """An item that is an event, its time corrected."""

    client_id: str
    kind: str
    at: dt.datetime
    data: dict[str, Any]


@dataclass(frozen=True)
class PhoneClock:
    """Turns the times a phone says into ours.

    `shift` is how far its clock is off, known when it says when it sent the call, and nothing while that lies within the
    skew a network alone may cause.
    """

    received_at: dt.datetime
    skew: dt.timedelta
    earliest: dt.datetime
    shift: dt.timedelta = _NO_SHIFT

    @classmethod
    def seen(
        cls, received_at: dt.datetime, *, sent_at: dt.datetime | None, skew_minutes: int, late_days: int
    ) -> "PhoneClock":
        """The clock of a phone that says it sent its call at `sent_at`."""
        skew = dt.timedelta(minutes=skew_minutes)
        off = received_at - sent_at if sent_at is not None else _NO_SHIFT
        earliest = received_at - dt.timedelta(days=late_days)
        return cls(received_at, skew, earliest, off if abs(off) > skew else _NO_SHIFT)

    def date(self, said: Any) -> dt.datetime:
        """When it was by our clock: never ahead of the moment we received it. Raises NotAnEvent."""
        try:
            at = dt.datetime.fromisoformat(said)
        except (TypeError, ValueError):
            raise NotAnEvent("tracking.time_invalid", "at") from None
        if at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            raise NotAnEvent("tracking.time_invalid", "at")
        if self.shift:
            at += self.shift
        if at > self.received_at:
            if at - self.received_at > self.skew:
                raise NotAnEvent("tracking.in_future", "at")
            return self.received_at
        if at < self.earliest:
            raise NotAnEvent("tracking.too_late", "at")
        return at


def read(item: Any, clock: PhoneClock) -> Told:
    """An item as an event. Raises NotAnEvent."""
    if type(item) is not dict:
        raise NotAnEvent("tracking.item_malformed", "")
    if not item.keys() <= _ITEM:
        raise NotAnEvent("tracking.item_malformed", str(next(iter(item.keys() - _ITEM)))[:64])
    client_id = item.get("client_id")
    if not (type(client_id) is str and 8 <= len(client_id) <= 64 and client_id.isascii() and client_id.isprintable()):
        raise NotAnEvent("tracking.item_malformed", "client_id")
    kind, data = item.get("kind"), item.get("data")
    shape = SHAPES.get(kind) if type(kind) is str else None
    if shape is None or type(kind) is not str:
        raise NotAnEvent("tracking.kind_unknown", "kind")
    _check(data, shape)
    return Told(client_id, kind, clock.date(item.get("at")), data)  # type: ignore[arg-type]  # _check: it is a dict


def _check(data: Any, shape: Shape) -> None:
    if type(data) is not dict:
        raise NotAnEvent("tracking.data_invalid", "data")
    checks = shape.checks
    for name, value in data.items():
        check = checks.get(name)
        if check is None or not check(value):
            raise NotAnEvent("tracking.data_invalid", f"data.{name[:64]}")
    for name in shape.needs:
        if name not in data:
            raise NotAnEvent("tracking.data_invalid", f"data.{name}")
