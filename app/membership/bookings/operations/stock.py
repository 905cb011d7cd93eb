"""What can be booked and where: kept by the brand, shipped so that a new brand can begin (field rules 2.1)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import Base, db
from app.membership.bookings import rules
from app.membership.bookings.models import BookingHours, BookingOffer, BookingResource, BookingService
from app.people import stores


@dataclass(frozen=True)
class ServiceDraft:
    """A service as the brand describes it; `name` is its key."""

    name: str
    kind: str
    minutes: int
    needs: str = "seat"
    universal: bool = False
    takes_health_note: bool = False
    points_price: int = 0
    keeps_points_of_no_show: bool = False
    position: int = 0


@dataclass(frozen=True)
class ResourceDraft:
    """A seat or a person of a store; `hours` by weekday (Monday is 0), all week alike where it has one entry for None."""

    store_id: int
    name: str
    services: Sequence[int]
    hours: dict[int | None, Sequence[rules.Hours]]
    staff_id: int | None = None


STOCK_SERVICES = (
    ServiceDraft("整妆", "makeup", 45, position=1),
    ServiceDraft("局部妆容", "makeup", 20, position=2),
    ServiceDraft("肤质检测", "skin", 15, universal=True, position=3),
    ServiceDraft("护理体验", "care", 30, takes_health_note=True, position=4),
    ServiceDraft("新品试用", "trial", 20, universal=True, takes_health_note=True, position=5),
)
STOCK_SEATS = ("体验位 1", "体验位 2")
STOCK_HOURS: dict[int | None, Sequence[rules.Hours]] = {None: ((10 * 60, 13 * 60), (14 * 60, 21 * 60))}


def ship_stock(*, now: dt.datetime) -> None:
    """The five services, and two seats in every store, ten to nine with a break at one. Again: nothing new, nothing reset."""
    service_ids = [save_service(draft, builtin=True, reset=False) for draft in STOCK_SERVICES]
    cursor: str | None = None
    while True:
        page = stores.list_stores(now=now, cursor=cursor, limit=100)
        for store in page.items:
            for name in STOCK_SEATS:
                draft = ResourceDraft(store.store_id, name, service_ids, STOCK_HOURS)
                save_resource(draft, builtin=True, reset=False)
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def save_service(draft: ServiceDraft, *, builtin: bool = False, reset: bool = True) -> int:
    """Add a service or change the one of this name; without `reset`, one that exists stays as it is. Its id."""
    return _save(BookingService, ["name"], {**asdict(draft), "builtin": builtin, "active": True}, reset=reset)


def save_resource(draft: ResourceDraft, *, builtin: bool = False, reset: bool = True) -> int:
    """Add a seat or a person or change the one of this name in the store, with what it can do and when. Its id."""
    row = {
        "store_id": draft.store_id,
        "name": draft.name,
        "kind": "seat" if draft.staff_id is None else "staff",
        "staff_id": draft.staff_id,
        "builtin": builtin,
        "active": True,
    }
    known = select(BookingResource.id).where(BookingResource.store_id == draft.store_id)
    if not reset and db.session.execute(known.where(BookingResource.name == draft.name)).first():
        return int(db.session.execute(known.where(BookingResource.name == draft.name)).scalar_one())
    resource_id = _save(BookingResource, ["store_id", "name"], row, reset=reset)
    for table in (BookingOffer, BookingHours):
        db.session.execute(delete(table).where(table.resource_id == resource_id))
    offers = [{"resource_id": resource_id, "service_id": service_id} for service_id in draft.services]
    hours = [
        {"resource_id": resource_id, "weekday": weekday, "opens": opens, "closes": closes}
        for key, ranges in draft.hours.items()
        for weekday in (range(7) if key is None else [key])
        for opens, closes in ranges
    ]
    for table, rows in ((BookingOffer, offers), (BookingHours, hours)):
        if rows:
            db.session.execute(insert(table).values(rows))
    return resource_id


def _save(model: type[Base], key: list[str], row: dict[str, object], *, reset: bool) -> int:
    table = model.__table__
    written = insert(model).values(row)
    # Written over with itself where nothing is to be reset: the row's id comes back in any case.
    change = {name: written.excluded[name] if reset else table.c[name] for name in row if name not in key}
    saved = written.on_conflict_do_update(index_elements=key, set_=change).returning(table.c.id)
    return int(db.session.execute(saved).scalar_one())
