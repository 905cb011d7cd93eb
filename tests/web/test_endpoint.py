"""The shape every JSON route has, tried on a small door of its own."""

import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.errors import Conflict, Unauthenticated
from app.web import fields
from app.web.application import create_app
from app.web.endpoint import Door

KEY = {"Authorization": "Bearer known", "Idempotency-Key": "key-000001"}


class SoldOut(Conflict):
    code = "toy.sold_out"
    title = "已抢光"


class ToyTakes(fields.Schema):
    name = fields.Text(longest=10, required=True)
    count = fields.Whole(most=5, required=True)


class ToyGives(fields.Schema):
    toy_id = fields.Sealed("toy")
    count = fields.Whole()


class OnlyKnown:
    security = "consumer"
    key = "toy:1"

    def __call__(self) -> "OnlyKnown":
        if flask.request.headers.get("Authorization") != "Bearer known":
            raise Unauthenticated
        return self


toys = Door("toys", prefix="/toys", guard=OnlyKnown(), about="toys")


@toys.writes("/take", takes=ToyTakes, gives=ToyGives, refuses=[SoldOut], value=True, status=201)
def take_toy(caller: OnlyKnown, body: dict) -> dict:
    """Take a toy."""
    if body["name"] == "gone":
        raise SoldOut(left=0)
    db.session.execute(text("UPDATE clock_offset SET offset_seconds = offset_seconds + 1"))
    return {"toy_id": 7, "count": body["count"]}


@toys.writes("/pair", takes=ToyTakes, gives=ToyGives)
def lock_both(caller: OnlyKnown, body: dict) -> dict:
    """Lock two rows, in the order of the name."""
    for row in body["name"]:
        db.session.execute(text("UPDATE job SET purpose = purpose || 'x' WHERE name = :row"), {"row": row})
        if row == body["name"][0]:
            MEET.wait(5)
    return {"toy_id": 1, "count": 1}


MEET = threading.Barrier(2)


@toys.reads("/<sealed(toy):toy_id>", gives=ToyGives)
def see_toy(caller: OnlyKnown, toy_id: int) -> dict:
    """See a toy."""
    return {"toy_id": toy_id, "count": 1}


@pytest.fixture(scope="module")
def toy_client(application: flask.Flask) -> Iterator[FlaskClient]:
    app = create_app(entrances=[])
    app.register_blueprint(toys.blueprint)
    return app.test_client()


@pytest.fixture
def toy(toy_client: FlaskClient, committed: flask.Flask) -> FlaskClient:
    with committed.app_context(), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO clock_offset VALUES (1, 0)"))
    return toy_client


def taken(committed: flask.Flask) -> int:
    with committed.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text("SELECT offset_seconds FROM clock_offset")).scalar_one())


