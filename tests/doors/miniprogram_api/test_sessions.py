"""Whose session it is, at every request: through merges, their undoing and ids that change hands."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import flask
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.kernel.locks import lock
from app.people import identity
from tests.factories.members import NOTICE
from tests.factories.merging import merge, undo
from tests.factories.people import APPID, a_customer, signed_in

PATH = "/mp/v1/consents"


def agrees(client: FlaskClient, headers: dict[str, str], **answers: bool) -> int:
    body = {"answers": answers, "notice_version": NOTICE}
    return client.post(PATH, json=body, headers=headers).status_code


def agreed(client: FlaskClient, headers: dict[str, str]) -> set[str]:
    items = client.get(PATH, headers=headers).get_json()["items"]
    return {item["purpose"] for item in items if item["granted"]}


def openid(name: str) -> identity.Identifier:
    return identity.identifier("openid", name, scope=APPID)


def test_both_phones_of_a_merged_person_go_on_and_each_has_its_own_after_the_undoing(
    client: FlaskClient, now: dt.datetime
) -> None:
    stays, goes = a_customer(now), a_customer(now)
    one, other = signed_in(stays), signed_in(goes)
    agrees(client, other, notice=True)
    merged = merge(stays, goes, now=now)

    assert agreed(client, one) == agreed(client, other) == {"notice"}
    assert agrees(client, other, marketing=True) == agrees(client, one, profiling=True) == 200
    assert agreed(client, one) == {"notice", "marketing", "profiling"}

    undo(merged, now=now)
    assert agreed(client, one) == {"profiling"}
    assert agreed(client, other) == {"notice", "marketing"}


def test_a_merge_between_a_request_and_its_retry_does_not_make_it_act_twice(
    client: FlaskClient, now: dt.datetime
) -> None:
    stays, goes = a_customer(now), a_customer(now)
    phone = signed_in(goes) | {"Idempotency-Key": "the-same-intent"}
    assert agrees(client, phone, marketing=True) == 200
    merge(stays, goes, now=now)
    agrees(client, signed_in(stays), marketing=False)

    assert agrees(client, phone, marketing=True) == 200
    assert agreed(client, signed_in(stays)) == set(), "the first answer again, not a second yes"


@pytest.mark.parametrize("rebound", [False, True])
def test_C07_a_session_ends_with_the_life_of_its_id(client: FlaskClient, now: dt.datetime, rebound: bool) -> None:
    former = a_customer(now, openid="o-handed-on")
    phone = signed_in(former)
    identity.deciding.release(customer_id=former, identifier=openid("o-handed-on"), why="注销微信", now=now)
    if rebound:
        newcomer = a_customer(now, openid="o-handed-on")
        assert agreed(client, signed_in(newcomer)) == set()

    answer = client.get(PATH, headers=phone)
    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")


@pytest.fixture
def meanwhile(committed: flask.Flask) -> Callable[[dict[str, str], int, Callable[[], None]], int]:
    """Post a consent that stops behind a lock, do something else, let go of the lock; the status of the post."""

    def run(headers: dict[str, str], waits_for: int, act: Callable[[], None]) -> int:
        with committed.app_context(), ThreadPoolExecutor(1) as pool:
            with unit_of_work() as session:
                lock(session, f"consent:{waits_for}")
                posted = pool.submit(post, committed, headers)
                wait_for_a_waiter()
                act()
            return posted.result(20)

    return run


def post(app: flask.Flask, headers: dict[str, str]) -> int:
    body = {"answers": {"marketing": True}, "notice_version": NOTICE}
    return app.test_client().post(PATH, json=body, headers=headers).status_code


def wait_for_a_waiter() -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database"
                   " WHERE datname = current_database())")  # fmt: skip
    for _ in range(500):
        with db.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def in_its_own_transaction(app: flask.Flask, act: Callable[[], object]) -> threading.Thread:
    def run() -> None:
        with app.app_context(), unit_of_work():
            act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


Meanwhile = Callable[[dict[str, str], int, Callable[[], None]], int]


def owner_of_the_answer(app: flask.Flask) -> list[tuple[int, int]]:
    with app.app_context(), db.engine.connect() as connection:
        rows = connection.execute(text("SELECT customer_id, born_customer_id FROM consent"))
        return [(row.customer_id, row.born_customer_id) for row in rows]


def test_who_is_merged_away_after_the_guard_looked_acts_as_the_present_person(
    committed: flask.Flask, meanwhile: Meanwhile, now: dt.datetime
) -> None:
    with committed.app_context(), unit_of_work():
        stays, goes = a_customer(now), a_customer(now)
    with committed.app_context():
        phone = signed_in(goes)

    def become_one() -> None:
        in_its_own_transaction(committed, lambda: merge(stays, goes, now=now)).join(20)

    assert meanwhile(phone, goes, become_one) == 200
    assert owner_of_the_answer(committed) == [(stays, goes)]


def test_an_undoing_waits_for_what_the_phone_has_begun_and_takes_it_along(
    committed: flask.Flask, meanwhile: Meanwhile, now: dt.datetime
) -> None:
    with committed.app_context(), unit_of_work():
        stays, goes = a_customer(now), a_customer(now)
        merged = merge(stays, goes, now=now)
    with committed.app_context():
        phone = signed_in(stays, openid=identity.list_identities(stays)[1].value)
    undoing: list[threading.Thread] = []

    def part() -> None:
        undoing.append(in_its_own_transaction(committed, lambda: undo(merged, now=now)))
        undoing[0].join(0.3)

    assert meanwhile(phone, stays, part) == 200
    undoing[0].join(20)
    assert owner_of_the_answer(committed) == [(goes, goes)]
