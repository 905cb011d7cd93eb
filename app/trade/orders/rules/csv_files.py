"""Files of CSV: one line an order line, a refund or a whole order; neighbouring lines of one order belong together."""

import csv
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

from app.trade.orders.rules.reading import NO_DEFAULTS, Defaults, Reading, Unreadable, latest_of, moment
from app.trade.orders.rules.reports import Amounts, Buyer, Line, OrderReport, Refund

TIMES = ("placed_at", "paid_at", "shipped_at", "received_at")
BUYERS = ("phone", "card", "unionid", "buyer", "ouid", "omid")
COLUMNS = {
    "channel", "number", "reported_at", "store_code", "in_store", "earns", "coupon_codes", *TIMES, *Amounts._fields, *BUYERS,
    "line_no", "product_code", "product_name", "quantity", "price_fen", "line_paid_fen", "line_earns",
    "refund_number", "refund_fen", "refund_goods_fen", "refund_line_no", "refunded_at",
}  # fmt: skip
_YES, _NO = {"yes", "true", "1", "是", "计分"}, {"no", "false", "0", "否", "不计分"}
Row = Sequence[str]


class HeaderWrong(ValueError):
    """The first line is no list of known columns; the message names what is wrong."""


def read_csv(stream: TextIO, defaults: Defaults = NO_DEFAULTS) -> Iterator[Reading]:
    """The orders of a file, in its order. Raises HeaderWrong for a first line that cannot be used.

    A bad line takes the lines of its order with it: an order is never imported by half.
    """
    rows = csv.reader(stream, strict=True)
    columns = _header(rows, defaults)
    for numbers, group, reason in _orders(rows, columns, defaults):
        if reason is not None:
            yield Reading(numbers, reason=reason)
            continue
        try:
            yield Reading(numbers, report=columns.report(group, defaults))
        except Unreadable as wrong:
            yield Reading(numbers, reason=str(wrong))


def _header(rows: Iterator[list[str]], defaults: Defaults) -> "_Columns":
    try:
        names = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
    except csv.Error as wrong:
        raise HeaderWrong(f"not CSV: {wrong}") from None
    if unknown := [name for name in names if name not in COLUMNS]:
        raise HeaderWrong(f"unknown columns: {', '.join(unknown)[:200]}")
    if "number" not in names or ("channel" not in names and defaults.channel is None):
        raise HeaderWrong("the columns channel and number are needed")
    if len(set(names)) < len(names):
        raise HeaderWrong("a column stands there twice")
    return _Columns(names)


def _orders(
    rows: Iterator[list[str]], columns: "_Columns", defaults: Defaults
) -> Iterator[tuple[tuple[int, ...], list[list[str]], str | None]]:
    """Neighbouring lines of one order, with their numbers and the reason why they cannot be read."""
    width, channel_at, number_at = columns.width, columns.at.get("channel"), columns.at["number"]
    group: list[list[str]] = []
    numbers: list[int] = []
    reason, former = None, ("", "")
    while True:
        before = rows.line_num  # type: ignore[attr-defined]
        wrong = None
        try:
            row = next(rows, None)
        except csv.Error as error:
            row, wrong = [], f"line: not CSV, {error}"
        if row is None:
            break
        if not row and wrong is None:
            continue
        if len(row) != width:
            wrong = wrong or f"line: {len(row)} columns where the first line has {width}"
            key = former if group else ("", "")
        else:
            key = (row[channel_at] if channel_at is not None else "", row[number_at])
        if group and key != former:
            yield tuple(numbers), group, reason
            group, numbers, reason = [], [], None
        group.append(row)
        numbers.append(before + 1)
        former, reason = key, reason or (f"{wrong} (line {before + 1})" if wrong else None)
    if group:
        yield tuple(numbers), group, reason


