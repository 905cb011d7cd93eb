"""Writing stores down."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.people.stores import rules
from app.people.stores.models import Store
from app.people.stores.refusals import StoreInvalid

HOME_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class StoreDraft:
    """A store as its brand knows it. `hours`: weekday "1" (Monday) to "7" → [["10:00", "13:00"], ["14:00", "21:00"]], a gap is
    a break, a day left out is a day off; `special_days`: ISO date → the same, replacing that day."""

    code: str
    name: str
    city: str
    address: str
    latitude: float
    longitude: float
    phone: str | None = None
    zone: str = HOME_ZONE
    services: tuple[str, ...] = ()
    hours: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    special_days: Mapping[str, Sequence[Sequence[str]]] = field(default_factory=dict)
    closed_on: dt.date | None = None


def save_stores(drafts: Sequence[StoreDraft], *, now: dt.datetime) -> dict[str, int]:
    """Create or change stores by code, all or none, the last of equal codes; their ids by code.

    A renamed store stays the same store (O03).

    Raises StoreInvalid for a place, zone or hours that cannot be kept.
    """
    if not drafts:
        return {}
    rows = {draft.code: _row(draft, now=now) for draft in drafts}
    statement = insert(Store)
    changed = {
        column.name: statement.excluded[column.name]
        for column in Store.__table__.columns
        if column.name not in {"id", "code"}
    }
    statement = statement.on_conflict_do_update(index_elements=["code"], set_=changed)
    saved = db.session.execute(statement.returning(Store.code, Store.id), list(rows.values()))
    return {row.code: row.id for row in saved}


def _row(draft: StoreDraft, *, now: dt.datetime) -> dict[str, Any]:
    _check(draft)
    x, y, z = rules.unit_vector(rules.Place(draft.latitude, draft.longitude))
    return {
        "code": draft.code,
        "name": draft.name,
        "city": draft.city,
        "address": draft.address,
        "phone": draft.phone,
        "latitude": draft.latitude,
        "longitude": draft.longitude,
        "x": x,
        "y": y,
        "z": z,
        "zone": draft.zone,
        "services": list(draft.services),
        "hours": dict(draft.hours),
        "special_days": dict(draft.special_days),
        "closed_on": draft.closed_on,
        "saved_at": now,
    }


def _check(draft: StoreDraft) -> None:
    if not (-90 <= draft.latitude <= 90 and -180 <= draft.longitude <= 180):
        raise StoreInvalid(code=draft.code, field="latitude, longitude", why="not on this earth")
    try:
        zoneinfo.ZoneInfo(draft.zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise StoreInvalid(code=draft.code, field="zone", why="unknown zone") from None
    for name, hours, keys in (("hours", draft.hours, "weekdays"), ("special_days", draft.special_days, "dates")):
        try:
            rules.check_hours(hours, keys=keys)
        except rules.NotHours as wrong:
            raise StoreInvalid(code=draft.code, field=name, why=str(wrong)) from None
