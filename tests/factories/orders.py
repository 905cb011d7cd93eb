"""Products and orders to test with. Plain functions: call them inside a test's transaction."""

import datetime as dt
import itertools
from typing import Any

from app.trade import products

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
