"""Reports of orders come in: they are merged into the orders, and what happened to known customers is announced."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.dialects.postgresql import insert as insert_statement
from sqlalchemy.engine import RowMapping

from app.kernel import locks
from app.kernel.database import db
from app.kernel.facts import announce
from app.people import identity, stores
from app.trade import products
from app.trade.orders.models import UnknownCodeRow
from app.trade.orders.operations import records
from app.trade.orders.operations.buyers import BuyerIds, IdentityKey, hold_while_reporting, read_buyers
from app.trade.orders.operations.telling import (
    NOTHING_YET,
    Announced,
    Fact,
    Known,
    after_telling,
    announced_in,
    facts_of,
    find_store_ids,
    in_batches,
)
from app.trade.orders.queries import lock_orders, state_of
from app.trade.orders.rules.earning import taken_by
from app.trade.orders.rules.merging import OrderState, merge, refunds_in_order
from app.trade.orders.rules.reports import OrderReport, why_not

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one report: accepted, unchanged (we knew it all) or refused with its reason, and then nothing is kept.

    `warnings`: what was kept but needs a look: `store.unknown:…`, `product.unknown:…` (O05), `buyer.unusable:kind`,
    `refund.without_order` (O03), `refund.over_paid`.
    """

    channel: str
    number: str
    status: str
    order_id: int | None = None
    reason: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Order:
    """One order while reports are merged into it. `row` is empty for a new one."""

    row: RowMapping | None
    state: OrderState
    order_id: int = 0
    customer_id: int | None = None
    changed: bool = False
    buyer_keys: list[str] = field(default_factory=list)

    @property
    def announced(self) -> Announced:
        return announced_in(self.row) if self.row is not None else NOTHING_YET


def report_orders(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> list[Outcome]:
    """Merge reports into the orders and announce what is new for known customers; one outcome a report, in their order.

    A report that cannot be kept is refused in its outcome and spoils no other. Reports of one channel wait for each other.
    `source` is who told us, kept beside codes that nobody knows.
    """
    reasons = [why_not(report, now) for report in reports]
    good = [report for report, reason in zip(reports, reasons, strict=True) if reason is None]
    outcomes = iter(_merge_all(good, source=source, now=now) if good else [])
    return [
        next(outcomes) if reason is None else Outcome(report.channel[:64], report.number[:64], "refused", reason=reason)
        for report, reason in zip(reports, reasons, strict=True)
    ]


def _merge_all(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> list[Outcome]:
    for channel in sorted({report.channel for report in reports}):
        locks.lock(db.session(), f"orders:{channel}")
    buyers = read_buyers(reports)
    hold_while_reporting(buyers.identities)
    orders, unchanged = _merged(reports, buyers)
    _number(orders)
    _find_owners(orders, buyers)
    facts = _write(orders, now)
    unknown = _note_unknown_codes(reports, source=source, now=now)
    announce(in_batches(facts))
    return [
        Outcome(
            report.channel,
            report.number,
            "unchanged" if index in unchanged else "accepted",
            orders[report.channel, report.number].order_id,
            warnings=_warnings(report, orders[report.channel, report.number], buyers, unknown),
        )
        for index, report in enumerate(reports)
    ]


def _merged(reports: Sequence[OrderReport], buyers: BuyerIds) -> tuple[dict[Key, _Order], set[int]]:
    """The orders with all reports merged in, and which reports told nothing new."""
    keys = dict.fromkeys((report.channel, report.number) for report in reports)
    rows = lock_orders(list(keys))
    orders = {
        key: _Order(rows.get(key), state_of(rows[key]) if key in rows else OrderState(*key)) for key in keys
    }  # fmt: skip
    unchanged = set()
    for index, report in enumerate(reports):
        order, named = orders[report.channel, report.number], buyers.keys_of(report)
        state = merge(order.state, report, named)
        order.buyer_keys += named
        if state == order.state:
            unchanged.add(index)
        else:
            order.state, order.changed = state, True
    return orders, unchanged


def _number(orders: Mapping[Key, _Order]) -> None:
    new = [order for order in orders.values() if order.row is None]
    for order, order_id in zip(new, records.new_ids(len(new)) if new else [], strict=True):
        order.order_id = order_id
    for order in orders.values():
        if order.row is not None:
            order.order_id, order.customer_id = order.row["id"], order.row["customer_id"]


def _find_owners(orders: Mapping[Key, _Order], buyers: BuyerIds) -> None:
    waiting = [order for order in orders.values() if order.customer_id is None and order.buyer_keys]
    named = {buyers.identities[key] for order in waiting for key in order.buyer_keys}
    customers: Mapping[IdentityKey, int] = identity.find_customers(sorted(named))
    for order in waiting if customers else []:
        order.customer_id = buyers.owner(order.buyer_keys, customers)
        order.changed = order.changed or order.customer_id is not None


def _write(orders: Mapping[Key, _Order], now: dt.datetime) -> list[Fact]:
    changed = [order for order in orders.values() if order.changed]
    known = [order for order in changed if order.customer_id is not None]
    store_ids = find_store_ids(order.state.get("store_code") for order in known)
    facts: list[Fact] = []
    for order in known:
        told = Known(order.order_id, order.customer_id or 0, order.state)
        facts += facts_of(told, former=order.announced, store_ids=store_ids, now=now)
    rows = [(order.row is None, _record(order)) for order in changed]
    records.insert([record for new, record in rows if new])
    records.update(record for new, record in rows if not new)
    return facts


def _record(order: _Order) -> records.Record:
    announced = after_telling(order.state) if order.customer_id is not None else NOTHING_YET
    return records.record_of(
        order.state, order_id=order.order_id, customer_id=order.customer_id, announced=announced
    )  # fmt: skip


def _note_unknown_codes(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> set[tuple[str, str]]:
    """Keep the store and product codes that nobody told us, with a list (O05)."""
    store_codes = {report.store_code for report in reports if report.store_code is not None}
    product_codes = {line.product_code for report in reports for line in report.lines or ()}
    unknown = {("store", code) for code in store_codes - stores.find_stores_by_codes(sorted(store_codes)).keys()}
    unknown |= {("product", code) for code in product_codes - products.find_products_by_codes(product_codes).keys()}
    if unknown:
        seen = {"source": source, "first_seen_at": now, "last_seen_at": now}
        told = insert_statement(UnknownCodeRow).values([{"kind": k, "code": c, **seen} for k, c in sorted(unknown)])
        later = {"last_seen_at": told.excluded.last_seen_at, "source": told.excluded.source}
        db.session.execute(told.on_conflict_do_update(index_elements=["kind", "code"], set_=later))
    return unknown


def _warnings(report: OrderReport, order: _Order, buyers: BuyerIds, unknown: set[tuple[str, str]]) -> tuple[str, ...]:
    found = [f"store.unknown:{report.store_code}"] if ("store", report.store_code or "") in unknown else []
    codes = dict.fromkeys(line.product_code for line in report.lines or ())
    found += [f"product.unknown:{code}" for code in codes if ("product", code) in unknown]
    found += buyers.complaints(report)
    if report.refunds and not order.state.is_known:
        found.append("refund.without_order")
    elif report.refunds and taken_by(refunds_in_order(order.state), order.state).capped:
        found.append("refund.over_paid")
    return tuple(found)
