"""What somebody knows about a purchase, held against the orders that wait."""

from sqlalchemy import text

from app.kernel.database import db
from app.people.identity import Identifier
from app.trade.orders.operations.buyers import buyer_key

_WAITING = text(
    "SELECT 1 FROM sales_order"
    " WHERE customer_id IS NULL AND buyers @> ARRAY[CAST(:buyer AS uuid)] AND number = :number LIMIT 1"
)


def names_buyer(wanted: Identifier, *, number: str) -> bool:
    """Whether an order of this number, of any channel, waits for this very id: one purchase proves an old card (C09)."""
    return db.session.execute(_WAITING, {"buyer": buyer_key(wanted.key), "number": number}).first() is not None
