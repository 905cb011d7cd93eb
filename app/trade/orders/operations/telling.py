"""What is announced about an order, each fact once."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import RowMapping

from app.people import stores
from app.people.identity import Holder
from app.trade.orders.facts import OrderLine, OrderPaid, OrderReceived, OrderRefunded, OrderShipped
from app.trade.orders.queries import list_rows_of, state_of
from app.trade.orders.rules.earning import base_of, shares, taken_by
from app.trade.orders.rules.merging import OrderState, refunds_in_order

Fact = OrderPaid | OrderShipped | OrderReceived | OrderRefunded


@dataclass(frozen=True, slots=True)
class Known:
    """An order of a known customer, as far as telling it goes."""

    order_id: int
    owner: Holder
    state: OrderState


@dataclass(frozen=True, slots=True)
class Announced:
    """Which facts were announced."""

    paid: bool = False
    shipped: bool = False
    received: bool = False
    refunds: frozenset[str] = frozenset()


NOTHING_YET = Announced()
ON_ITS_WAY = Announced(shipped=True)


def owner_in(row: RowMapping) -> Holder:
    """Whose order a row says it is, and to whom it was born; for orders of somebody."""
    return Holder(row["customer_id"], row["born_customer_id"])


def announced_in(row: RowMapping) -> Announced:
    """What a row says was announced."""
    return Announced(row["told_paid"], row["told_shipped"], row["told_received"], frozenset(row["told_refunds"] or ()))


def after_telling(state: OrderState) -> Announced:
    """What will have been announced once everything is told that can be: nothing before the order is paid (O03)."""
    if not state.is_payable:
        return NOTHING_YET
    shipped, received = (state.get(name) is not None for name in ("shipped_at", "received_at"))
    return Announced(True, shipped, received, frozenset(state.refunds))


def facts_of(order: Known, *, former: Announced, store_ids: Mapping[str, int], now: dt.datetime) -> list[Fact]:
    """The facts of a payable order that were not announced before."""
    state, due = order.state, after_telling(order.state)
    facts: list[Fact] = []
    if due.paid and not former.paid:
        facts.append(_paid(order, store_ids, now))
    if due.shipped and not former.shipped:
        facts.append(
            OrderShipped(order.order_id, *order.owner, state.channel, state.number, state.get("shipped_at"), now)
        )
    if due.received and not former.received:
        facts.append(OrderReceived(order.order_id, *order.owner, state.get("received_at"), now))
    if due.refunds - former.refunds:
        facts.extend(_refunded(order, former.refunds, now))
    return facts


def _paid(order: Known, store_ids: Mapping[str, int], now: dt.datetime) -> OrderPaid:
    state = order.state
    parts = shares(state.get("amounts"), state.get("lines"))
    store_code, in_store = state.get("store_code"), state.get("in_store")
    return OrderPaid(
        order_id=order.order_id,
        customer_id=order.owner.customer_id,
        born_customer_id=order.owner.born_customer_id,
        channel=state.channel,
        number=state.number,
        store_id=store_ids.get(store_code),
        paid_at=state.get("paid_at"),
        base_fen=sum(part.base_fen for part in parts),
        earns=state.get("earns") is not False,
        at_once=store_code is not None if in_store is None else in_store,
        lines=tuple(OrderLine(*part) for part in parts),
        coupon_codes=tuple(sorted(state.coupon_codes)),
        at=now,
    )


def _refunded(order: Known, former: frozenset[str], now: dt.datetime) -> Iterable[OrderRefunded]:
    """Each refund takes its part after those announced before it, so that the running total is right at every fact."""
    refunds = refunds_in_order(order.state)
    known = [refund for refund in refunds if refund.number in former]
    before, base = taken_by(known, order.state).refunded_fen, base_of(order.state)
    for refund in refunds:
        if refund.number in former:
            continue
        known.append(refund)
        taken = taken_by(known, order.state)
        yield OrderRefunded(
            order_id=order.order_id,
            customer_id=order.owner.customer_id,
            born_customer_id=order.owner.born_customer_id,
            refund_number=refund.number,
            refunded_fen=taken.refunded_fen - before,
            refunded_total_fen=taken.refunded_fen,
            base_fen=base,
            fully=taken.fully,
            coupon_codes=tuple(sorted(order.state.coupon_codes)),
            refunded_at=refund.refunded_at,
            at=now,
            number=order.state.number,
        )
        before = taken.refunded_fen


def moment_of(fact: Fact) -> dt.datetime:
    """When what a fact tells happened."""
    if isinstance(fact, OrderPaid):
        return fact.paid_at
    if isinstance(fact, OrderShipped):
        return fact.shipped_at
    return fact.received_at if isinstance(fact, OrderReceived) else fact.refunded_at


_RANKS = {OrderPaid: 0, OrderShipped: 1, OrderReceived: 2, OrderRefunded: 3}


def in_batches(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by kind, each kind in time order: reactions then get one batch of a kind."""
    return sorted(facts, key=lambda fact: (_RANKS[type(fact)], moment_of(fact), fact.order_id))


def find_store_ids(codes: Iterable[str | None]) -> dict[str, int]:
    """The stores with these codes; unknown ones are left out."""
    wanted = sorted({code for code in codes if code is not None})
    return {code: store.store_id for code, store in stores.find_stores_by_codes(wanted).items()} if wanted else {}


def list_order_facts(
    customer_ids: Sequence[int], *, paid_since: dt.datetime | Mapping[int, dt.datetime], now: dt.datetime
) -> list[Fact]:
    """All facts of these customers' orders paid since then, in time order, whether announced before or not.

    For who must look back, such as when a customer becomes a member. That goods were on
    their way is left out: it moves nothing any more. `paid_since` may differ by customer; who is not in it
    is left out.
    """
    since = paid_since if isinstance(paid_since, Mapping) else dict.fromkeys(customer_ids, paid_since)
    wanted = [customer_id for customer_id in customer_ids if customer_id in since]
    rows = [row for row in list_rows_of(wanted) if row["paid_at"] >= since[row["customer_id"]]]
    known = [Known(row["id"], owner_in(row), state_of(row)) for row in rows]
    store_ids = find_store_ids(row["store_code"] for row in rows)
    facts = [fact for order in known for fact in facts_of(order, former=ON_ITS_WAY, store_ids=store_ids, now=now)]
    return sorted(facts, key=lambda fact: (moment_of(fact), _RANKS[type(fact)], fact.order_id))
