"""Every route × every kind of caller. Who may not is refused before anything is read, in the way the door's callers expect."""

import re
from collections.abc import Iterator

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.people import teams
from app.web.application import LARGEST_BODY_BYTES
from tests.doors.callers import Callers, arrange
from tests.doors.matrix import MATRIX, ROLES, Route
from tests.signing import signed_headers

GUARDED = [route for route in MATRIX if route.who != "anybody"]
STAFF = [route for route in GUARDED if ROLES[route.who]]
ID_IN_PATH = re.compile(r"{(\w+)}")
# Bodies good enough to come as far as the thing that is somebody else's.
BODIES = {"confirm": {}, "accept": {}, "move": {"starts_at": "2030-05-21T06:00:00Z"}}


@pytest.fixture
def callers(client: FlaskClient) -> Callers:
    """Everybody, with something of their own."""
    return arrange()


class Asking:
    """Asks routes as somebody, and keeps what was wrong."""

    def __init__(self, client: FlaskClient, callers: Callers) -> None:
        self.client, self.callers = client, callers
        self.wrong: list[str] = []

    def ask(self, route: Route, kind: str, body: bytes = b"{}", **ids: str) -> TestResponse:
        """One request of this kind of caller, with the member's own ids unless others are given."""
        named = {
            "name": "x",
            "state": "open",
            "appid": "wxfedcba9876543210",
            "key": "guessed",
            "act": "pause",
            "verdict": "sent",
        }
        known = self.callers.owned | named | ids
        path = ID_IN_PATH.sub(lambda found: known[found[1]], route.path)
        headers = self.callers.sign_in(kind) | {"Origin": "http://localhost", "Idempotency-Key": "key-of-a-test"}
        body = body if route.method != "GET" else b""
        if kind == "machine":
            headers |= signed_headers(route.method, path, body)
        if route.takes_json or b"{" not in body:
            headers["Content-Type"] = "application/json"
        return self.client.open(path, method=route.method, data=body, headers=headers)

    def expect(self, right: bool, route: Route, kind: str, answer: TestResponse) -> None:
        """Note what was answered wrongly."""
        if not right:
            told = answer.get_data(as_text=True)[:120]
            self.wrong.append(f"{route.method} {route.path} as {kind}: {answer.status_code} {told}")


@pytest.fixture
def asking(client: FlaskClient, callers: Callers) -> Iterator[Asking]:
    asked = Asking(client, callers)
    yield asked
    assert not asked.wrong, "\n".join(asked.wrong)


def refused(route: Route, answer: TestResponse, *statuses: int) -> bool:
    """JSON: a problem document with the status. A page: the way to the sign-in, or a page that says no."""
    if route.is_page and 401 in statuses and answer.status_code == 303:
        return "/sign-in" in answer.headers["Location"]
    if answer.status_code not in statuses or (route.is_page and answer.status_code == 401):
        return False
    return route.is_page or (
        answer.content_type == "application/problem+json" and answer.get_json()["status"] == answer.status_code
    )


def test_every_route_is_in_the_matrix(application: flask.Flask) -> None:
    routes = {
        (method, re.sub(r"<(?:[^<>]*:)?(\w+)>", r"{\1}", rule.rule))
        for rule in application.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    known = {(route.method, route.path) for route in MATRIX}
    assert routes - known == set(), "decide who may call it and write it into tests/doors/matrix.py"
    assert known - routes == set(), "this route is gone: take it out of tests/doors/matrix.py"


def test_nobody_comes_in_without_saying_who_they_are(asking: Asking) -> None:
    for route in GUARDED:
        answer = asking.ask(route, "anonymous")
        asking.expect(refused(route, answer, 401), route, "anonymous", answer)


def test_a_token_opens_only_its_own_doors(asking: Asking) -> None:
    for route in GUARDED:
        strangers = {"consumer": ("admin", "machine"), "machine": ("member", "admin")}
        for kind in strangers.get(route.who, ("member", "machine")):
            answer = asking.ask(route, kind)
            asking.expect(refused(route, answer, 401), route, kind, answer)


def test_every_role_comes_in_where_it_may_and_nowhere_else(asking: Asking) -> None:
    assert set(ROLES["staff"]) == set(teams.ROLES)
    for route in STAFF:
        for role in teams.ROLES:
            answer = asking.ask(route, role)
            if role in ROLES[route.who]:
                asking.expect(answer.status_code not in (401, 403) and answer.status_code < 500, route, role, answer)
            else:
                asking.expect(refused(route, answer, 403), route, role, answer)


def test_forms_with_nothing_in_them_are_no_defect(asking: Asking) -> None:
    for route in MATRIX:
        if route.is_page and route.method == "POST" and route.who == "anybody":
            answer = asking.ask(route, "anonymous")
            asking.expect(answer.status_code in (404, 422), route, "anonymous", answer)


def test_consumers_and_machines_come_in(asking: Asking) -> None:
    for route in GUARDED:
        for kind in {"consumer": ("guest", "member"), "machine": ("machine",)}.get(route.who, ()):
            answer = asking.ask(route, kind)
            asking.expect(answer.status_code not in (401, 403) and answer.status_code < 500, route, kind, answer)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b'{"half": ', 400), (b"\xff\xfe", 400), (b"[" * 100_000, 400), (b"9" * 5_000, 400), (b" " * (LARGEST_BODY_BYTES + 1), 413)],
    ids=["half", "no text", "deep", "long number", "oversized"],
)  # fmt: skip
def test_malformed_and_oversized_bodies_are_refused(asking: Asking, body: bytes, status: int) -> None:
    for route in MATRIX:
        if route.takes_json:
            kind = {"consumer": "member", "machine": "machine", "anybody": "anonymous"}.get(route.who, "admin")
            answer = asking.ask(route, kind, body)
            asking.expect(refused(route, answer, status), route, kind, answer)


def test_what_is_somebody_elses_does_not_exist(asking: Asking) -> None:
    owned = set(asking.callers.foreign)
    for route in GUARDED:
        names = set(ID_IN_PATH.findall(route.path))
        if route.who == "consumer" and names and names <= owned:
            body = next((words for end, words in BODIES.items() if route.path.endswith(end)), {})
            for kind in ("member", "guest"):
                answer = asking.ask(route, kind, flask.json.dumps(body).encode(), **asking.callers.foreign)
                asking.expect(refused(route, answer, 404), route, kind, answer)


def test_ids_that_we_did_not_seal_do_not_exist(asking: Asking) -> None:
    for route in GUARDED:
        names = [name for name in ID_IN_PATH.findall(route.path) if name.endswith("_id")]
        kind = {"consumer": "member"}.get(route.who, "admin")
        for invented in ("1", "a" * 26, asking.callers.values["reward_id"]):
            if names:
                answer = asking.ask(route, kind, **dict.fromkeys(names, invented))
                asking.expect(refused(route, answer, 404), route, kind, answer)


def test_a_shop_sees_no_other_shops_orders(asking: Asking) -> None:
    [route] = [route for route in MATRIX if route.path == "/open/v1/orders/{channel}/{number}"]
    answer = asking.ask(route, "machine", channel="demo-pos")
    asking.expect(refused(route, answer, 403, 404), route, "machine", answer)
