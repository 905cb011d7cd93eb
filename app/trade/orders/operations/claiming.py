"""Orders of nobody become somebody's: by an id that is now a customer's, or by a receipt in somebody's hand."""

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import text

from app.kernel import carrier, policy
from app.kernel.database import db
from app.kernel.facts import announce
from app.kernel.locks import lock_person
from app.people import identity
from app.trade.orders.models import OrdersPolicy
from app.trade.orders.operations import records
from app.trade.orders.operations.buyers import IdentityKey, buyer_key, hold_all_while_claiming, hold_while_claiming
from app.trade.orders.operations.telling import (
    NOTHING_YET,
    Fact,
    Known,
    after_telling,
    facts_of,
    find_store_ids,
    in_batches,
)
from app.trade.orders.queries import is_any_waiting, lock_receipts, lock_waiting, state_of
from app.trade.orders.rules.buyers import busy_keys

AT_ONCE = 10_000  # ids


def claim_orders(attached: Sequence[IdentityKey], *, now: dt.datetime) -> int:
    """Give waiting orders to the customers whose ids they name, and announce their facts; how many orders.

    They are born to the former self to whom the id was given. An id that too many orders of one month name is somebody's
    till, not somebody: its orders go on waiting, for review (O02).
    """
    keys = {buyer_key(key): key for key in attached}
    hold_while_claiming(keys)
    rows = lock_waiting(sorted(keys))
    if not rows:
        return 0
    holders = identity.find_holders(list(keys.values()))
    states = [(row["id"], state_of(row)) for row in rows]
    busy = busy_keys((state for _, state in states), most=policy.current(OrdersPolicy).busy_orders_a_month)
    theirs = {key: holders[named] for key, named in keys.items() if named in holders and key not in busy}
    known = [
        Known(order_id, min(theirs[key] for key in named), state)
        for order_id, state in states
        if (named := state.buyer_keys & theirs.keys())
    ]
    _write(known, now)
    return len(known)


def claim_orders_of_many(attached: Iterable[IdentityKey], *, now: dt.datetime) -> int:
    """`claim_orders` for any number of ids; looks at none of them while no order waits for anybody."""
    hold_all_while_claiming()
    if not is_any_waiting():
        return 0
    ids = iter(attached)
    claimed = 0
    while some := list(itertools.islice(ids, AT_ONCE)):
        claimed += claim_orders(some, now=now)
    return claimed


def claim_receipt(*, customer_id: int, store_code: str, number: str, now: dt.datetime) -> int | None:
    """Give the order of a receipt to who holds it and announce its facts (M05); its id, None where that cannot be.

    Of this store, bought there, paid in the last ⟨30 days⟩ and nobody's yet. What is theirs already is given again and not
    announced again. A number that two tills of the store used proves nothing.
    """
    paid_since = now - dt.timedelta(days=policy.current(OrdersPolicy).claim_days)
    rows = lock_receipts(store_code=store_code, number=number, paid_since=paid_since)
    if len(rows) != 1 or rows[0]["customer_id"] not in (None, customer_id):
        return None
    (row,) = rows
    if row["customer_id"] is None:
        _write([Known(row["id"], identity.Holder(customer_id, carrier.born(customer_id)), state_of(row))], now)
    return int(row["id"])


# Each former self of a person keeps its own count; together they are held against the limit.
_COUNT_ATTEMPT = text(
    "WITH so_far AS (SELECT coalesce(sum(failures), 0) AS failures FROM order_claim_attempts"
    " WHERE customer_id = :customer_id AND day = :day)"
    " INSERT INTO order_claim_attempts (customer_id, born_customer_id, day, failures)"
    " SELECT :customer_id, :born_customer_id, :day, 1 FROM so_far WHERE so_far.failures < :most"
    " ON CONFLICT (customer_id, born_customer_id, day) DO UPDATE SET failures = order_claim_attempts.failures + 1"
    " RETURNING (SELECT failures FROM so_far) + 1"
)
_UNCOUNT_ATTEMPT = text(
    "UPDATE order_claim_attempts SET failures = failures - 1"
    " WHERE customer_id = :customer_id AND born_customer_id = :born_customer_id AND day = :day"
)


def count_attempt(*, customer_id: int, day: dt.date, most: int) -> int | None:
    """Count an attempt on a day before its outcome is known; how many there were, None when no more are allowed (M05)."""
    lock_person(db.session(), f"claims:{customer_id}", customer_id=customer_id)
    values = {"customer_id": customer_id, "born_customer_id": carrier.born(customer_id), "day": day, "most": most}
    counted = db.session.execute(_COUNT_ATTEMPT, values).scalar()
    return None if counted is None else int(counted)


def forgive_attempt(*, customer_id: int, day: dt.date) -> None:
    """Take back a counted attempt that succeeded."""
    values = {"customer_id": customer_id, "born_customer_id": carrier.born(customer_id), "day": day}
    db.session.execute(_UNCOUNT_ATTEMPT, values)


def _write(known: Sequence[Known], now: dt.datetime) -> None:
    store_ids: Mapping[str, int] = find_store_ids(order.state.get("store_code") for order in known)
    facts: list[Fact] = []
    for order in known:
        facts += facts_of(order, former=NOTHING_YET, store_ids=store_ids, now=now)
    records.update(
        records.record_of(
            order.state,
            order_id=order.order_id,
            owner=order.owner,
            announced=after_telling(order.state),
        )
        for order in known
    )
    announce(in_batches(facts))
