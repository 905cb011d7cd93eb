"""Who signs may act, once, within five minutes."""

import datetime as dt
import hashlib
import hmac
import threading
from collections import Counter
from collections.abc import Callable

import flask
import pytest

from app.kernel.database import db, unit_of_work
from app.web.signatures import forget_nonces_due
from tests.doors.open_api.conftest import Shop

PUSH = ("POST", "/open/v1/orders", {"orders": [{"number": "R1", "placed_at": "2026-05-20T04:00:00Z"}]})


def answer(response: object) -> tuple[int, str]:
    return response.status_code, response.get_json().get("code", "")


def test_the_signature_is_what_the_documentation_says(shop: Shop) -> None:
    body = b'{"orders":[{"number":"R1","placed_at":"2026-05-20T04:00:00Z"}]}'
    digest = hashlib.sha256(body).hexdigest()
    text = f"POST\n/open/v1/orders\n{int(shop.now.timestamp())}\n0123456789abcdef\n{digest}"
    headers = {
        "Content-Type": "application/json",
        "X-Guiyi-Key": "demo-shop",
        "X-Guiyi-Timestamp": str(int(shop.now.timestamp())),
        "X-Guiyi-Nonce": "0123456789abcdef",
        "X-Guiyi-Signature": hmac.new(b"shop-secret", text.encode(), "sha256").hexdigest(),
    }

    assert shop.client.post("/open/v1/orders", data=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("bent", "expected"),
    [
        ({"secret": "guess"}, (401, "signature.invalid")),
        ({"key": "nobody"}, (401, "signature.invalid")),
        ({"key": "nobody", "secret": ""}, (401, "signature.invalid")),
        ({"secret": "pos-secret"}, (401, "signature.invalid")),
        ({"seconds": -301}, (401, "signature.expired")),
        ({"seconds": 301}, (401, "signature.expired")),
        ({"nonce": "short"}, (401, "signature.missing")),
        ({"nonce": "with space 01234567"}, (401, "signature.missing")),
        ({"seconds": -299}, (200, "")),
    ],
)
def test_only_a_right_and_fresh_signature_lets_in(shop: Shop, bent: dict, expected: tuple) -> None:
    assert answer(shop.send(*PUSH, **bent)) == expected


@pytest.mark.parametrize("header", ["Key", "Timestamp", "Nonce", "Signature"])
def test_every_header_is_needed(shop: Shop, header: str) -> None:
    headers = shop.headers("POST", "/open/v1/orders", b"{}")
    del headers[f"X-Guiyi-{header}"]
    response = shop.client.post("/open/v1/orders", data=b"{}", headers=headers)

    assert answer(response) == (401, "signature.missing")
    assert response.get_json()["data"] == {"header": f"X-Guiyi-{header}"}


def test_method_path_query_and_body_are_signed(shop: Shop) -> None:
    signed = shop.headers("GET", "/open/v1/orders/demo-shop/R1?a=1", b"")

    assert answer(shop.client.get("/open/v1/orders/demo-shop/R1?a=2", headers=signed)) == (401, "signature.invalid")
    assert answer(shop.client.get("/open/v1/orders/demo-shop/R2?a=1", headers=signed)) == (401, "signature.invalid")
    assert answer(shop.client.get("/open/v1/orders/demo-shop/R1?a=1", headers=signed)) == (404, "order.not_found")
    other = shop.client.post("/open/v1/orders", data=b"{ }", headers=shop.headers("POST", "/open/v1/orders", b"{}"))
    assert answer(other) == (401, "signature.invalid")


def test_the_guard_comes_before_the_body_is_read(shop: Shop) -> None:
    headers = shop.headers("POST", "/open/v1/orders", b"{", secret="guess")

    assert answer(shop.client.post("/open/v1/orders", data=b"{", headers=headers)) == (401, "signature.invalid")


@pytest.mark.parametrize("request_told", [PUSH, ("GET", "/open/v1/orders/demo-shop/R1", None)])
def test_a_replay_is_refused(shop: Shop, request_told: tuple) -> None:
    shop.send(*PUSH)
    nonce = {"nonce": "n0123456789abcdef"}
    first = shop.send(*request_told, **nonce)

    assert first.status_code == 200
    assert answer(shop.send(*request_told, **nonce)) == (409, "signature.replayed")
    assert shop.send(*request_told, **nonce, key="demo-pos").status_code in {200, 404}


def test_a_refused_request_does_not_spend_its_nonce(shop: Shop) -> None:
    nonce = {"nonce": "n0123456789abcdef"}
    bad = shop.send("POST", "/open/v1/orders", {"orders": []}, **nonce)

    assert bad.status_code == 422
    db.session.rollback()
    assert shop.send(*PUSH, **nonce).status_code == 200


def test_of_many_replays_at_once_one_acts(
    committed: flask.Flask, now: dt.datetime, time_is: Callable[[dt.datetime], None]
) -> None:
    time_is(now)
    found: list[int] = []

    def send() -> None:
        found.append(Shop(committed.test_client(), now).send(*PUSH, nonce="n0123456789abcdef").status_code)

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Counter(found) == {200: 1, 409: 7}


def test_old_nonces_are_forgotten(shop: Shop) -> None:
    shop.send(*PUSH)
    with unit_of_work():
        kept = forget_nonces_due(now=shop.now + dt.timedelta(minutes=10))
        gone = forget_nonces_due(now=shop.now + dt.timedelta(minutes=11))

    assert (kept, gone) == (0, 1)
