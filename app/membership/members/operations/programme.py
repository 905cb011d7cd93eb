"""The brand's tiers and tasks as they ship."""

import dataclasses
import datetime as dt

from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.membership.members.models import MemberTask, Tier
from app.membership.members.queries.tiers import forget_tiers
from app.membership.members.rules import joining


def ship_stock(*, now: dt.datetime) -> None:
    """Put the stock programme (field rules 2.1: 等级, 权益, 任务) into an empty house; what is there already is left alone."""
    tiers = [
        {**dataclasses.asdict(plan), "benefits": list(plan.benefits), "built_in": True} for plan in joining.STOCK_TIERS
    ]
    db.session.execute(insert(Tier).on_conflict_do_nothing(), tiers)
    tasks = [
        {"code": code, "place": place, "name": name, "rewarded": rewarded, "built_in": True}
        for place, (code, name, rewarded) in enumerate(joining.STOCK_TASKS)
    ]
    db.session.execute(insert(MemberTask).on_conflict_do_nothing(), tasks)
    forget_tiers()
