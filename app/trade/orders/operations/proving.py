"""What somebody knows about a purchase, held against the orders that wait."""

import uuid

from sqlalchemy import select

from app.kernel.database import db
from app.people.identity import Identifier
from app.trade.orders.models import OrderRow
from app.trade.orders.operations.buyers import buyer_key


def names_buyer(wanted: Identifier, *, number: str) -> bool:
    """Whether an order of this number, of any channel, waits for this very id: one purchase proves an old card (C09)."""
    waiting = select(OrderRow.id).where(
        OrderRow.customer_id.is_(None),
        OrderRow.buyers.contains([uuid.UUID(buyer_key(wanted.key))]),
        OrderRow.number == number,
    )
    return db.session.execute(waiting).first() is not None
