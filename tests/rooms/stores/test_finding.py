"""Which store is nearest? Exactly the order of a brute-force reckoning, from an index."""

import datetime as dt
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.paging import CursorInvalid
from app.people import stores
from tests.conftest import NOW
from tests.factories.people import ALL_WEEK, a_store

places = st.builds(
    stores.Place,
    st.one_of(st.floats(-90, 90), st.floats(31.20, 31.25), st.sampled_from([0.0, 31.23, 90.0, -90.0])),
    st.one_of(st.floats(-180, 180), st.floats(121.40, 121.50), st.sampled_from([0.0, 121.47, 180.0, -180.0])),
)


def metres(a: stores.Place, b: stores.Place) -> float:
    """Haversine, another formula than the product's."""
    lat1, lat2 = math.radians(a.latitude), math.radians(b.latitude)
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin(math.radians(b.longitude - a.longitude) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(min(1.0, half)))


def all_pages(place: stores.Place, *, limit: int) -> list[stores.StoreView]:
    found: list[stores.StoreView] = []
    cursor = None
    while True:
        page = stores.nearest(place=place, now=NOW, cursor=cursor, limit=limit)
        found += page.items
        if page.next_cursor is None:
            return found
        cursor = page.next_cursor


def draft(code: str, place: stores.Place, **more: object) -> stores.StoreDraft:
    return stores.StoreDraft(code, code, "上海", "路", place.latitude, place.longitude, **more)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shops=st.lists(places, max_size=25), here=places, limit=st.integers(1, 7))
def test_nearest_first_is_what_brute_force_says(
    database: object, shops: list[stores.Place], here: stores.Place, limit: int
) -> None:
    with db.session.begin_nested() as savepoint:
        stores.save_stores([draft(f"S{n:03}", place) for n, place in enumerate(shops)], now=NOW)
        found = all_pages(here, limit=limit)
        savepoint.rollback()
    expected = sorted(metres(here, place) for place in shops)
    reckoned = [metres(here, stores.Place(store.latitude, store.longitude)) for store in found]

    assert sorted(store.code for store in found) == [f"S{n:03}" for n in range(len(shops))]
    assert reckoned == pytest.approx(expected, rel=1e-7, abs=0.6), "in order; at the antipode to half a metre"
    assert [store.distance_m for store in found] == pytest.approx(expected, rel=1e-6, abs=1.2)


def test_the_index_answers(database: object, now: dt.datetime) -> None:
    grid = [(20 + row / 4, 100 + column / 4) for row in range(80) for column in range(80)]
    stores.save_stores([draft(f"G{n}", stores.Place(*place)) for n, place in enumerate(grid)], now=now)
    db.session.execute(text("ANALYZE store"))
    from app.people.stores import queries

    statement, _ = queries._NEAREST._text()
    values = {"x": -0.4, "y": 0.7, "z": 0.5, "after_chord": -1.0, "after_id": 0, "rows": 21}
    driver = db.session.connection().connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute("EXPLAIN " + statement, values | {"today": now.date(), "service": ""})
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Scan using ix_store_place" in plan, plan


def test_pages_are_stable_while_stores_are_added_and_the_person_moves_on(database: object, now: dt.datetime) -> None:
    here = stores.Place(31.23, 121.47)
    ids = [a_store(now, latitude=31.23 + n / 100) for n in range(4)]
    first = stores.nearest(place=here, now=now, limit=2)
    a_store(now, latitude=31.231)
    elsewhere = stores.Place(40.0, 116.0)
    second = stores.nearest(place=elsewhere, now=now, limit=2, cursor=first.next_cursor)

    assert [store.store_id for store in [*first.items, *second.items]] == ids
    assert second.next_cursor is None


def test_only_open_stores_with_the_service_are_offered(database: object, now: dt.datetime) -> None:
    a_store(now, services=("整妆",), closed_on=dt.date(2026, 5, 20))
    closing = a_store(now, services=("整妆", "肤质检测"), closed_on=dt.date(2026, 5, 21))
    a_store(now, services=("肤质检测",))
    here = stores.Place(31.23, 121.47)

    assert [store.store_id for store in stores.nearest(place=here, now=now, service="整妆").items] == [closing]
    assert [store.store_id for store in stores.list_stores(now=now, service="整妆").items] == [closing]


def test_without_a_position_stores_come_by_code(database: object, now: dt.datetime) -> None:
    ids = [a_store(now, code=code) for code in ("A1", "B1", "C1")]
    first = stores.list_stores(now=now, limit=2)
    second = stores.list_stores(now=now, limit=2, cursor=first.next_cursor)

    assert [store.store_id for store in [*first.items, *second.items]] == ids
    assert first.items[0].distance_m is None
    with pytest.raises(CursorInvalid):
        stores.nearest(place=stores.Place(0, 0), now=now, cursor=first.next_cursor)


def test_O03_a_renamed_store_stays_the_same_store(database: object, now: dt.datetime) -> None:
    store_id = a_store(now, code="S1", name="旧名")
    stores.save_stores([draft("S1", stores.Place(30, 120), closed_on=dt.date(2026, 1, 1))], now=now)

    assert stores.get_store(store_id).name == "S1"
    assert stores.find_stores_by_codes(["S1", "S2"])["S1"].store_id == store_id
    assert stores.save_stores([], now=now) == {}
    with pytest.raises(stores.StoreUnknown):
        stores.get_store(store_id + 1)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"latitude": 91.0}, "latitude, longitude"),
        ({"longitude": math.nan}, "latitude, longitude"),
        ({"zone": "Asia/Atlantis"}, "zone"),
        ({"zone": "/etc/passwd"}, "zone"),
        ({"hours": {"1": [["21:00", "10:00"]]}}, "hours"),
        ({"special_days": {"1": []}}, "special_days"),
    ],
)
def test_a_store_no_calendar_and_no_map_can_hold_is_refused(
    database: object, now: dt.datetime, wrong: dict, field: str
) -> None:
    with pytest.raises(stores.StoreInvalid) as refused:
        a_store(now, code="S1", **wrong)

    assert (refused.value.data["code"], refused.value.data["field"]) == ("S1", field)


def test_open_now_looks_at_yesterdays_late_hours_and_at_the_end(database: object, now: dt.datetime) -> None:
    late = {"3": [["18:00", "26:00"]]}
    store = stores.get_store(a_store(now, hours=late, closed_on=dt.date(2026, 5, 28)))
    at = [dt.datetime(2026, 5, 20, hour, tzinfo=dt.UTC) for hour in (9, 10, 17, 18)]

    assert [stores.is_open(store, moment) for moment in at] == [False, True, True, False]
    assert stores.is_open(store, at[1] + dt.timedelta(days=7))
    assert not stores.is_open(store, at[1] + dt.timedelta(days=14)), "closed for good"
    assert stores.hours_on(stores.get_store(a_store(now, hours=ALL_WEEK)), dt.date(2026, 5, 20))[0] == (
        stores.OpenPeriod(dt.datetime(2026, 5, 20, 2, tzinfo=dt.UTC), dt.datetime(2026, 5, 20, 5, tzinfo=dt.UTC))
    )
