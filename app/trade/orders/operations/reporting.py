"""Reports of orders come in: they are merged into the orders, and what happened to known customers is announced."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.dialects.postgresql import insert as insert_statement
from sqlalchemy.engine import RowMapping

from app.kernel import locks
from app.kernel.database import db
from app.kernel.facts import announce
from app.people import identity
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
    owner_in,
)
from app.trade.orders.queries import lock_orders, state_of
from app.trade.orders.rules.earning import taken_by
from app.trade.orders.rules.merging import OrderState, merge, refunds_in_order
from app.trade.orders.rules.reports import OrderReport, why_not

Key = tuple[str, str]


@dataclass(slots=True)
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
    owner: identity.Holder | None = None
    changed: bool = False
    buyer_keys: list[str] = field(default_factory=list)

    @property
    def announced(self) -> Announced:
        return announced_in(self.row) if self.row is not None else NOTHING_YET


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is looked up once for many reports: buyers and whose ids they are, codes that nobody told us."""

    buyers: BuyerIds
    holders: Mapping[IdentityKey, identity.Holder]
    unknown: set[tuple[str, str]]

    def warnings(self, report: OrderReport, state: OrderState | None) -> tuple[str, ...]:
        """What of a report was kept but needs a look."""
        found: list[str] = []
        if self.unknown:
            codes = [
                ("store", report.store_code or ""),
                *(("product", line.product_code) for line in report.lines or ()),
            ]
            found += [f"{kind}.unknown:{code}" for kind, code in dict.fromkeys(codes) if (kind, code) in self.unknown]
        if self.buyers.unusable:
            found += self.buyers.complaints(report)
        if report.refunds and state is not None:
            if not state.is_known:
                found.append("refund.without_order")
            elif taken_by(refunds_in_order(state), state).capped:
                found.append("refund.over_paid")
        return tuple(found)


