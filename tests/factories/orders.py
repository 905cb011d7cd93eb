"""Products and orders to test with. Plain functions: call them inside a test's transaction."""

import datetime as dt
import itertools
from typing import Any

from app.trade import orders, products

_numbers = itertools.count(1)


def a_product(now: dt.datetime, **more: Any) -> products.ProductDraft:
    """A lipstick on sale at 199 yuan, saved."""
    values: dict[str, Any] = {
        "code": f"P{next(_numbers):05}",
        "name": "丝绒口红",
        "category": "口红",
        "series": "丝绒",
        "colour": "正红",
        "tags": ("彩妆", "新品"),
        "price_fen": 19900,
    } | more
    draft = products.ProductDraft(**values)
    products.save_products([draft], now=now)
    return draft


AT = dt.datetime(2026, 5, 1, 4, 0, tzinfo=dt.UTC)


def hours(count: float) -> dt.datetime:
    """So many hours after noon of 1 May in Shanghai."""
    return AT + dt.timedelta(hours=count)


def a_report(**more: Any) -> orders.OrderReport:
    """An order of two lines, paid with 250 yuan: 240 for goods after 40 of discount and 20 by coupon, 10 of freight."""
    values: dict[str, Any] = {
        "channel": "demo-shop",
        "number": "R1",
        "reported_at": hours(1),
        "placed_at": hours(0),
        "paid_at": hours(0.5),
        "amounts": orders.Amounts(30000, 4000, 2000, 0, 1000, 25000),
        "lines": (
            orders.Line(1, "P1", "口红", 2, 10000),
            orders.Line(2, "P2", "面霜", 1, 10000),
        ),
        "buyers": (orders.Buyer("phone", "", "13900000001"),),
    } | more
    return orders.OrderReport(**values)


def a_refund(amount_fen: int, *, number: str = "T1", at: float = 48, **more: Any) -> orders.Refund:
    """Money given back two days later."""
    return orders.Refund(number, amount_fen, hours(at), **more)
