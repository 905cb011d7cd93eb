"""What nobody could place: for review (O03, O05)."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.kernel.database import db
from app.trade.orders.models import OrderRow, UnknownCodeRow
from app.trade.orders.queries import OrderView, view_of


@dataclass(frozen=True)
class UnknownCode:
    """A store or product code in orders that nobody has told us (O05)."""

    kind: str
    code: str
    source: str
    first_seen_at: dt.datetime
    last_seen_at: dt.datetime


def list_refunds_without_order(*, limit: int = 100) -> list[OrderView]:
    """Refunds whose order nobody has told yet, oldest first, for review: no value has moved (O03)."""
    waiting = select(OrderRow.__table__).where(OrderRow.ordered_at.is_(None)).order_by(OrderRow.id).limit(limit)
    return [view_of(row) for row in db.session.execute(waiting).mappings()]


def list_unknown_codes() -> list[UnknownCode]:
    """Store and product codes that orders name and nobody has told us (O05)."""
    rows = select(UnknownCodeRow.__table__).order_by(UnknownCodeRow.kind, UnknownCodeRow.code)
    return [UnknownCode(**row) for row in db.session.execute(rows).mappings()]
