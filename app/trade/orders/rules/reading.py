"""Words of files and of JSON into reports. What cannot be read is said as `field: reason`."""

import datetime as dt
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.trade.orders.rules.reports import Amounts, Buyer, Line, OrderReport, Refund

# The brand's zone, for times told without one; fixed because China has had no summer time since 1991.
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


class Unreadable(ValueError):
    """`field: reason`, to be shown to whoever sent it."""


@dataclass(frozen=True)
class Defaults:
    """What holds for every report of a file that does not say it itself."""

    channel: str | None = None
    earns: bool | None = None


@dataclass(slots=True)
class Reading:
    """One order of a file, or why it is none. `lines` are the numbers of the lines it came from, the first is 1."""

    lines: tuple[int, ...]
    report: OrderReport | None = None
    reason: str | None = None


NO_DEFAULTS = Defaults()


@functools.lru_cache(maxsize=1024)
def moment(text: str) -> dt.datetime:
    """ISO 8601 into UTC; without a zone it is Shanghai's time. Raises ValueError.

    The times of one order are often equal: remembering the last ones halves what a file's times cost.
    """
    found = dt.datetime.fromisoformat(text)
    return (found if found.tzinfo is not None else found.replace(tzinfo=SHANGHAI)).astimezone(dt.UTC)


def latest_of(*times: dt.datetime | None) -> dt.datetime | None:
    """The newest moment a report names: when nobody says when it was told, it was told then."""
    return max((time for time in times if time is not None), default=None)


def report_of(told: Any, defaults: Defaults = NO_DEFAULTS) -> OrderReport:
    """A report from its JSON object. Unknown fields are refused. Raises Unreadable."""
    reader = _Object(told, "report")
    times = {name: reader.take(name, _moment) for name in ("placed_at", "paid_at", "shipped_at", "received_at")}
    refunds = tuple(_refund(item) for item in reader.take("refunds", _list) or ())
    lines = reader.take("lines", _list)
    amounts = reader.take("amounts", _mapping)
    channel, earns = reader.take("channel", _text), reader.take("earns", _flag)
    newest = latest_of(*times.values(), *(refund.refunded_at for refund in refunds))
    reported_at = reader.take("reported_at", _moment) or newest
    if reported_at is None:
        raise Unreadable("reported_at: missing, and no other time is told")
    report = OrderReport(
        channel=_needed(channel or defaults.channel, "channel"),
        number=_needed(reader.take("number", _text), "number"),
        reported_at=reported_at,
        store_code=reader.take("store_code", _text),
        amounts=None if amounts is None else _amounts(amounts),
        lines=None if lines is None else tuple(_line(item, index) for index, item in enumerate(lines, 1)),
        refunds=refunds,
        buyers=tuple(_buyer(item) for item in reader.take("buyers", _list) or ()),
        coupon_codes=tuple(_text(code) for code in reader.take("coupon_codes", _list) or ()),
        in_store=reader.take("in_store", _flag),
        earns=defaults.earns if earns is None else earns,
        **times,
    )
    reader.end()
    return report


class _Object:
    """A JSON object whose fields are taken one by one, so that what is left over is unknown."""

    def __init__(self, told: Any, name: str) -> None:
        if not isinstance(told, Mapping):
            raise Unreadable(f"{name}: not an object")
        self.left = dict(told)

    def take(self, name: str, read: Callable[[Any], Any]) -> Any:
        value = self.left.pop(name, None)
        if value is None:
            return None
        try:
            return read(value)
        except Unreadable:
            raise
        except (ValueError, TypeError, OverflowError):
            raise Unreadable(f"{name}: {_WANTED[read]}") from None

    def end(self) -> None:
        if self.left:
            raise Unreadable(f"{str(min(self.left, key=str))[:40]}: unknown field")


def _moment(value: Any) -> dt.datetime:
    return moment(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unreadable("text: not a text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError
    return value


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError
    return value


_WANTED: Mapping[Callable[[Any], Any], str] = {
    _moment: "not a time in ISO 8601",
    _flag: "not true or false",
    _whole: "not a whole number",
    _list: "not a list",
    _mapping: "not an object",
}


def _needed(value: Any, name: str) -> Any:
    if value is None:
        raise Unreadable(f"{name}: missing")
    return value


def _amounts(told: Mapping[str, Any]) -> Amounts:
    reader = _Object(told, "amounts")
    found = {name: reader.take(name, _whole) for name in Amounts._fields}
    reader.end()
    return Amounts(**{name: value for name, value in found.items() if value is not None})


def _line(told: Any, index: int) -> Line:
    reader = _Object(told, "lines")
    line_no, earns = reader.take("line_no", _whole), reader.take("earns", _flag)
    quantity = reader.take("quantity", _whole)
    line = Line(
        line_no=index if line_no is None else line_no,
        product_code=_needed(reader.take("product_code", _text), "product_code"),
        name=reader.take("name", _text) or "",
        quantity=1 if quantity is None else quantity,
        price_fen=_needed(reader.take("price_fen", _whole), "price_fen"),
        paid_fen=reader.take("paid_fen", _whole),
        earns=earns is not False,
    )
    reader.end()
    return line


def _refund(told: Any) -> Refund:
    reader = _Object(told, "refunds")
    refund = Refund(
        number=_needed(reader.take("number", _text), "refund number"),
        amount_fen=_needed(reader.take("amount_fen", _whole), "amount_fen"),
        refunded_at=_needed(reader.take("refunded_at", _moment), "refunded_at"),
        goods_fen=reader.take("goods_fen", _whole),
        line_no=reader.take("line_no", _whole),
    )
    reader.end()
    return refund


def _buyer(told: Any) -> Buyer:
    reader = _Object(told, "buyers")
    kind, scope = reader.take("kind", _text), reader.take("scope", _text)
    buyer = Buyer(_needed(kind, "buyer kind"), scope or "", _needed(reader.take("value", _text), "buyer value"))
    reader.end()
    return buyer
