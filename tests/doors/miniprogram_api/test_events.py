"""POST /mp/v1/events: with and without signing in."""

import datetime as dt
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kernel import policy
from app.knowledge import tracking
from app.people import privacy
from tests.conftest import REPOSITORY
from tests.factories.people import a_customer, signed_in

PATH = "/mp/v1/events"
PHONE = "8f14e45f-ceea-467f-a9d2-1f0c2b6a7c11"


@pytest.fixture(autouse=True)
def _noon(time_is: Any, client: FlaskClient, now: dt.datetime) -> None:
    time_is(now)


def event(number: int, now: dt.datetime, **more: Any) -> dict[str, Any]:
    known = {"client_id": f"c-{number:06}", "kind": "view", "at": now.isoformat(), "data": {"product_code": "P1"}}
    return known | more


def body(*events: object, **more: Any) -> dict[str, Any]:
    return {"visitor": PHONE, "events": list(events)} | more


def test_a_visitor_becomes_known(client: FlaskClient, now: dt.datetime) -> None:
    someone = a_customer(now)
    privacy.record_consents(
        customer_id=someone, answers={"profiling": True}, version=privacy.notice_version(), place="test", now=now
    )
    anonymous = client.post(PATH, json=body(event(1, now)))
    known = client.post(PATH, json=body(event(2, now), event(1, now)), headers=signed_in(someone))

    assert (anonymous.status_code, anonymous.get_json()) == (200, {"outcomes": ["accepted"], "refused": []})
    assert known.get_json()["outcomes"] == ["accepted", "double"]
    assert len(tracking.list_events(someone, kinds=["view"]).items) == 2


def test_each_item_is_answered_in_its_order(client: FlaskClient, now: dt.datetime) -> None:
    late = (now - dt.timedelta(days=31)).isoformat()
    answer = client.post(PATH, json=body(event(1, now), event(2, now, at=late), 3, event(1, now)))

    assert answer.status_code == 200
    assert answer.get_json()["outcomes"] == ["accepted", "refused", "refused", "double"]
    assert answer.get_json()["refused"][0] == {
        "position": 1, "code": "tracking.too_late", "field": "at", "title": "事件太早，已过接收期限",
    }  # fmt: skip


def test_a_wrong_clock_says_so_itself(client: FlaskClient, now: dt.datetime) -> None:
    ahead = now + dt.timedelta(days=3)
    unsaid = client.post(PATH, json=body(event(1, ahead)))
    said = client.post(PATH, json=body(event(1, ahead), sent_at=ahead.isoformat()))

    assert (unsaid.get_json()["outcomes"], said.get_json()["outcomes"]) == (["refused"], ["accepted"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"visitor": "me"},
        {"visitor": None},
        {"events": []},
        {"events": {"a": 1}},
        {"events": [{}] * 101},
        {"sent_at": "soon"},
        {"more": 1},
    ],
    ids=str,
)
def test_a_call_that_is_no_call_is_refused_whole(client: FlaskClient, now: dt.datetime, wrong: dict[str, Any]) -> None:
    answer = client.post(PATH, json=body(event(1, now)) | wrong)

    assert (answer.status_code, answer.get_json()["code"]) == (422, "request.invalid")


def test_a_session_that_ended_is_told_so(client: FlaskClient, now: dt.datetime) -> None:
    answer = client.post(PATH, json=body(event(1, now)), headers={"Authorization": "Bearer ended"})

    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")


def test_one_phone_without_a_session_is_limited_and_the_next_is_not(client: FlaskClient, now: dt.datetime) -> None:
    policy.change(tracking.TrackingPolicy, guest_calls_a_minute=3)
    calls = [client.post(PATH, json=body(event(number, now))).status_code for number in range(4)]
    other = client.post(PATH, json=body(event(9, now), visitor=str(uuid.uuid4()))).status_code
    known = client.post(PATH, json=body(event(8, now)), headers=signed_in(a_customer(now))).status_code

    assert (calls, other, known) == ([200, 200, 200, 429], 200, 200)


def test_the_page_of_events_names_every_kind_and_field() -> None:
    from app.knowledge.tracking.rules.items import SHAPES

    page = (REPOSITORY / "docs/events.md").read_text()
    names = set(tracking.KINDS) | {name for shape in SHAPES.values() for name in shape.checks}
    assert {name for name in names if f"`{name}`" not in page} == set()