def test_the_same_key_and_body_get_the_first_answer_and_act_once(toy: FlaskClient, committed: flask.Flask) -> None:
    first = toy.post("/toys/take", json={"name": "bear", "count": 2}, headers=KEY)
    again = toy.post("/toys/take", json={"name": "bear", "count": 2}, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert taken(committed) == 1


def test_the_same_key_with_another_body_is_refused(toy: FlaskClient) -> None:
    toy.post("/toys/take", json={"name": "bear", "count": 2}, headers=KEY)
    other = toy.post("/toys/take", json={"name": "bear", "count": 3}, headers=KEY)

    assert other.status_code == 422
    assert other.get_json()["code"] == "idempotency.mismatch"


def test_a_refusal_is_not_stored_under_the_key(toy: FlaskClient, committed: flask.Flask) -> None:
    refused = toy.post("/toys/take", json={"name": "gone", "count": 2}, headers=KEY)
    then = toy.post("/toys/take", json={"name": "bear", "count": 2}, headers=KEY)

    assert refused.status_code == 409
    assert refused.get_json()["code"] == "toy.sold_out"
    assert refused.get_json()["data"] == {"left": 0}
    assert then.status_code == 201


@pytest.mark.parametrize(
    ("headers", "body", "status", "code"),
    [
        ({}, {"name": "bear", "count": 1}, 401, "unauthenticated"),
        ({"Authorization": "Bearer known"}, {"name": "bear", "count": 1}, 400, "idempotency.key_missing"),
        (KEY | {"Idempotency-Key": "short"}, {"name": "bear", "count": 1}, 400, "idempotency.key_malformed"),
        (KEY, {"name": "bear", "count": 6}, 422, "request.invalid"),
        (KEY, {"name": "bear", "count": "1"}, 422, "request.invalid"),
        (KEY, {"name": "be\0r", "count": 1}, 422, "request.invalid"),
        (KEY, {"name": "bear", "count": 1, "more": 1}, 422, "request.invalid"),
        (KEY, {"name": "", "count": 1}, 422, "request.invalid"),
    ],
)
def test_what_is_not_right_is_refused_with_a_problem_document(
    toy: FlaskClient, headers: dict, body: dict, status: int, code: str
) -> None:
    answer = toy.post("/toys/take", json=body, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert answer.get_json()["trace_id"] == answer.headers["X-Trace-Id"]


def test_a_sealed_id_comes_back_and_another_kind_is_not_found(toy: FlaskClient) -> None:
    from app.kernel.ids import seal

    mine = toy.get(f"/toys/{seal('toy', 7)}", headers=KEY)
    other = toy.get(f"/toys/{seal('bear', 7)}", headers=KEY)

    assert mine.get_json() == {"toy_id": seal("toy", 7), "count": 1}
    assert (other.status_code, other.get_json()["code"]) == (404, "not_found")


def test_of_two_that_lock_each_other_out_both_succeed_in_the_end(
    toy_client: FlaskClient, committed: flask.Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed.app_context(), db.engine.begin() as connection:
        connection.execute(text("INSERT INTO job VALUES ('a', '', ''), ('b', '', '')"))
    meet_once = threading.Barrier(2)
    monkeypatch.setattr(sys.modules[__name__], "MEET", MeetsOnce(meet_once))

    def ask(order: str) -> int:
        client = toy_client.application.test_client()
        headers = {"Authorization": "Bearer known"}
        return client.post("/toys/pair", json={"name": order, "count": 1}, headers=headers).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(ask, ["ab", "ba"])) == [200, 200]
    with committed.app_context(), db.engine.connect() as connection:
        assert connection.execute(text("SELECT purpose FROM job")).scalars().all() == ["xx", "xx"], "each did it once"


class MeetsOnce:
    """Both wait for each other the first time; whoever comes again goes through."""

    def __init__(self, barrier: threading.Barrier) -> None:
        self.barrier, self.met = barrier, set()

    def wait(self, seconds: float) -> None:
        if threading.get_ident() not in self.met:
            self.met.add(threading.get_ident())
            self.barrier.wait(seconds)


def test_malformed_json_is_a_problem_document(toy: FlaskClient) -> None:
    answer = toy.post("/toys/take", data="{", headers=KEY | {"Content-Type": "application/json"})

    assert (answer.status_code, answer.get_json()["code"]) == (400, "request.malformed")


class Twice:
    """A caller who was merged into somebody between the guard's look and the view's; the second look sees who they are."""

    security = "consumer"
    key = "twice"
    born_of: dict[int, int] = {}  # noqa: RUF012
    looks = 0

    def __call__(self) -> "Twice":
        self.looks += 1
        return self

    def hold(self) -> bool:
        return True

    def stands(self) -> bool:
        return self.looks > 1


twice = Twice()
moved = Door("moved", prefix="/moved", guard=twice, about="moved")


@moved.writes("/take", gives=ToyGives, refuses=[SoldOut])
def take_as_whoever(caller: Twice) -> dict:
    """Take, unless still taken for one's former self."""
    if caller.looks == 1:
        raise SoldOut
    return {"toy_id": 1, "count": caller.looks}


def test_a_refusal_of_somebody_who_was_merged_meanwhile_is_thought_over(
    application: flask.Flask, committed: flask.Flask
) -> None:
    app = create_app(entrances=[])
    app.register_blueprint(moved.blueprint)
    assert app.test_client().post("/moved/take").get_json()["count"] == 2
