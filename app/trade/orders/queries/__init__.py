"""Questions about orders."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Text, any_, bindparam, func, select, text, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import RowMapping

from app.kernel.database import db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.trade.orders.models import OrderRow
from app.trade.orders.refusals import OrderNotFound
from app.trade.orders.rules.earning import taken_by
from app.trade.orders.rules.merging import PARTS, OrderState, Told, refunds_in_order
from app.trade.orders.rules.reports import Amounts, Line, Refund
from app.trade.orders.rules.standing import standing_of

_ORDERS = OrderRow.__table__
_SIMPLE_PARTS = [name for name in PARTS if name not in {"amounts", "lines"}]


@dataclass(frozen=True)
class OrderView:
    """An order as others see it. `standing`: placed, paid, shipped, received, part_refunded or refunded.

    `base_fen` is what earns (M01), `refunded_fen` what refunds took of it; `over_refunded`: more came back than was paid.
    """

    id: int
    channel: str
    number: str
    customer_id: int | None
    store_code: str | None
    standing: str
    ordered_at: dt.datetime | None
    paid_at: dt.datetime | None
    shipped_at: dt.datetime | None
    received_at: dt.datetime | None
    amounts: Amounts | None
    base_fen: int
    refunded_fen: int
    over_refunded: bool
    lines: tuple[Line, ...]
    refunds: tuple[Refund, ...]


def state_of(row: RowMapping) -> OrderState:
    """What the reports so far say, from its row."""
    at, versions = row["reported_at"], row["versions"] or {}

    def told(name: str, value: Any) -> Told:
        return Told(dt.datetime.fromisoformat(versions[name]) if name in versions else at, value)

    parts = {name: told(name, row[name]) for name in _SIMPLE_PARTS if row[name] is not None}
    if row["paid_fen"] is not None:
        parts["amounts"] = told("amounts", Amounts(*(row[name] for name in Amounts._fields)))
    if row["lines"] is not None:
        parts["lines"] = told("lines", tuple(Line(**line) for line in row["lines"]))
    refunds = {}
    for kept in row["refunds"] or ():
        moment = dt.datetime.fromisoformat(kept["refunded_at"])
        more = {name: kept.get(name) for name in ("goods_fen", "line_no")}
        version = dt.datetime.fromisoformat(kept["told_at"]) if "told_at" in kept else at
        refunds[kept["number"]] = Told(version, Refund(kept["number"], kept["amount_fen"], moment, **more))
    buyers = frozenset(key.hex for key in row["buyers"] or ())
    return OrderState(row["channel"], row["number"], parts, refunds, buyers, frozenset(row["coupon_codes"] or ()))


def view_of(row: RowMapping) -> OrderView:
    """The order in a row, as others see it."""
    state = state_of(row)
    refunds = refunds_in_order(state)
    taken = taken_by(refunds, state)
    return OrderView(
        **{name: row[name] for name in ("id", "channel", "number", "customer_id", "store_code", "ordered_at")},
        **{name: row[name] for name in ("paid_at", "shipped_at", "received_at", "base_fen", "refunded_fen")},
        standing=standing_of(state),
        amounts=state.get("amounts"),
        over_refunded=taken.capped,
        lines=state.get("lines") or (),
        refunds=tuple(refunds),
    )


def list_orders(customer_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[OrderView]:
    """A customer's orders of all channels, newest first. Raises CursorInvalid."""
    wanted = (
        select(_ORDERS)
        .where(OrderRow.customer_id == customer_id, OrderRow.ordered_at.is_not(None))
        .order_by(OrderRow.ordered_at.desc(), OrderRow.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(tuple_(OrderRow.ordered_at, OrderRow.id) < tuple_(*_position(cursor)))
    with reading() as connection:
        rows = [view_of(row) for row in connection.execute(wanted).mappings()]
    return page_of(rows, limit, lambda order: [order.ordered_at.isoformat(), order.id])


def list_arrivals(*, cursor: str | None = None, limit: int = 50) -> Page[OrderView]:
    """Orders of everybody in the order they came in, the newest first. Raises CursorInvalid."""
    wanted = select(_ORDERS).order_by(OrderRow.id.desc()).limit(limit + 1)
    if cursor is not None:
        values = decode_cursor(cursor)
        if len(values) != 1 or not isinstance(values[0], int):
            raise CursorInvalid
        wanted = wanted.where(OrderRow.id < values[0])
    with reading() as connection:
        rows = [view_of(row) for row in connection.execute(wanted).mappings()]
    return page_of(rows, limit, lambda order: [order.id])


def _position(cursor: str) -> tuple[dt.datetime, int]:
    try:
        moment, number = decode_cursor(cursor)
        return dt.datetime.fromisoformat(moment), int(number)
    except (TypeError, ValueError):
        raise CursorInvalid from None


def get_order(order_id: int, *, customer_id: int) -> OrderView:
    """One order of this customer. Raises OrderNotFound, for somebody else's too."""
    wanted = select(_ORDERS).where(
        OrderRow.id == order_id, OrderRow.customer_id == customer_id, OrderRow.ordered_at.is_not(None)
    )
    with reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise OrderNotFound
    return view_of(row)


def find_order(channel: str, number: str) -> OrderView:
    """One order by its outside number, refunds without their order included (O03). Raises OrderNotFound."""
    wanted = select(_ORDERS).where(OrderRow.channel == channel, OrderRow.number == number)
    with reading() as connection:
        row = connection.execute(wanted).mappings().one_or_none()
    if row is None:
        raise OrderNotFound
    return view_of(row)


def count_paid_orders(customer_ids: Sequence[int], *, since: dt.datetime) -> dict[int, int]:
    """Orders of any channel paid at or after `since`, by customer; who has none is left out (C10)."""
    counted = (
        select(OrderRow.customer_id, func.count())
        .where(OrderRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))), OrderRow.paid_at >= since)
        .group_by(OrderRow.customer_id)
    )
    return {row[0]: row[1] for row in db.session.execute(counted, {"ids": list(customer_ids)})}  # type: ignore[misc]


