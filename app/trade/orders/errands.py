"""What must outlive a refusal: an attempt is counted in a transaction of its own."""

import datetime as dt

from app.kernel import policy
from app.kernel.clock import brand_day
from app.kernel.errands import Errand, run_errand
from app.people import stores
from app.trade.orders.models import OrdersPolicy
from app.trade.orders.operations import claiming
from app.trade.orders.queries import OrderView, get_order
from app.trade.orders.refusals import ClaimLocked, ClaimRefused


def claim_receipt(*, customer_id: int, store_id: int, number: str, now: dt.datetime) -> OrderView:
    """Claim an order bought in a store with its receipt number (M05); the same claim again gives the same order.

    An attempt is counted and kept before it is judged, so that guessing in parallel or breaking off wins nothing; ⟨5⟩
    failures lock for the rest of the brand's day. Raises StoreUnknown, ClaimLocked, and ClaimRefused for everything else:
    unknown, somebody else's, too old, not of this store.
    """
    store_code = stores.get_store(store_id).code
    most = policy.current(OrdersPolicy).claim_failures_a_day
    day = brand_day(now)
    order_id = run_errand(
        Errand(
            prepare=lambda: _count(customer_id, day, most),
            go=lambda counted: most - counted,
            settle=lambda _, left: _claim(customer_id, (store_code, number), left, now),
        )
    )
    return get_order(order_id, customer_id=customer_id)


def _count(customer_id: int, day: dt.date, most: int) -> int:
    counted = claiming.count_attempt(customer_id=customer_id, day=day, most=most)
    if counted is None:
        raise ClaimLocked
    return counted


def _claim(customer_id: int, receipt: tuple[str, str], left: int, now: dt.datetime) -> int:
    store_code, number = receipt
    order_id = claiming.claim_receipt(customer_id=customer_id, store_code=store_code, number=number, now=now)
    if order_id is None:
        raise ClaimRefused(left=left)
    claiming.forgive_attempt(customer_id=customer_id, day=brand_day(now))
    return order_id
