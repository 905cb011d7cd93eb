"""Points over HTTP."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.membership import points
from tests.factories.people import a_customer, signed_in
from tests.factories.points import give, someone_with

DAY = dt.timedelta(days=1)


@pytest.fixture
def customer_id(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> int:
    """Somebody with 100 of which 30 end within a month, and 20 of them spent; and a neighbour with points."""
    time_is(now)
    someone_with(77, now)
    customer_id = someone_with(30, now, expires_at=now + 5 * DAY)
    give(customer_id, 70, now)
    points.spend(customer_id=customer_id, amount=20, cause="exchange:1", why="换中样", now=now)
    return customer_id


def test_a_member_sees_balance_and_what_ends_soon(client: FlaskClient, customer_id: int, now: dt.datetime) -> None:
    answer = client.get("/mp/v1/points", headers=signed_in(customer_id))

    assert answer.status_code == 200
    assert answer.get_json() == {
        "spendable": 80,
        "pending": 0,
        "held": 0,
        "owed": 0,
        "expiring": 10,
        "expires_at": "2026-05-25T04:00:00Z",
    }


def test_a_guest_has_no_points(client: FlaskClient, customer_id: int, now: dt.datetime) -> None:
    answer = client.get("/mp/v1/points", headers=signed_in(a_customer(now)))

    assert (answer.get_json()["spendable"], answer.get_json()["expires_at"]) == (0, None)


def test_lines_explain_the_balance_page_by_page(client: FlaskClient, customer_id: int) -> None:
    first = client.get("/mp/v1/points/entries?limit=2", headers=signed_in(customer_id)).get_json()
    rest = client.get(
        f"/mp/v1/points/entries?limit=2&cursor={first['next_cursor']}", headers=signed_in(customer_id)
    ).get_json()

    lines = first["items"] + rest["items"]
    assert [(line["words"], line["spendable"]) for line in lines] == [("换中样", -20), ("见面礼", 70), ("见面礼", 30)]
    assert lines[2]["expires_at"] == "2026-05-25T04:00:00Z"
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?limit=0", 422, "request.invalid"),
        ("?limit=--5", 422, "request.invalid"),
        ("?page=1", 422, "request.invalid"),
        ("?cursor=x", 422, "paging.cursor_invalid"),
    ],
)
def test_a_malformed_page_is_refused(client: FlaskClient, customer_id: int, query: str, status: int, code: str) -> None:
    answer = client.get(f"/mp/v1/points/entries{query}", headers=signed_in(customer_id))

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/mp/v1/points", "/mp/v1/points/entries"])
def test_nobody_sees_points_without_signing_in(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 401