class _Columns:
    """Where each column stands, and how lines become a report.

    A column that the file does not have stands behind the last one, where `report` puts an empty text: every look is then a
    plain index, which is what a file of a million lines can afford.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.width = len(names)
        self.at = {name: index for index, name in enumerate(names)}
        self.times = [(name, self.at[name]) for name in TIMES if name in self.at]
        self.amounts = [self.at.get(name, self.width) for name in Amounts._fields]
        self.buyers = [(name, self.at[name]) for name in BUYERS if name in self.at]
        self.where = {name: self.at.get(name, self.width) for name in COLUMNS}
        self.product, self.refund = self.where["product_code"], self.where["refund_number"]

    def report(self, rows: Sequence[list[str]], defaults: Defaults) -> OrderReport:
        """One report from the lines of one order: what the whole order has is taken from its first line."""
        for row in rows:
            row.append("")
        first = rows[0]
        times = {}
        for name, at in self.times:
            if first[at]:
                times[name] = _read(moment, first[at], name, "not a time in ISO 8601")
        lines = tuple([self._line(row, index) for index, row in enumerate(rows, 1) if row[self.product]])
        refunds = tuple([self._refund(row) for row in rows if row[self.refund]])
        told_at = self._one(first, "reported_at", moment, "not a time in ISO 8601")
        reported_at = told_at or latest_of(*times.values(), *[refund.refunded_at for refund in refunds])
        if reported_at is None:
            raise Unreadable("reported_at: missing, and no other time is told")
        earns = self._one(first, "earns", _flag, "not yes or no")
        return OrderReport(
            channel=first[self.where["channel"]] or defaults.channel or "",
            number=first[self.at["number"]],
            reported_at=reported_at,
            store_code=first[self.where["store_code"]] or None,
            amounts=self._amounts(first),
            lines=lines or None,
            refunds=refunds,
            buyers=tuple([Buyer(name, "", first[at]) for name, at in self.buyers if first[at]]),
            coupon_codes=tuple(first[self.where["coupon_codes"]].split()),
            in_store=self._one(first, "in_store", _flag, "not yes or no"),
            earns=defaults.earns if earns is None else earns,
            **times,
        )

    def _amounts(self, row: Row) -> Amounts | None:
        told = [row[at] for at in self.amounts]
        if not any(told):
            return None
        return Amounts._make(
            [
                _read(int, text, name, "not a whole number") if text else 0
                for name, text in zip(Amounts._fields, told, strict=True)
            ]
        )

    def _one(self, row: Row, name: str, read: Callable[[str], Any], wanted: str) -> Any:
        text = row[self.where[name]]
        return _read(read, text, name, wanted) if text else None

    def _whole(self, row: Row, name: str, otherwise: int | None) -> Any:
        text = row[self.where[name]]
        return _read(int, text, name, "not a whole number") if text else otherwise

    def _line(self, row: Row, index: int) -> Line:
        price = self._whole(row, "price_fen", None)
        if price is None:
            raise Unreadable("price_fen: missing")
        return Line(
            self._whole(row, "line_no", index),
            row[self.product],
            row[self.where["product_name"]],
            self._whole(row, "quantity", 1),
            price,
            self._whole(row, "line_paid_fen", None),
            self._one(row, "line_earns", _flag, "not yes or no") is not False,
        )

    def _refund(self, row: Row) -> Refund:
        amount = self._whole(row, "refund_fen", None)
        refunded_at = self._one(row, "refunded_at", moment, "not a time in ISO 8601")
        if amount is None or refunded_at is None:
            raise Unreadable("refund_fen: missing" if amount is None else "refunded_at: missing")
        more = (self._whole(row, "refund_goods_fen", None), self._whole(row, "refund_line_no", None))
        return Refund(row[self.refund], amount, refunded_at, *more)


def _flag(text: str) -> bool:
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise ValueError


def _read(read: Callable[[str], Any], text: str, name: str, wanted: str) -> Any:
    try:
        return read(text)
    except (ValueError, OverflowError):
        raise Unreadable(f"{name}: {wanted}") from None
