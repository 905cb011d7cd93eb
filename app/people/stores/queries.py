"""Which stores there are, which is nearest, and when each is open."""

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select, text

from app.kernel.clock import brand_day
from app.kernel.database import Statement, db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.people.stores import rules
from app.people.stores.models import Store
from app.people.stores.refusals import StoreUnknown
from app.people.stores.rules import Place


@dataclass(frozen=True)
class StoreView:
    """A store. `distance_m`: metres from where one asked, on the way of a bird; None where nobody said where they are."""

    store_id: int
    code: str
    name: str
    city: str
    address: str
    phone: str | None
    latitude: float
    longitude: float
    zone: str
    services: tuple[str, ...]
    hours: Mapping[str, Sequence[Sequence[str]]]
    special_days: Mapping[str, Sequence[Sequence[str]]]
    closed_on: dt.date | None
    distance_m: int | None = None


@dataclass(frozen=True)
class OpenPeriod:
    """From when until when, in UTC; the end is not part of it."""

    opens_at: dt.datetime
    closes_at: dt.datetime


_COLUMNS = "id, code, name, city, address, phone, latitude, longitude, zone, services, hours, special_days, closed_on"
_OPEN = "(closed_on IS NULL OR closed_on > :today) AND (:service = '' OR services @> ARRAY[:service]::text[])"
_CHORD = "cube(ARRAY[x, y, z]) <-> cube(ARRAY[:x, :y, :z]::float8[])"
# The id decides between stores at one place; the index gives the order by distance, so a page reads what it shows.
_NEAREST = Statement(
    lambda: text(
        f"SELECT {_COLUMNS}, {_CHORD} AS chord FROM store"  # noqa: S608  (constants)
        f" WHERE {_OPEN} AND ({_CHORD}, id) > (:after_chord, :after_id) ORDER BY {_CHORD}, id LIMIT :rows"
    )
)
_BY_CODE = Statement(
    lambda: text(
        f"SELECT {_COLUMNS} FROM store WHERE {_OPEN} AND code > :after_code ORDER BY code LIMIT :rows"  # noqa: S608
    )
)
_BY_ID = Statement(lambda: text(f"SELECT {_COLUMNS} FROM store WHERE id = :store_id"))  # noqa: S608


def nearest(
    *, place: Place, now: dt.datetime, service: str = "", cursor: str | None = None, limit: int = 20
) -> Page[StoreView]:
    """Stores that are not closed for good, nearest first, exactly; with a service, only those that offer it.

    Later pages measure from where the first was asked. Raises CursorInvalid.
    """
    after_chord, after_id = -1.0, 0
    if cursor:
        latitude, longitude, after_chord, after_id = _cursor(cursor, "near", length=4)
        place = Place(latitude, longitude)
    x, y, z = rules.unit_vector(place)
    asked = {"x": x, "y": y, "z": z, "after_chord": after_chord, "after_id": after_id}
    with reading() as connection:
        rows = _NEAREST.rows(connection, **asked, today=brand_day(now), service=service, rows=limit + 1)
    page = page_of(rows, limit, lambda row: ("near", place.latitude, place.longitude, row["chord"], row["id"]))
    return Page([_view(row, chord=row["chord"]) for row in page.items], page.next_cursor)


def list_stores(*, now: dt.datetime, service: str = "", cursor: str | None = None, limit: int = 20) -> Page[StoreView]:
    """Stores that are not closed for good, by code: for whoever does not say where they are. Raises CursorInvalid."""
    after = str(_cursor(cursor, "code", length=1)[0]) if cursor else ""
    with reading() as connection:
        rows = _BY_CODE.rows(connection, after_code=after, today=brand_day(now), service=service, rows=limit + 1)
    page = page_of(rows, limit, lambda row: ("code", row["code"]))
    return Page([_view(row) for row in page.items], page.next_cursor)


def get_store(store_id: int) -> StoreView:
    """One store, closed ones included: a closed store keeps its history. Raises StoreUnknown."""
    with reading() as connection:
        row = _BY_ID.row(connection, store_id=store_id)
    if row is None:
        raise StoreUnknown
    return _view(row)


def find_stores_by_codes(codes: Sequence[str]) -> dict[str, StoreView]:
    """Stores by their codes, closed ones included; unknown codes are left out."""
    rows = db.session.execute(select(Store.__table__).where(Store.code.in_(set(codes)))).mappings()
    return {row["code"]: _view(dict(row)) for row in rows}


def hours_on(store: StoreView, day: dt.date) -> list[OpenPeriod]:
    """When the store is open on a day of its own calendar; nothing on a day off or after it has closed for good."""
    if store.closed_on is not None and day >= store.closed_on:
        return []
    spans = rules.open_periods(hours=store.hours, special_days=store.special_days, day=day, zone=store.zone)
    return [OpenPeriod(*span) for span in spans]


def is_open(store: StoreView, moment: dt.datetime) -> bool:
    """Whether the store is open at a moment, yesterday's late hours included."""
    today = moment.astimezone(zoneinfo.ZoneInfo(store.zone)).date()
    periods = hours_on(store, today - dt.timedelta(days=1)) + hours_on(store, today)
    return any(period.opens_at <= moment < period.closes_at for period in periods)


def _cursor(cursor: str, kind: str, *, length: int) -> list[Any]:
    values = decode_cursor(cursor)
    if len(values) != length + 1 or values[0] != kind:
        raise CursorInvalid
    return values[1:]


def _view(row: Mapping[str, Any], *, chord: float | None = None) -> StoreView:
    return StoreView(
        store_id=row["id"],
        code=row["code"],
        name=row["name"],
        city=row["city"],
        address=row["address"],
        phone=row["phone"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        zone=row["zone"],
        services=tuple(row["services"]),
        hours=row["hours"],
        special_days=row["special_days"],
        closed_on=row["closed_on"],
        distance_m=None if chord is None else round(rules.metres_of_chord(chord)),
    )


def name_of(store_id: ColumnElement[int]) -> ScalarSelect[str]:
    """A store's name as a correlated value, for pages that compose."""
    return select(Store.name).where(Store.id == store_id).scalar_subquery()
