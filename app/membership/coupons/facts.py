"""What coupons announce. `born_customer_id`: the former self whose coupon it is; what follows from it is born to them."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class CouponTaken:
    """A customer took a coupon, or was given one. `cause` says why, once per customer."""

    coupon_id: int
    customer_id: int
    born_customer_id: int
    template_id: int
    cause: str
    ends_before: dt.datetime
    at: dt.datetime


@dataclass(frozen=True)
class CouponRedeemed:
    """A coupon was used: at a till, by a clerk, or for an order (`order` is <channel>/<number>)."""

    coupon_id: int
    customer_id: int
    born_customer_id: int
    template_id: int
    store_id: int | None
    staff_id: int | None
    order: str | None
    at: dt.datetime


@dataclass(frozen=True)
class CouponGivenBack:
    """A full refund gave a coupon back; `ends_before` in the past means that it came back dead (K03)."""

    coupon_id: int
    customer_id: int
    born_customer_id: int
    template_id: int
    ends_before: dt.datetime
    at: dt.datetime


@dataclass(frozen=True)
class CouponWithdrawn:
    """An unused coupon was taken away again; `why` is a word of ours (upgrade_returned, grant_cancelled, …)."""

    coupon_id: int
    customer_id: int
    born_customer_id: int
    template_id: int
    why: str
    at: dt.datetime


@dataclass(frozen=True)
class CouponStockLow:
    """Of a template's number or money budget 80 % are gone: told once (K06)."""

    template_id: int
    taken: int
    promised_fen: int
    at: dt.datetime
