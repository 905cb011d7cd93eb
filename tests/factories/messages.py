"""Purposes, dispatches and deliveries to test with. Call them inside a test's transaction."""

import datetime as dt
import itertools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.kernel.database import db
from app.outreach import materials
from app.outreach.messaging import Wish, wanting
from app.outreach.messaging.models import Delivery

_numbers = itertools.count(1)
ACCOUNT = "wxfedcba9876543210"


def a_purpose(now: dt.datetime, **more: Any) -> materials.Purpose:
    """A service purpose that goes as a template message of the official account."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"test_{number}", "name": f"测试消息 {number}", "kind": "service", "channels": ["oa_template"],
        "priority": 50, "when_in_doubt": "hold", "valid_minutes": 1440, "pressing": True, "variables": {},
        "changed_at": now,
    } | more  # fmt: skip
    purpose = materials.Purpose(**values)
    db.session.add(purpose)
    db.session.flush()
    return purpose


def want_for(customer_ids: Sequence[int], purpose: materials.Purpose, now: dt.datetime, occasion: str = "x") -> int:
    """The same message for each of them."""
    return wanting.want([Wish(purpose.code, occasion, {}, customer_id=who) for who in customer_ids], now=now)


def deliveries(**where: Any) -> list[Delivery]:
    """All deliveries, or those with these values, by id, as they are in the database now."""
    query = select(Delivery).filter_by(**where).order_by(Delivery.id)
    return list(db.session.execute(query, execution_options={"populate_existing": True}).scalars())


def states() -> list[tuple[str, str | None]]:
    """State and reason of every delivery, by id."""
    return [(row.state, row.reason) for row in deliveries()]
