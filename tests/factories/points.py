"""Points to test with: customers who have some."""

import datetime as dt
import itertools

from app.membership import points
from tests.factories.people import a_customer

_numbers = itertools.count(1)


def someone_with(amount: int, now: dt.datetime, *, expires_at: dt.datetime | None = None) -> int:
    """A customer with so many spendable points."""
    customer_id = a_customer(now)
    if amount:
        give(customer_id, amount, now, expires_at=expires_at)
    return customer_id


def give(customer_id: int, amount: int, now: dt.datetime, *, expires_at: dt.datetime | None = None) -> points.Movement:
    """Points for nothing in particular."""
    cause = f"gift:{next(_numbers)}"
    return points.earn(
        customer_id=customer_id, amount=amount, cause=cause, why="见面礼", now=now, expires_at=expires_at
    )
