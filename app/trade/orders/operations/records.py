"""Orders into rows: new ones by COPY, changed ones in one statement."""

import datetime as dt
import functools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from sqlalchemy import text

from app.kernel.database import db
from app.people.identity import Holder
from app.trade.orders.models import OrderRow
from app.trade.orders.operations.telling import Announced
from app.trade.orders.rules.earning import base_fen, base_of, taken_by
from app.trade.orders.rules.merging import OrderState, Told, refunds_in_order
from app.trade.orders.rules.reports import Amounts, Line, OrderReport, Refund

COLUMNS = [column.name for column in OrderRow.__table__.columns]
# COPY buffers by itself; this only keeps the calls into it few.
LINES_A_WRITE = 500
Record = dict[str, Any]


def new_ids(count: int) -> list[int]:
    """Ids for rows to come."""
    if count == 0:
        return []
    numbers = text("SELECT nextval('sales_order_id_seq') FROM generate_series(1, :count)")
    return list(db.session.execute(numbers, {"count": count}).scalars())


def record_of(state: OrderState, *, order_id: int, owner: Holder | None, announced: Announced) -> Record:
    """The row of an order, in JSON's values."""
    reported_at = max(told.reported_at for told in (*state.parts.values(), *state.refunds.values()))
    versions = {name: told.reported_at for name, told in state.parts.items() if told.reported_at != reported_at}
    amounts: Amounts | None = state.get("amounts")
    lines: tuple[Line, ...] | None = state.get("lines")
    simple = ("store_code", "in_store", "earns", "placed_at", "paid_at", "shipped_at", "received_at")
    return {
        "id": order_id,
        "channel": state.channel,
        "number": state.number,
        "customer_id": owner.customer_id if owner else None,
        "born_customer_id": owner.born_customer_id if owner else None,
        **{name: state.get(name) for name in simple},
        "ordered_at": state.ordered_at,
        "reported_at": reported_at,
        "versions": {name: versions[name].isoformat() for name in sorted(versions)} or None,
        **(amounts._asdict() if amounts is not None else dict.fromkeys(Amounts._fields)),
        "base_fen": base_of(state),
        "refunded_fen": taken_by(refunds_in_order(state), state).refunded_fen if state.refunds else 0,
        "lines": None if lines is None else [_line(line) for line in lines],
        "refunds": [_refund(told, reported_at) for _, told in sorted(state.refunds.items())] or None,
        "coupon_codes": sorted(state.coupon_codes) or None,
        "buyers": sorted(state.buyer_keys) or None,
        "told_paid": announced.paid,
        "told_shipped": announced.shipped,
        "told_received": announced.received,
        "told_refunds": sorted(announced.refunds) or None,
    }


def _line(line: Line) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "line_no": line.line_no,
        "product_code": line.product_code,
        "name": line.name,
        "quantity": line.quantity,
        "price_fen": line.price_fen,
    }
    if line.paid_fen is not None:
        kept["paid_fen"] = line.paid_fen
    if not line.earns:
        kept["earns"] = False
    return kept


def _refund(told: Told, reported_at: dt.datetime) -> dict[str, Any]:
    refund: Refund = told.value
    kept = {name: value for name, value in refund._asdict().items() if value is not None}
    kept["refunded_at"] = refund.refunded_at.isoformat()
    if told.reported_at != reported_at:
        kept["told_at"] = told.reported_at.isoformat()
    return kept


def insert_lines(lines: Sequence[str]) -> None:
    """Write new orders, rows in COPY's text. The caller holds their channels, so that none of them can appear meanwhile."""
    if not lines:
        return
    driver: psycopg.Connection[Any] = db.session.connection().connection.driver_connection  # type: ignore[assignment]
    with driver.cursor() as cursor, cursor.copy(f"COPY sales_order ({', '.join(COPIED)}) FROM STDIN") as copy:
        for start in range(0, len(lines), LINES_A_WRITE):
            copy.write("".join(lines[start : start + LINES_A_WRITE]))


