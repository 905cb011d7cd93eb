"""What orders earn and refunds take back, set-wise over a batch of facts in any order.

What is known of an order is merged into its row; the movements that are missing follow from the row. So the same facts
lead to the same state whatever their order and however often each came.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import Statement, db
from app.membership import members
from app.membership.points import queries, rules
from app.membership.points.operations import ledger, rule_book
from app.membership.points.operations.moves import end_of_life
from app.membership.points.queries import Locked
from app.membership.points.rules import Draft, Lot
from app.trade.orders import OrderPaid, OrderReceived, OrderRefunded, OrderShipped

Fact = OrderPaid | OrderShipped | OrderReceived | OrderRefunded

_HOLDERS = Statement(lambda: text("SELECT order_id, customer_id FROM points_order WHERE order_id = ANY(:order_ids)"))
_MERGE = Statement(
    lambda: text(
        """
        INSERT INTO points_order AS known (order_id, customer_id, born_customer_id, refunded_fen, received_at)
        SELECT order_id, customer_id, born_customer_id, refunded_fen, received_at
        FROM unnest(CAST(:order_id AS bigint[]), CAST(:customer_id AS bigint[]), CAST(:born_customer_id AS bigint[]),
                    CAST(:refunded_fen AS bigint[]), CAST(:received_at AS timestamptz[]))
             AS news (order_id, customer_id, born_customer_id, refunded_fen, received_at)
        ORDER BY order_id
        ON CONFLICT (order_id) DO UPDATE
        SET refunded_fen = greatest(known.refunded_fen, excluded.refunded_fen),
            received_at = least(known.received_at, excluded.received_at)
        RETURNING order_id, customer_id, born_customer_id, number, earned, reversed, base_fen, refunded_fen,
                  received_at, lot_id
        """
    )
)
_KEEP = Statement(
    lambda: text(
        """
        UPDATE points_order AS known
        SET number = coalesce(done.number, known.number), earned = done.earned, base_fen = done.base_fen,
            reversed = done.reversed, lot_id = done.lot_id
        FROM unnest(CAST(:order_id AS bigint[]), CAST(:number AS text[]), CAST(:earned AS bigint[]),
                    CAST(:base_fen AS bigint[]), CAST(:reversed AS bigint[]), CAST(:lot_id AS bigint[]))
             AS done (order_id, number, earned, base_fen, reversed, lot_id)
        WHERE known.order_id = done.order_id
        """
    )
)
_DATE_LOTS = Statement(
    lambda: text(
        """
        UPDATE points_lot SET opens_at = change.opens_at
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:id AS bigint[]), CAST(:opens_at AS timestamptz[]))
             AS change (customer_id, id, opens_at)
        WHERE points_lot.customer_id = change.customer_id AND points_lot.id = change.id
          AND points_lot.opens_at IS DISTINCT FROM change.opens_at
        """
    )
)


@dataclass
class Known:
    """One order as its row knows it, and what a change makes of it."""

    order_id: int
    customer_id: int
    born_customer_id: int
    number: str | None
    earned: int | None
    reversed: int
    base_fen: int | None
    refunded_fen: int
    received_at: dt.datetime | None
    lot_id: int | None
    lot: Lot | None = None


def credit_orders(facts: Sequence[Fact], *, now: dt.datetime) -> int:
    """Earn for paid orders, open what is past its return period, take back what was refunded; how many movements.

    Only members earn, for orders paid since their date (O05); facts of others wait for their joining.
    """
    known, locked = _merge(facts)
    paid = _earning(facts, known=known, locked=locked)
    _load(known.values(), locked)
    # A refund must not find points whose time is over, whether or not the sweep has been there (M03, M04).
    drafts = [draft for account in locked.accounts.values() for draft in rules.ending_all(account, now=now)]
    drafts += _credits(paid, known=known, locked=locked, now=now)
    _count_whole_refunds(facts, known)
    for order in sorted(known.values(), key=lambda order: (order.customer_id, order.order_id)):
        account = locked.accounts[order.customer_id]
        drafts += _open_when_due(account, order, now=now)
        drafts += _take_back(account, order)
    ledger.write(drafts, now=now)
    if known:
        _keep(known.values())
    return len(drafts)


def _merge(facts: Sequence[Fact]) -> tuple[dict[int, Known], Locked]:
    """Lock the accounts, then put what the facts say of members' orders, and of orders with a row, into their rows."""
    session = db.session()
    rows = _HOLDERS.rows(session, order_ids=sorted({fact.order_id for fact in facts}))
    holders = {row["order_id"]: row["customer_id"] for row in rows}
    buyers = {fact.order_id: holders.get(fact.order_id, fact.customer_id) for fact in facts}
    locked = queries.lock_accounts(session, set(buyers.values()))
    news: dict[int, dict[str, Any]] = {}
    for fact in facts:
        buyer = buyers[fact.order_id]
        if locked.earns_since[buyer] is not None or fact.order_id in holders:
            _note(news.setdefault(fact.order_id, _nothing_yet(fact, buyer)), fact)
    if not news:
        return {}, locked
    columns = {name: [new[name] for new in news.values()] for name in next(iter(news.values()))}
    known = {row["order_id"]: Known(**row) for row in _MERGE.rows(session, **columns)}
    # Another customer's transaction may have brought the same order first: then it is theirs.
    strangers = {order.customer_id for order in known.values()} - set(locked.accounts)
    if strangers:
        others = queries.lock_accounts(session, strangers)
        locked.accounts |= others.accounts
        locked.earns_since |= others.earns_since
    return known, locked