def report_orders(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> list[Outcome]:
    """Merge reports into the orders and announce what is new for known customers; one outcome a report, in their order.

    A report that cannot be kept is refused in its outcome and spoils no other. Reports of one channel wait for each other.
    `source` is who told us, kept beside codes that nobody knows.
    """
    reasons = [why_not(report, now) for report in reports]
    good = [report for report, reason in zip(reports, reasons, strict=True) if reason is None]
    outcomes = iter(_report_all(good, source=source, now=now) if good else [])
    return [
        next(outcomes) if reason is None else Outcome(report.channel[:64], report.number[:64], "refused", reason=reason)
        for report, reason in zip(reports, reasons, strict=True)
    ]


def _report_all(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> list[Outcome]:
    for channel in sorted({report.channel for report in reports}):
        locks.lock(db.session(), f"orders:{channel}")
    buyers = read_buyers(reports)
    hold_while_reporting(buyers.identities)
    holders = _held(identity.find_holders(sorted(buyers.identities.values())))
    batch = _Batch(buyers, holders, _note_unknown_codes(reports, source=source, now=now))
    rows = lock_orders(list({(report.channel, report.number) for report in reports}))
    fresh = _fresh(reports, rows, batch)
    outcomes = dict(zip(fresh, _insert([reports[index] for index in fresh], batch), strict=True))
    if len(fresh) < len(reports):
        rest = [index for index in range(len(reports)) if index not in outcomes]
        merged = _merge([reports[index] for index in rest], rows, batch, now)
        outcomes.update(zip(rest, merged, strict=True))
    return [outcomes[index] for index in range(len(reports))]


def _held(holders: Mapping[IdentityKey, identity.Holder]) -> dict[IdentityKey, identity.Holder]:
    """Whose ids these are, whom nobody merges or sets apart until the transaction ends: what is written stays theirs."""
    if not holders:
        return {}
    present = identity.merging.hold_present([holder.born_customer_id for holder in holders.values()])
    return {key: identity.Holder(present[born], born) for key, (_, born) in holders.items() if born in present}


def _fresh(reports: Sequence[OrderReport], rows: Mapping[Key, RowMapping], batch: _Batch) -> list[int]:
    """The reports that only have to be written down: new orders of nobody we know, told once and without refunds."""
    count = Counter((report.channel, report.number) for report in reports)
    owned = {key for key, held in batch.buyers.identities.items() if held in batch.holders}
    return [
        index
        for index, report in enumerate(reports)
        if not report.refunds
        and count[key := (report.channel, report.number)] == 1
        and key not in rows
        and (not owned or owned.isdisjoint(batch.buyers.keys_of(report)))
    ]


def _insert(reports: Sequence[OrderReport], batch: _Batch) -> list[Outcome]:
    ids, keys_of = records.new_ids(len(reports)), batch.buyers.keys_of
    numbered = list(zip(reports, ids, strict=True))
    records.insert_lines([records.fresh_line(report, order_id=n, buyer_keys=keys_of(report)) for report, n in numbered])
    return [
        Outcome(report.channel, report.number, "accepted", order_id, warnings=batch.warnings(report, None))
        for report, order_id in numbered
    ]


def _merge(
    reports: Sequence[OrderReport], rows: Mapping[Key, RowMapping], batch: _Batch, now: dt.datetime
) -> list[Outcome]:
    orders: dict[Key, _Order] = {}
    news = []
    for report in reports:
        key = (report.channel, report.number)
        order = orders.get(key)
        if order is None:
            row = rows.get(key)
            order = orders[key] = _Order(row, OrderState(*key) if row is None else state_of(row))
        named = batch.buyers.keys_of(report)
        state = merge(order.state, report, named)
        order.buyer_keys += named
        news.append(state != order.state)
        order.state, order.changed = state, order.changed or news[-1]
    _identify(orders.values(), batch)
    _write(orders.values(), now)
    outcomes = []
    for report, new in zip(reports, news, strict=True):
        order = orders[report.channel, report.number]
        status, warnings = "accepted" if new else "unchanged", batch.warnings(report, order.state)
        outcomes.append(Outcome(report.channel, report.number, status, order.order_id, warnings=warnings))
    return outcomes


def _identify(orders: Collection[_Order], batch: _Batch) -> None:
    """Give new orders their ids, and orders without a customer the one whose id they name."""
    new = [order for order in orders if order.row is None]
    for order, order_id in zip(new, records.new_ids(len(new)), strict=True):
        order.order_id = order_id
    for order in orders:
        if order.row is not None:
            order.order_id = order.row["id"]
            order.owner = owner_in(order.row) if order.row["customer_id"] is not None else None
        if order.owner is None:
            order.owner = batch.buyers.owner(order.buyer_keys, batch.holders)
            order.changed = order.changed or order.owner is not None


def _write(orders: Collection[_Order], now: dt.datetime) -> None:
    """Write what changed and announce it where the customer is known."""
    changed = [order for order in orders if order.changed]
    known = [(order, order.owner) for order in changed if order.owner is not None]
    store_ids = find_store_ids(order.state.get("store_code") for order, _ in known)
    facts: list[Fact] = []
    for order, owner in known:
        told = Known(order.order_id, owner, order.state)
        facts += facts_of(told, former=order.announced, store_ids=store_ids, now=now)
    rows = [(order.row is None, _record(order)) for order in changed]
    records.insert_lines([records.copy_line(record) for new, record in rows if new])
    records.update(record for new, record in rows if not new)
    announce(in_batches(facts))


def _record(order: _Order) -> records.Record:
    announced = after_telling(order.state) if order.owner is not None else NOTHING_YET
    return records.record_of(order.state, order_id=order.order_id, owner=order.owner, announced=announced)


def _note_unknown_codes(reports: Sequence[OrderReport], *, source: str, now: dt.datetime) -> set[tuple[str, str]]:
    """Keep the store and product codes that nobody told us, with a list (O05)."""
    store_codes = {report.store_code for report in reports if report.store_code is not None}
    product_codes = {line.product_code for report in reports for line in report.lines or ()}
    unknown = {("store", code) for code in store_codes - find_store_ids(store_codes).keys()}
    unknown |= {("product", code) for code in product_codes - products.find_products_by_codes(product_codes).keys()}
    if unknown:
        seen = {"source": source, "first_seen_at": now, "last_seen_at": now}
        told = insert_statement(UnknownCodeRow).values([{"kind": k, "code": c, **seen} for k, c in sorted(unknown)])
        later = {"last_seen_at": told.excluded.last_seen_at, "source": told.excluded.source}
        db.session.execute(told.on_conflict_do_update(index_elements=["kind", "code"], set_=later))
    return unknown