_LOCKED = text(
    "SELECT o.* FROM unnest(:channels, :numbers) AS k (channel, number)"
    " JOIN sales_order o ON o.channel = k.channel AND o.number = k.number ORDER BY o.id FOR UPDATE OF o"
).bindparams(bindparam("channels", type_=ARRAY(Text)), bindparam("numbers", type_=ARRAY(Text)))


def lock_orders(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], RowMapping]:
    """The rows of these (channel, number) that exist, locked until the transaction ends."""
    values = {"channels": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    return {(row["channel"], row["number"]): row for row in db.session.execute(_LOCKED, values).mappings()}


# Every array contains the empty one: it is said so that the index of waiting orders can answer.
_ANY_WAITING = text("SELECT EXISTS (SELECT FROM sales_order WHERE customer_id IS NULL AND buyers @> '{}')")


def is_any_waiting() -> bool:
    """Whether any order is nobody's."""
    return bool(db.session.execute(_ANY_WAITING).scalar_one())


_WAITING = text(
    "SELECT * FROM sales_order WHERE customer_id IS NULL AND buyers && CAST(:keys AS uuid[]) ORDER BY id FOR UPDATE"
).bindparams(bindparam("keys", type_=ARRAY(Text)))


def lock_waiting(buyer_keys: Sequence[str]) -> list[RowMapping]:
    """Orders without a customer that name one of these buyers, locked until the transaction ends."""
    return list(db.session.execute(_WAITING, {"keys": list(buyer_keys)}).mappings())


# Channels are few: each is found by one step in the index of (channel, number), which so serves a number alone.
_RECEIPTS = text(
    "WITH RECURSIVE known AS (SELECT min(channel) AS channel FROM sales_order UNION ALL"
    " SELECT (SELECT min(o.channel) FROM sales_order o WHERE o.channel > known.channel)"
    " FROM known WHERE known.channel IS NOT NULL)"
    " SELECT o.* FROM known JOIN sales_order o ON o.channel = known.channel AND o.number = :number"
    " WHERE o.store_code = :store_code AND o.in_store IS NOT FALSE AND o.paid_at >= :paid_since"
    " ORDER BY o.id FOR UPDATE OF o"
)


def lock_receipts(*, store_code: str, number: str, paid_since: dt.datetime) -> list[RowMapping]:
    """Orders bought in this store under this number and paid since then, of any till, locked until the transaction ends."""
    values = {"store_code": store_code, "number": number, "paid_since": paid_since}
    return list(db.session.execute(_RECEIPTS, values).mappings())


def list_rows_of(customer_ids: Sequence[int]) -> list[RowMapping]:
    """Whole rows of all paid orders of these customers."""
    wanted = select(_ORDERS).where(
        OrderRow.customer_id == any_(bindparam("ids", type_=ARRAY(BigInteger))), OrderRow.paid_at.is_not(None)
    )
    return list(db.session.execute(wanted, {"ids": list(customer_ids)}).mappings())
