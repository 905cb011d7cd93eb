"""A client of one sandbox, and the recorded payloads where they are at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from sandbox import demo

SHARED = Path(os.environ.get("GUIYI_SHARED", Path(__file__).parents[3] / "shared"))
FIXTURES = SHARED / "platform" / "wechat-fixtures"


def recorded(name: str) -> Any:
    """A recorded payload such as `mp/subscribe_send.response`; the test is skipped where recordings are absent."""
    return json.loads(recorded_text(f"{name}.json"))


def recorded_text(name: str) -> str:
    """The text of a recorded payload such as `oa/event.SCAN.xml`."""
    path = FIXTURES / name
    if not path.exists():
        pytest.skip(f"recorded payloads are not at {FIXTURES}; set GUIYI_SHARED")
    return path.read_text(encoding="utf-8")


class Platform:
    """A client of one sandbox: calls like a product's server, and orders like a tester."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.http: FlaskClient = app.test_client(use_cookies=False)
        self.appid, self.secret = demo.APPID, demo.SECRET

    def world(self, path: str, /, **body: Any) -> Any:
        return self.http.post(f"/_world/{path}", json=body).json

    def token(self, **more: str) -> Any:
        query = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, **more}
        return self.http.get("/cgi-bin/token", query_string=query).json

    def stable(self, **more: Any) -> Any:
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret, **more}
        return self.http.post("/cgi-bin/stable_token", json=body).json

    def post(self, path: str, body: Any, *, token: str | None = None) -> Any:
        """A POST as wechatpy makes it: token in the query, real characters in the body."""
        token = token or self.fresh_token()
        raw = json.dumps(body, ensure_ascii=False).encode()
        answer = self.http.post(path, query_string={"access_token": token}, data=raw)
        assert answer.status_code == 200
        return answer.get_json(force=True, silent=True) or answer

    def get(self, path: str, **query: str) -> Any:
        query.setdefault("access_token", self.fresh_token())
        return self.http.get(path, query_string=query).json

    def fresh_token(self) -> str:
        return str(self.stable()["access_token"])

    def login(self, code: str, **more: str) -> Any:
        query = {"appid": self.appid, "secret": self.secret, "js_code": code, "grant_type": "authorization_code"}
        return self.http.get("/sns/jscode2session", query_string={**query, **more}).json

    def person(self, **body: Any) -> Any:
        return self.world("people", **body)
