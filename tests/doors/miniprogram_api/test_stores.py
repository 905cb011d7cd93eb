"""The store finder on the phone."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from tests.factories.people import a_customer, a_store, signed_in

HERE = {"latitude": "31.23", "longitude": "121.47"}


@pytest.fixture
def guest(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> dict[str, str]:
    """Signed in, without a card."""
    time_is(now)
    return signed_in(a_customer(now))


def test_C01_a_guest_sees_the_nearest_store_first(client: FlaskClient, guest: dict, now: dt.datetime) -> None:
    far, near = a_store(now, latitude=31.33), a_store(now, latitude=31.24, services=("整妆",))
    first = client.get("/mp/v1/stores", query_string=HERE | {"limit": "1"}, headers=guest).get_json()
    second = client.get(
        "/mp/v1/stores", query_string=HERE | {"limit": "1", "cursor": first["next_cursor"]}, headers=guest
    ).get_json()

    assert [page["items"][0]["store_id"] for page in (first, second)] == [seal("store", near), seal("store", far)]
    assert first["items"][0]["distance_m"] == pytest.approx(1112, abs=2)
    assert first["items"][0]["is_open"] is True, "noon in Shanghai"
    assert first["items"][0]["services"] == ["整妆"]
    assert second["next_cursor"] is None


def test_C01_whoever_keeps_their_position_sees_stores_too(client: FlaskClient, guest: dict, now: dt.datetime) -> None:
    a_store(now)
    (store,) = client.get("/mp/v1/stores", headers=guest).get_json()["items"]

    assert store["distance_m"] is None


def test_one_store_shows_its_hours(client: FlaskClient, guest: dict, now: dt.datetime) -> None:
    store_id = a_store(now, special_days={"2026-10-01": []})
    store = client.get(f"/mp/v1/stores/{seal('store', store_id)}", headers=guest).get_json()

    assert store["hours"]["1"] == [["10:00", "13:00"], ["14:00", "21:00"]]
    assert store["special_days"] == {"2026-10-01": []}


@pytest.mark.parametrize(
    "query",
    [
        {"latitude": "31.2"},
        {"longitude": "121.4"},
        HERE | {"latitude": "90.1"},
        HERE | {"longitude": "nan"},
        HERE | {"latitude": "1e999"},
        HERE | {"limit": "0"},
        HERE | {"limit": "101"},
        HERE | {"cursor": "bm90IG91cnM"},
        HERE | {"service": "\0"},
        HERE | {"more": "1"},
    ],
)
def test_a_malformed_question_is_refused(client: FlaskClient, guest: dict, query: dict) -> None:
    assert client.get("/mp/v1/stores", query_string=query, headers=guest).status_code == 422


def test_a_store_that_is_not_there_and_a_foreign_id_are_not_found(client: FlaskClient, guest: dict) -> None:
    unknown = client.get(f"/mp/v1/stores/{seal('store', 999_999)}", headers=guest)
    foreign = client.get(f"/mp/v1/stores/{seal('coupon', 1)}", headers=guest)

    assert (unknown.status_code, unknown.get_json()["code"]) == (404, "store.unknown")
    assert (foreign.status_code, foreign.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic eA=="}])
@pytest.mark.usefixtures("database")
def test_who_has_not_logged_in_is_told_so(client: FlaskClient, headers: dict) -> None:
    for path in ("/mp/v1/stores", f"/mp/v1/stores/{seal('store', 1)}"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