def _nothing_yet(fact: Fact, buyer: int) -> dict[str, Any]:
    return {
        "order_id": fact.order_id,
        "customer_id": buyer,
        "born_customer_id": fact.born_customer_id,
        "refunded_fen": 0,
        "received_at": None,
    }


def _note(news: dict[str, Any], fact: Fact) -> None:
    if isinstance(fact, OrderRefunded):
        refunded = max(fact.refunded_total_fen, fact.base_fen if fact.fully else 0)
        news["refunded_fen"] = max(news["refunded_fen"], refunded)
    elif isinstance(fact, OrderReceived):
        news["received_at"] = min(news["received_at"] or fact.received_at, fact.received_at)


def _count_whole_refunds(facts: Iterable[Fact], known: Mapping[int, Known]) -> None:
    """Nothing is left of an order: all it earned goes, also where its sums were told otherwise after it was paid."""
    for fact in facts:
        order = known.get(fact.order_id)
        if isinstance(fact, OrderRefunded) and fact.fully and order is not None and order.base_fen is not None:
            order.refunded_fen = max(order.refunded_fen, order.base_fen)


def _earning(facts: Iterable[Fact], *, known: Mapping[int, Known], locked: Locked) -> list[OrderPaid]:
    """The payments that earn and have not earned yet, one an order."""
    earning: dict[int, OrderPaid] = {}
    for fact in facts:
        order = known.get(fact.order_id)
        if not isinstance(fact, OrderPaid) or order is None or order.earned is not None or not fact.earns:
            continue
        since = locked.earns_since[order.customer_id]
        if since is not None and fact.paid_at >= since:
            earning.setdefault(fact.order_id, fact)
    return list(earning.values())


def _credits(paid: Sequence[OrderPaid], *, known: Mapping[int, Known], locked: Locked, now: dt.datetime) -> list[Draft]:
    drafts = []
    versions = rule_book.list_versions() if paid else []
    rates = members.rates_at([(known[fact.order_id].customer_id, fact.paid_at) for fact in paid])
    for fact, rate in zip(paid, rates, strict=True):
        order = known[fact.order_id]
        book = rule_book.version_at(versions, at=fact.paid_at)
        earned = rules.points_for_order(
            book,
            base_fen=fact.base_fen,
            lines=[(line.product_code, line.base_fen) for line in fact.lines],
            rate=rate,
            store_id=fact.store_id,
            at=fact.paid_at,
        )
        order.number, order.earned, order.base_fen = fact.number, earned.points, fact.base_fen
        if earned.points:
            order.lot = _lot(fact, order, points=earned.points, now=now)
            explain = _explain(fact, earned)
            cause = f"order:{fact.order_id}"
            draft = Draft(
                order.customer_id, order.born_customer_id, cause, "order", earned.points, explain, book.version
            )
            locked.accounts[order.customer_id].credit(draft, [order.lot])
            drafts.append(draft)
    return drafts


