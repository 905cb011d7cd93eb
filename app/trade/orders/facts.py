"""What orders announce: once when it happens to a known customer, and once more, for past orders, when a customer
becomes known. Whoever reacts must therefore do the same thing once (its own cause is the key).

`born_customer_id`: the former self whose id named the buyer; what follows from an order is born to them.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class OrderLine:
    """One line. `base_fen`: what was paid for the goods in money, without freight, coupon and points parts (M01)."""

    product_code: str
    quantity: int
    base_fen: int


@dataclass(frozen=True)
class OrderPaid:
    """An order of a known customer is paid in full.

    `base_fen` is what earns (M01), the sum of the lines' shares. `earns`: the import says 计分 (O05). `at_once`: bought in a
    shop, so that points count at once; otherwise they are pending until receipt + return period (M02). `coupon_codes`:
    coupons used for it.
    """

    order_id: int
    customer_id: int
    born_customer_id: int
    channel: str
    number: str
    store_id: int | None
    paid_at: dt.datetime
    base_fen: int
    earns: bool
    at_once: bool
    lines: tuple[OrderLine, ...]
    coupon_codes: tuple[str, ...]
    at: dt.datetime


@dataclass(frozen=True)
class OrderShipped:
    """The goods are on their way to the buyer."""

    order_id: int
    customer_id: int
    born_customer_id: int
    channel: str
    number: str
    shipped_at: dt.datetime
    at: dt.datetime


@dataclass(frozen=True)
class OrderReceived:
    """The goods are with the buyer: the return period runs from here (M02)."""

    order_id: int
    customer_id: int
    born_customer_id: int
    received_at: dt.datetime
    at: dt.datetime


@dataclass(frozen=True)
class OrderRefunded:
    """Part or all of a paid order was given back.

    `refunded_fen` is this refund's part of `base_fen`; `refunded_total_fen` sums all refunds known so far, this one included,
    so that whoever reacts can work with the running total whatever the order of arrival. `fully`: nothing is left. `number`:
    the order's own.
    """

    order_id: int
    customer_id: int
    born_customer_id: int
    refund_number: str
    refunded_fen: int
    refunded_total_fen: int
    base_fen: int
    fully: bool
    coupon_codes: tuple[str, ...]
    refunded_at: dt.datetime
    at: dt.datetime
    number: str = ""
