"""Where an order stands, derived from the times that are known."""

from app.trade.orders.rules.earning import taken_by
from app.trade.orders.rules.merging import OrderState, refunds_in_order

NO_ORDER_YET = "no_order_yet"


def standing_of(state: OrderState) -> str:
    """`no_order_yet` (only refunds are known, O03), placed, paid, shipped, received, part_refunded or refunded."""
    if not state.is_known:
        return NO_ORDER_YET
    if state.refunds and state.get("paid_at") is not None:
        return "refunded" if taken_by(refunds_in_order(state), state).fully else "part_refunded"
    for part, word in (("received_at", "received"), ("shipped_at", "shipped"), ("paid_at", "paid")):
        if state.get(part) is not None:
            return word
    return "placed"
