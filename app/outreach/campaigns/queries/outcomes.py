"""What came of a campaign, counted in people."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select

from app.kernel.database import db
from app.outreach import messaging
from app.outreach.campaigns.models import CampaignOrder
from app.outreach.campaigns.queries import listing
from app.outreach.campaigns.rules import Effect, effect_of

CONTROL = "control"


@dataclass(frozen=True)
class Outcome:
    """Planned = waiting + held back + under way + sent and what became of it. `held_back`: reason → people, the control
    group among them. `sent` counts all that left, delivered or not; `buyers` are treated people with an order in time."""

    planned: int
    waiting: int
    held_back: Mapping[str, int]
    sent: int
    delivered: int
    opened: int
    failed: Mapping[str, int]
    in_doubt: int
    cancelled: int
    control: int
    buyers: int
    control_buyers: int
    net_fen: int
    effect: Effect


def outcome_of(campaign_id: int) -> Outcome:
    """The figures of a campaign as of now. Raises CampaignUnknown."""
    row = listing.find(campaign_id)
    told = messaging.outcomes.of_dispatches(row.dispatch_ids)
    bought = _orders(campaign_id)
    control = told.held_back.get(CONTROL, 0)
    # Delivered where the channel tells, else sent: what has no receipt must not look like a failure.
    treated = max(told.delivered, told.sent)
    buyers, control_buyers = bought.get("treated", (0, 0))[0], bought.get("control", (0, 0))[0]
    return Outcome(
        planned=row.planned,
        waiting=told.planned,
        held_back=told.held_back,
        sent=told.sent,
        delivered=told.delivered,
        opened=told.opened,
        failed=told.failed,
        in_doubt=told.in_doubt,
        cancelled=told.cancelled,
        control=control,
        buyers=buyers,
        control_buyers=control_buyers,
        net_fen=bought.get("treated", (0, 0))[1],
        effect=effect_of(treated=treated, bought=buyers, control=control, control_bought=control_buyers),
    )


def _orders(campaign_id: int) -> dict[str, tuple[int, int]]:
    """Buyers and net sales by arm; an order that was refunded whole bought nothing."""
    net = CampaignOrder.base_fen - CampaignOrder.refunded_fen
    buyers = func.count(case((net > 0, CampaignOrder.customer_id)).distinct())
    rows = (
        select(CampaignOrder.arm, buyers, func.coalesce(func.sum(net), 0))
        .where(CampaignOrder.campaign_id == campaign_id)
        .group_by(CampaignOrder.arm)
    )
    return {arm: (count, int(fen)) for arm, count, fen in db.session.execute(rows)}
