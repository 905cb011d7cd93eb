"""What the tests of the machines' door share: a shop that signs."""

import datetime as dt
import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.web.signatures import sign

SECRETS = {"demo-shop": "shop-secret", "demo-pos": "pos-secret"}
_numbers = itertools.count(1)


class Shop:
    """A shop's system. `send` signs a request; what it signs can be bent for a test."""

    def __init__(self, client: FlaskClient, now: dt.datetime) -> None:
        self.client, self.now = client, now

    def send(self, method: str, target: str, told: Any = None, **bent: Any) -> TestResponse:
        """One signed request, with its body as JSON where there is one."""
        body = b"" if told is None else json.dumps(told).encode()
        headers = self.headers(method, target, body, **bent)
        return self.client.open(target, method=method, data=body or None, headers=headers)

    def headers(self, method: str, target: str, body: bytes, **bent: Any) -> dict[str, str]:
        """The headers of a signed request."""
        key, nonce = bent.get("key", "demo-shop"), bent.get("nonce", f"nonce-{next(_numbers):012}")
        timestamp = int(self.now.timestamp()) + bent.get("seconds", 0)
        secret = bent.get("secret", SECRETS.get(key, "none"))
        signature = sign(secret, method=method, target=target, timestamp=timestamp, nonce=nonce, body=body)
        return {
            "Content-Type": "application/json",
            "X-Guiyi-Key": key,
            "X-Guiyi-Timestamp": str(timestamp),
            "X-Guiyi-Nonce": nonce,
            "X-Guiyi-Signature": signature,
        }


@pytest.fixture
def shop(client: FlaskClient, now: dt.datetime, time_is: Callable[[dt.datetime], None]) -> Shop:
    time_is(now)
    return Shop(client, now)
