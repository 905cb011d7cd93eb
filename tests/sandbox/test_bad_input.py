"""Whatever is thrown at it, the sandbox answers in the platform's manner: HTTP 200 and an errcode, never a 5xx."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox import Settings, create_app, demo
from sandbox.platform.calls import REGISTRY
from tests.sandbox.playing import Platform

WORLD = Platform(create_app(Settings()))
NAMES = [
    "touser", "template_id", "data", "page", "code", "scene", "width", "line_color", "content", "version", "openid",
    "tid", "kidList", "expire_type", "expire_time", "jump_wxa", "cgi_path", "rid", "appid", "grant_type", "query",
]  # fmt: skip
KNOWN = st.sampled_from(["OPENID", demo.APPID, demo.TEMPLATES[0]["template_id"], "401", "\ud800", 2, 1e400, "a" * 40])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | KNOWN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def token() -> str:
    WORLD.person(openids={demo.APPID: "OPENID"})
    return WORLD.fresh_token()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(path=st.sampled_from(sorted(REGISTRY)), body=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6))
def test_any_json_object_is_answered(token: str, path: str, body: dict[str, Any]) -> None:
    query = {"access_token": token, **{name: str(value) for name, value in body.items() if isinstance(value, int)}}
    for method in ("GET", "POST"):
        answer = WORLD.http.open(path, method=method, query_string=query, data=json.dumps(body))
        assert answer.status_code == 200
        assert answer.mimetype == "image/png" or isinstance(json.loads(answer.data), dict)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{", b"\xff\xfe", b"[" * 100_000, b'{"touser": {}}', b"null", b"{}"])
@pytest.mark.parametrize("path", ["/cgi-bin/message/subscribe/send", "/wxa/getwxacodeunlimit", "/wxa/msg_sec_check"])
def test_broken_bodies(token: str, path: str, raw: bytes) -> None:
    answer = WORLD.http.post(path, query_string={"access_token": token}, data=raw)
    assert answer.status_code == 200
    assert json.loads(answer.data)["errcode"] in (40003, 40169, 44002, 44004, 47001)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"offset": float("nan")}),
        ("clock", {"advance": 1e300}),
        ("clock", {"now": "soon"}),
        ("apps", {"templates": ["x"]}),
        ("apps", {"templates": [{"fields": []}]}),
        ("apps", {"pages": 5}),
        ("apps", {"colour": "red"}),
        ("people/p1/subscribe", {"answers": {demo.TEMPLATES[0]["template_id"]: "maybe"}}),
        ("people/p1/subscribe", {"answers": 5}),
        ("people/p1", {"phone": "1"}),
        ("faults", {"kind": "latency", "seconds": "x"}),
    ],
)
def test_world_refuses_nonsense(token: str, path: str, body: Any) -> None:
    assert WORLD.http.post(f"/_world/{path}", json=body).status_code == 400
    assert WORLD.http.get("/_world/clock").status_code == 200


def test_unknown_paths() -> None:
    for path in ("/cgi-bin/nothing", "/semantic/semproxy/search", "/favicon.ico"):
        answer = WORLD.http.get(path)
        assert (answer.status_code, json.loads(answer.data)["errcode"]) == (200, 40066)
    assert WORLD.http.get("/_world/nothing").status_code == 404
