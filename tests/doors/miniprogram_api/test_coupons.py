"""Coupons on the phone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.kernel.ids import seal
from app.membership import coupons
from tests.factories.coupons import a_coupon, a_template, some_terms
from tests.factories.members import a_member
from tests.factories.people import a_customer, signed_in

KEY = {"Idempotency-Key": "take-0001"}


@pytest.fixture
def me(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> int:
    time_is(now)
    return a_member(now)


@pytest.fixture
def headers(me: int) -> dict[str, str]:
    return signed_in(me)


def test_a_coupon_is_taken_once_however_often_the_key_comes(client: FlaskClient, headers: dict) -> None:
    body = {"template_id": seal("coupon_template", a_template(total=5).id)}
    first = client.post("/mp/v1/coupons/take", json=body, headers=headers | KEY)
    again = client.post("/mp/v1/coupons/take", json=body, headers=headers | KEY)

    assert (first.status_code, first.get_json()) == (201, again.get_json())
    assert first.get_json()["state"] == "usable"
    assert first.get_json()["ends_before"] == "2026-05-27T16:00:00Z"
    assert first.get_json()["terms"]["in_short"] == "满99减20"
    (offered,) = client.get("/mp/v1/coupons/templates", headers=headers).get_json()["items"]
    assert (offered["left"], offered["mine"], offered["why_not"]) == (4, 1, "limit_reached")


@pytest.mark.parametrize(
    ("offering", "code"),
    [
        ({"total": 0}, "coupon.sold_out"),
        ({"take_from": dt.datetime(2026, 6, 1, tzinfo=dt.UTC)}, "coupon.not_open"),
        ({"public": False}, "coupon.template_unknown"),
    ],
)
def test_what_cannot_be_taken_is_refused(
    client: FlaskClient, headers: dict, offering: dict[str, Any], code: str
) -> None:
    body = {"template_id": seal("coupon_template", a_template(**offering).id)}
    answer = client.post("/mp/v1/coupons/take", json=body, headers=headers | KEY)

    assert answer.get_json()["code"] == code
    assert answer.status_code == (404 if code.endswith("unknown") else 409)


def test_the_limit_is_told_after_the_first(client: FlaskClient, headers: dict) -> None:
    body = {"template_id": seal("coupon_template", a_template().id)}
    client.post("/mp/v1/coupons/take", json=body, headers=headers | KEY)
    second = client.post("/mp/v1/coupons/take", json=body, headers=headers | {"Idempotency-Key": "take-0002"})

    assert (second.status_code, second.get_json()["code"]) == (409, "coupon.limit_reached")
    assert second.get_json()["data"] == {"limit": 1}


def test_C01_a_guest_sees_what_there_is_and_takes_the_card_first(
    client: FlaskClient, me: int, now: dt.datetime
) -> None:
    guest, template = signed_in(a_customer(now)), a_template()
    body = {"template_id": seal("coupon_template", template.id)}

    assert len(client.get("/mp/v1/coupons/templates", headers=guest).get_json()["items"]) == 1
    answer = client.post("/mp/v1/coupons/take", json=body, headers=guest | KEY)
    assert answer.get_json()["code"] == "coupon.members_only"


def test_my_coupons_page_soonest_end_first(client: FlaskClient, headers: dict, me: int, now: dt.datetime) -> None:
    for days in (9, 3, 6):
        template = a_template(terms=some_terms(validity=coupons.Validity(days)), public=False)
        a_coupon(customer_id=me, template=template, cause=f"gift:{days}")
    first = client.get("/mp/v1/coupons?limit=2", headers=headers).get_json()
    second = client.get(f"/mp/v1/coupons?limit=2&cursor={first['next_cursor']}", headers=headers).get_json()

    ends = [coupon["ends_before"] for coupon in first["items"] + second["items"]]
    assert ends == ["2026-05-23T16:00:00Z", "2026-05-26T16:00:00Z", "2026-05-29T16:00:00Z"]
    assert second["next_cursor"] is None
    assert client.get("/mp/v1/coupons?state=redeemed", headers=headers).get_json()["items"] == []


def test_a_coupon_of_mine_shows_its_code_and_nobody_elses(
    client: FlaskClient, headers: dict, me: int, now: dt.datetime
) -> None:
    mine, theirs = a_coupon(customer_id=me), a_coupon(customer_id=a_member(now))

    shown = client.get(f"/mp/v1/coupons/{seal('coupon', mine.id)}", headers=headers)
    hidden = client.get(f"/mp/v1/coupons/{seal('coupon', theirs.id)}", headers=headers)

    assert shown.get_json()["code"] == mine.code
    assert (hidden.status_code, hidden.get_json()["code"]) == (404, "coupon.unknown")


def test_K02_the_server_offers_the_best_set_and_the_reasons(
    client: FlaskClient, headers: dict, me: int, now: dt.datetime
) -> None:
    best = a_coupon(customer_id=me)
    far = a_coupon(customer_id=me, template=a_template(terms=some_terms(threshold_fen=30_000)), cause="gift:2")
    lines = [{"product_code": "P1", "amount_fen": 6_000}, {"product_code": "P2", "amount_fen": 6_000, "quantity": 2}]
    judged = client.post("/mp/v1/coupons/judge", json={"lines": lines}, headers=headers).get_json()

    assert judged["best"] == [
        {"coupon_id": seal("coupon", best.id), "discount_fen": 2_000, "shares_fen": [1_000, 1_000]}
    ]
    assert judged["not_used"] == [{"coupon_id": seal("coupon", far.id), "why_not": "还差¥180可用"}]
    assert judged["discount_fen"] == 2_000


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("post", "/mp/v1/coupons/take", {"template_id": "x"}, 422),
        ("post", "/mp/v1/coupons/take", {}, 422),
        ("post", "/mp/v1/coupons/judge", {"lines": []}, 422),
        ("post", "/mp/v1/coupons/judge", {"lines": [{"product_code": "a\0", "amount_fen": 1}]}, 422),
        ("get", "/mp/v1/coupons?state=void", None, 422),
        ("get", "/mp/v1/coupons?cursor=AAAA", None, 422),
        ("get", "/mp/v1/coupons/xyz", None, 404),
    ],
)
def test_what_is_malformed_is_refused(
    client: FlaskClient, headers: dict, method: str, path: str, body: Any, status: int
) -> None:
    answer = getattr(client, method)(path, json=body, headers=headers | KEY)

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


def test_nobody_comes_in_without_a_session(client: FlaskClient) -> None:
    assert client.get("/mp/v1/coupons").status_code == 401
    assert client.post("/mp/v1/coupons/take", json={}).status_code == 401
