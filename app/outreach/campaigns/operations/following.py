"""Orders that follow a campaign within its days; written when they are paid, corrected when they are refunded."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.kernel.policy import current
from app.outreach import messaging
from app.outreach.campaigns.models import CampaignsPolicy
from app.trade.orders import OrderPaid, OrderRefunded

_CAMPAIGNS = Statement(
    lambda: text(
        "SELECT id, goal_days, dispatch_ids FROM campaign WHERE dispatch_ids && CAST(:dispatch_ids AS bigint[])"
    )
)
_WRITE = Statement(
    lambda: text(
        "INSERT INTO campaign_order (customer_id, born_customer_id, campaign_id, order_id, arm, base_fen, refunded_fen,"
        " paid_at) SELECT *, 0, CAST(:now AS timestamptz) FROM unnest(CAST(:customers AS bigint[]),"
        " CAST(:born AS bigint[]), CAST(:campaigns AS bigint[]), CAST(:orders AS bigint[]), CAST(:arms AS text[]),"
        " CAST(:fen AS bigint[])) ON CONFLICT DO NOTHING"
    )
)
_REFUND = Statement(
    lambda: text(
        "UPDATE campaign_order SET refunded_fen = greatest(refunded_fen, told.refunded)"
        " FROM unnest(CAST(:orders AS bigint[]), CAST(:refunded AS bigint[])) AS told (order_id, refunded)"
        " WHERE campaign_order.order_id = told.order_id"
    )
)


def note_orders(facts: Sequence[OrderPaid]) -> None:
    """Write down which of these orders followed a campaign that its buyer got, or was kept from as control."""
    since = min(fact.paid_at for fact in facts) - dt.timedelta(days=current(CampaignsPolicy).longest_goal_days)
    touches = messaging.touching.touches_of({fact.customer_id for fact in facts}, since=since)
    if not touches:
        return
    dispatches = sorted({touch.dispatch_id for touch in touches})
    rows = _CAMPAIGNS.rows(db.session(), dispatch_ids=dispatches)
    campaigns = {dispatch: row for row in rows for dispatch in row["dispatch_ids"]}
    for fact in facts:
        followed = {}
        for touch in touches:
            row = campaigns.get(touch.dispatch_id)
            if row is None or touch.customer_id != fact.customer_id:
                continue
            if touch.at <= fact.paid_at <= touch.at + dt.timedelta(days=row["goal_days"]):
                followed[row["id"]] = "control" if touch.control else "treated"
        _write(fact, followed)


def _write(fact: OrderPaid, followed: dict[int, str]) -> None:
    if not followed:
        return
    count = len(followed)
    _WRITE.rows(
        db.session(), customers=[fact.customer_id] * count, born=[fact.born_customer_id] * count,
        campaigns=list(followed), orders=[fact.order_id] * count, arms=list(followed.values()),
        fen=[fact.base_fen] * count, now=fact.paid_at,
    )  # fmt: skip


def note_refunds(facts: Sequence[OrderRefunded]) -> None:
    """Take refunds off what the orders brought."""
    latest = {fact.order_id: fact for fact in facts}
    refunded = [fact.base_fen if fact.fully else fact.refunded_total_fen for fact in latest.values()]
    _REFUND.rows(db.session(), orders=list(latest), refunded=refunded)