def _lot(fact: OrderPaid, order: Known, *, points: int, now: dt.datetime) -> Lot:
    opens_at = fact.paid_at if fact.at_once else _opens_at(order.received_at)
    return Lot(
        id=None,
        amount=points,
        remaining=points,
        earned_at=fact.paid_at,
        expires_at=end_of_life(fact.paid_at),
        state="open" if opens_at is not None and opens_at <= now else "pending",
        opens_at=None if fact.at_once else opens_at,
        order_id=fact.order_id,
    )


def _opens_at(received_at: dt.datetime | None) -> dt.datetime | None:
    """When an order's points count: its return period after receipt (M02), unknown before that."""
    days = policy.current(rules.PointsPolicy).return_days
    return received_at + dt.timedelta(days=days) if received_at else None


def _explain(fact: OrderPaid, earned: rules.Earned) -> dict[str, Any]:
    return {
        "order_number": fact.number,
        "base_fen": fact.base_fen,
        "rate": earned.rate,
        "factor": earned.factor,
        "campaign": earned.campaign,
        "paid_at": fact.paid_at.isoformat(),
    }


def _load(known: Collection[Known], locked: Locked) -> None:
    """Bring the lots that receipts and refunds may touch; a batch of mere payments touches none."""
    needy = {
        order.customer_id
        for order in known
        if order.refunded_fen or (order.received_at is not None and order.lot_id is not None)
    }
    if not needy:
        return
    own = [order.lot_id for order in known if order.lot_id is not None]
    queries.load_lots(db.session(), [locked.accounts[customer_id] for customer_id in sorted(needy)], also=own)
    by_id = {lot.id: lot for customer_id in needy for lot in locked.accounts[customer_id].lots}
    for order in known:
        order.lot = by_id.get(order.lot_id) if order.lot_id is not None else None


def _open_when_due(account: rules.Account, order: Known, *, now: dt.datetime) -> list[Draft]:
    """Note when a pending lot opens, and open it where that moment has passed."""
    lot = order.lot
    if lot is None or lot.id is None or lot.state != "pending" or order.received_at is None:
        return []
    lot.opens_at = _opens_at(order.received_at)
    if lot.remaining and lot.opens_at is not None and lot.opens_at <= now:
        return [rules.opening(account, lot, order_number=order.number)]
    return []


def _take_back(account: rules.Account, order: Known) -> list[Draft]:
    if order.earned is None or order.base_fen is None:
        return []
    due = rules.to_take_back(
        earned=order.earned,
        expired=order.lot.expired if order.lot else 0,
        refunded_fen=order.refunded_fen,
        base_fen=order.base_fen,
    )
    amount = due - order.reversed
    if amount <= 0:
        return []
    order.reversed = due
    explain = {"order_number": order.number, "refunded_fen": order.refunded_fen, "base_fen": order.base_fen}
    cause = f"order:{order.order_id}:refunded:{order.refunded_fen}"
    draft = Draft(account.customer_id, order.born_customer_id, cause, "refund", amount, explain)
    account.take_back(draft, order.lot, amount)
    return [draft]


def _keep(known: Collection[Known]) -> None:
    session = db.session()
    for order in known:
        order.lot_id = order.lot.id if order.lot else order.lot_id
    fields = ("order_id", "number", "earned", "base_fen", "reversed", "lot_id")
    _KEEP.rows(session, **{name: [getattr(order, name) for order in known] for name in fields})
    dated = [order for order in known if order.lot and order.lot.opens_at]
    if dated:
        _DATE_LOTS.rows(
            session,
            customer_id=[order.customer_id for order in dated],
            id=[order.lot_id for order in dated],
            opens_at=[order.lot.opens_at for order in dated if order.lot],
        )
