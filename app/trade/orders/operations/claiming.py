"""An id becomes a customer's: the orders that waited for it are theirs."""

import datetime as dt
from collections.abc import Mapping, Sequence

from app.kernel import policy
from app.kernel.facts import announce
from app.trade.orders.models import OrdersPolicy
from app.trade.orders.operations import records
from app.trade.orders.operations.buyers import buyer_key, hold_while_claiming
from app.trade.orders.operations.telling import (
    NOTHING_YET,
    Fact,
    Known,
    after_telling,
    facts_of,
    find_store_ids,
    in_batches,
)
from app.trade.orders.queries import lock_waiting, state_of
from app.trade.orders.rules.buyers import busy_keys

AttachedId = tuple[int, str, str, bytes]


def claim_orders(attached: Sequence[AttachedId], *, now: dt.datetime) -> int:
    """Give waiting orders to the customers whose ids they name, and announce their facts; how many orders.

    `attached`: (customer, kind, scope, blind index). An id that too many orders of one month name is somebody's till, not
    somebody: its orders go on waiting, for review (O02).
    """
    customers = {buyer_key((kind, scope, index)): customer_id for customer_id, kind, scope, index in attached}
    hold_while_claiming(customers)
    rows = lock_waiting(sorted(customers))
    if not rows:
        return 0
    states = [(row["id"], state_of(row)) for row in rows]
    busy = busy_keys((state for _, state in states), most=policy.current(OrdersPolicy).busy_orders_a_month)
    theirs = {key: customer_id for key, customer_id in customers.items() if key not in busy}
    known = [
        Known(order_id, min(theirs[key] for key in named), state)
        for order_id, state in states
        if (named := state.buyer_keys & theirs.keys())
    ]
    _write(known, now)
    return len(known)


def _write(known: Sequence[Known], now: dt.datetime) -> None:
    store_ids: Mapping[str, int] = find_store_ids(order.state.get("store_code") for order in known)
    facts: list[Fact] = []
    for order in known:
        facts += facts_of(order, former=NOTHING_YET, store_ids=store_ids, now=now)
    records.update(
        records.record_of(
            order.state,
            order_id=order.order_id,
            customer_id=order.customer_id,
            announced=after_telling(order.state),
        )
        for order in known
    )
    announce(in_batches(facts))
