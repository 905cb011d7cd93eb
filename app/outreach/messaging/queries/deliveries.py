"""Deliveries one by one, for whoever looks at a person or at a dispatch."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.kernel.database import reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.outreach.messaging.models import Delivery


@dataclass(frozen=True)
class DeliveryView:
    """A delivery as others see it; the columns of its row."""

    id: int
    dispatch_id: int
    purpose_id: int
    customer_id: int | None
    staff_id: int | None
    occasion: str
    state: str
    reason: str | None
    detail: Mapping[str, str] | None
    channel: str | None
    account: str | None
    attempts: int
    planned_at: dt.datetime
    due_at: dt.datetime
    sent_at: dt.datetime | None
    ended_at: dt.datetime | None
    opened_at: dt.datetime | None


_COLUMNS = [Delivery.__table__.c[name] for name in DeliveryView.__dataclass_fields__]


def list_deliveries(
    *,
    customer_id: int | None = None,
    dispatch_id: int | None = None,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> Page[DeliveryView]:
    """Deliveries of a person, of a dispatch or of both, the newest planned first. Raises CursorInvalid."""
    wanted = select(*_COLUMNS).order_by(Delivery.planned_at.desc(), Delivery.id.desc()).limit(limit + 1)
    given: dict[str, Any] = {"customer_id": customer_id, "dispatch_id": dispatch_id, "state": state}
    wanted = wanted.filter_by(**{name: value for name, value in given.items() if value is not None})
    if cursor is not None:
        wanted = wanted.where(func.row(Delivery.planned_at, Delivery.id) < func.row(*_position(cursor)))
    with reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return page_of([DeliveryView(**row) for row in rows], limit, lambda one: (one.planned_at.isoformat(), one.id))


def _position(cursor: str) -> tuple[dt.datetime, int]:
    try:
        planned_at, delivery_id = decode_cursor(cursor)
        return dt.datetime.fromisoformat(planned_at), int(delivery_id)
    except (ValueError, TypeError):
        raise CursorInvalid from None
