"""What many people bought, asked for at once."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text

from app.kernel.database import Statement, db


@dataclass(frozen=True, slots=True)
class LastPurchase:
    """A person's newest paid order: where, and its first line."""

    customer_id: int
    store_code: str | None
    product_name: str | None


# One step in the index of (customer_id, ordered_at) for each person.
_LAST = Statement(
    lambda: text(
        "SELECT asked.customer_id, bought.store_code, bought.lines -> 0 ->> 'name' AS product_name"
        " FROM unnest(CAST(:customer_ids AS bigint[])) AS asked (customer_id) JOIN LATERAL ("
        " SELECT store_code, lines FROM sales_order AS o WHERE o.customer_id = asked.customer_id"
        " AND o.ordered_at IS NOT NULL AND o.paid_at IS NOT NULL ORDER BY o.ordered_at DESC, o.id DESC LIMIT 1"
        ") AS bought ON true"
    )
)


def last_of(customer_ids: Collection[int]) -> dict[int, LastPurchase]:
    """The newest paid order of each of these customers; who never bought is left out."""
    rows = _LAST.rows(db.session(), customer_ids=list(customer_ids))
    return {row["customer_id"]: LastPurchase(**row) for row in rows}
