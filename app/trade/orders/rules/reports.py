"""What a channel may tell about an order at one time. Every part is optional: reports add up (see merging)."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

CODE = re.compile(r"[^\s\\\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
LONGEST_NAME = 200
MOST_LINES = 200
MOST_REFUNDS = 100
MOST_BUYERS = 10
LARGEST_FEN = 10**12
LARGEST_QUANTITY = 10**6
EARLIEST = dt.datetime(1992, 1, 1, tzinfo=dt.UTC)
CLOCKS_MAY_DIFFER = dt.timedelta(days=1)


class Buyer(NamedTuple):
    """One id by which the channel knows the buyer; kind and scope as in `people.identity`."""

    kind: str
    scope: str
    value: str


class Line(NamedTuple):
    """One line. `price_fen` of one piece, `paid_fen` of the whole line in money where the channel tells it.

    `earns` is no for gift cards and top-ups (M01).
    """

    line_no: int
    product_code: str
    name: str
    quantity: int
    price_fen: int
    paid_fen: int | None = None
    earns: bool = True


class Refund(NamedTuple):
    """Money given back. `goods_fen`: the part of `amount_fen` that is not freight, where the channel tells it."""

    number: str
    amount_fen: int
    refunded_at: dt.datetime
    goods_fen: int | None = None
    line_no: int | None = None


class Amounts(NamedTuple):
    """The sums of an order in fen. `paid_fen` is money: without the parts paid by coupon and points, freight included."""

    goods_fen: int = 0
    discount_fen: int = 0
    coupon_fen: int = 0
    points_fen: int = 0
    freight_fen: int = 0
    paid_fen: int = 0


@dataclass(
    slots=True
)  # never changed once made; `frozen` would triple what making one costs, a million times an import
class OrderReport:
    """The state of an order as its channel tells it at `reported_at` (in UTC).

    `in_store`: bought in a shop, so that points count at once (M02). `earns`: 计分 or 不计分 (O05). `lines` are told all
    together; `refunds`, `buyers` and `coupon_codes` add up.
    """

    channel: str
    number: str
    reported_at: dt.datetime
    store_code: str | None = None
    placed_at: dt.datetime | None = None
    paid_at: dt.datetime | None = None
    shipped_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    amounts: Amounts | None = None
    lines: tuple[Line, ...] | None = None
    refunds: tuple[Refund, ...] = ()
    buyers: tuple[Buyer, ...] = ()
    coupon_codes: tuple[str, ...] = ()
    in_store: bool | None = None
    earns: bool | None = None


def why_not(report: OrderReport, now: dt.datetime) -> str | None:
    """Why a report cannot be kept, as `field: reason`, None when it can."""
    return (
        _codes(report)
        or _times(report, now + CLOCKS_MAY_DIFFER)
        or _amounts(report.amounts)
        or _lines(report.lines or ())
        or _refunds(report.refunds)
        or _says_something(report)
    )


def _codes(report: OrderReport) -> str | None:
    # Written out field by field: this runs for every line of an import.
    if not CODE.fullmatch(report.channel):
        return _no_code("channel")
    if not CODE.fullmatch(report.number):
        return _no_code("number")
    if report.store_code is not None and not CODE.fullmatch(report.store_code):
        return _no_code("store_code")
    if report.coupon_codes and not all(CODE.fullmatch(code) for code in report.coupon_codes):
        return _no_code("coupon_codes")
    if len(report.buyers) > MOST_BUYERS:
        return f"buyers: at most {MOST_BUYERS}"
    for buyer in report.buyers:
        if not ("".join(buyer).isprintable() and len(buyer.value) <= LONGEST_NAME and len(buyer.scope) <= LONGEST_NAME):
            return f"buyers: at most {LONGEST_NAME} printable characters"
    return None


def _no_code(name: str) -> str:
    return f"{name}: 1 to 64 printable characters without spaces"


def _times(report: OrderReport, latest: dt.datetime) -> str | None:
    former = None
    for name in ("reported_at", "placed_at", "paid_at", "shipped_at", "received_at"):
        moment = getattr(report, name)
        if moment is None or moment is former:
            continue
        if not EARLIEST <= moment <= latest:
            return f"{name}: not between 1992 and now"
        former = moment
    if report.refunds and any(not EARLIEST <= refund.refunded_at <= latest for refund in report.refunds):
        return "refunded_at: not between 1992 and now"
    return None


def _amounts(amounts: Amounts | None) -> str | None:
    if amounts is None or (min(amounts) >= 0 and max(amounts) <= LARGEST_FEN):
        return None
    wrong = [name for name, value in zip(Amounts._fields, amounts, strict=True) if not 0 <= value <= LARGEST_FEN]
    return f"{wrong[0]}: not between 0 and {LARGEST_FEN}"


def _lines(lines: tuple[Line, ...]) -> str | None:
    if len(lines) > MOST_LINES:
        return f"lines: at most {MOST_LINES}"
    if len({line.line_no for line in lines}) < len(lines):
        return "line_no: twice the same"
    for line in lines:
        if not CODE.fullmatch(line.product_code):
            return _no_code("product_code")
        if not 1 <= line.quantity <= LARGEST_QUANTITY or not 0 <= line.line_no <= LARGEST_QUANTITY:
            return f"quantity: not between 1 and {LARGEST_QUANTITY}"
        if not 0 <= line.price_fen <= LARGEST_FEN or not 0 <= (line.paid_fen or 0) <= LARGEST_FEN:
            return f"price_fen: not between 0 and {LARGEST_FEN}"
        if len(line.name) > LONGEST_NAME or "\0" in line.name or not line.name.isprintable():
            return f"name: at most {LONGEST_NAME} printable characters"
    return None


def _refunds(refunds: tuple[Refund, ...]) -> str | None:
    if len(refunds) > MOST_REFUNDS:
        return f"refunds: at most {MOST_REFUNDS}"
    for refund in refunds:
        if not CODE.fullmatch(refund.number):
            return _no_code("refund_number")
        if not 0 < refund.amount_fen <= LARGEST_FEN or not 0 <= (refund.goods_fen or 0) <= refund.amount_fen:
            return f"refund_fen: not between 1 and {LARGEST_FEN}"
    return None


def _says_something(report: OrderReport) -> str | None:
    if report.paid_at is not None or report.placed_at is not None or report.refunds:
        return None
    if report.amounts is None and report.lines is None and report.shipped_at is None and report.received_at is None:
        return "report: tells neither a time nor an amount nor a refund"
    return None
