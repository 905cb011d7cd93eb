"""The nightly proof of every ledger: a difference fails the run, with what differs in its detail, and changes nothing."""

import datetime as dt

from app.membership import coupons, members, points

SHOWN = 20


class LedgersDiffer(Exception):
    """Balances that their entries do not prove; the text names the first of them."""


def recount_all(*, now: dt.datetime, limit: int) -> int:
    """Recount points, growth and coupon counters; 0 when all is proved. Raises LedgersDiffer."""
    found: list[object] = [*points.recount(), *members.recount(now=now), *coupons.recount()]
    if found:
        raise LedgersDiffer(f"{len(found)} differences: " + "; ".join(map(str, found[:SHOWN])))
    return 0