# Values first that are text as they are, then what needs brackets and quotes.
_LISTS = ("coupon_codes", "buyers", "told_refunds")
_DOCUMENTS = ("versions", "lines", "refunds")
_PLAIN = [name for name in COLUMNS if name not in _LISTS + _DOCUMENTS]
COPIED = [*_PLAIN, *_LISTS, *_DOCUMENTS]
_NOTHING = r"\N"
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def copy_line(record: Record) -> str:
    """A row in COPY's text."""
    values = [_NOTHING if (value := record[name]) is None else str(value) for name in _PLAIN]
    values += [_list(record[name]) for name in _LISTS]
    values += [_document(record[name]) for name in _DOCUMENTS]
    return "\t".join(values) + "\n"


def _list(values: Sequence[str] | None) -> str:
    if not values:
        return _NOTHING
    return _escaped("{" + ",".join(['"' + item.replace('"', '\\"') + '"' for item in values]) + "}")


def _document(value: Any) -> str:
    return _NOTHING if value is None else _escaped(_ENCODE(value))


def _escaped(value: str) -> str:
    # Codes hold neither backslash nor white space (rules.reports.CODE); JSON writes control characters as \n and the like.
    return value.replace("\\", "\\\\") if "\\" in value else value


def fresh_line(report: OrderReport, *, order_id: int, buyer_keys: Sequence[str]) -> str:
    """The row, in COPY's text, of a new order that one report without refunds tells and nobody is known to have placed.

    The same row as `record_of` of that report; a history of years is imported through here.
    """
    at, told_at = report.reported_at, report.reported_at.isoformat()
    # Most of an order's times are one moment: it is written out once.
    moments = [
        _NOTHING if moment is None else told_at if moment is at else moment.isoformat()
        for moment in (report.placed_at, report.paid_at, report.shipped_at, report.received_at)
    ]
    ordered_at = moments[0] if report.placed_at is not None else moments[1]
    amounts = _NO_AMOUNTS if report.amounts is None else "\t".join(map(str, report.amounts))
    codes = _list(sorted(set(report.coupon_codes))) if report.coupon_codes else _NOTHING
    buyers = "{" + ",".join(sorted(set(buyer_keys))) + "}" if buyer_keys else _NOTHING
    lines = _NOTHING if report.lines is None else _escaped(f"[{','.join(map(_line_text, report.lines))}]")
    return (
        f"{order_id}\t{report.channel}\t{report.number}\t\\N\t\\N\t{report.store_code or _NOTHING}"
        f"\t{_FLAGS[report.in_store]}\t{_FLAGS[report.earns]}\t{ordered_at}\t{chr(9).join(moments)}\t{told_at}"
        f"\t{amounts}\t{base_fen(report.amounts, report.lines)}\t0\tf\tf\tf"
        f"\t{codes}\t{buyers}\t\\N\t\\N\t{lines}\t\\N\n"
    )


def _line_text(line: Line) -> str:
    """The JSON of a line; nearly all lines of a history are plain ones of products seen before."""
    if line.paid_fen is not None or not line.earns:
        return _ENCODE(_line(line))
    return (
        f'{{"line_no":{line.line_no},"product_code":{_quoted(line.product_code)},"name":{_quoted(line.name)}'
        f',"quantity":{line.quantity},"price_fen":{line.price_fen}}}'
    )


_quoted = functools.lru_cache(maxsize=8192)(_ENCODE)
_FLAGS = {None: _NOTHING, True: "t", False: "f"}
_NO_AMOUNTS = "\t".join([_NOTHING] * len(Amounts._fields))
_NAMES = ", ".join(COLUMNS)
_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")
_UPDATED = text(
    f"INSERT INTO sales_order ({_NAMES}) SELECT {_NAMES}"  # noqa: S608  (the names are the model's own)
    " FROM jsonb_populate_recordset(NULL::sales_order, CAST(:records AS jsonb))"
    f" ON CONFLICT (id) DO UPDATE SET {_CHANGES}"
)


def update(records: Iterable[Record]) -> None:
    """Write changed orders, whose rows the caller has locked."""
    told = list(records)
    if told:
        db.session.execute(_UPDATED, {"records": json.dumps(told, default=dt.datetime.isoformat, ensure_ascii=False)})
