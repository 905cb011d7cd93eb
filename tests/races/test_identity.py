"""Many at once, on real connections: one person stays one customer, one number stays with one holder."""

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.people import identity
from tests.factories.people import APPID, a_customer

T = TypeVar("T")
THREADS = 20


def at_once(app: flask.Flask, act: Callable[[int], T]) -> list[T | Exception]:
    """What each of twenty threads got, its own transaction each, begun together."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> T | Exception:
        with app.app_context():
            try:
                with unit_of_work():
                    db.session.execute(text("SELECT 1"))
                    start.wait()
                    return act(number)
            except Exception as refused:
                return refused

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def count(app: flask.Flask, statement: str) -> int:
    with app.app_context(), unit_of_work() as session:
        return int(session.execute(text(statement)).scalar_one())


@pytest.mark.parametrize("with_unionid", [False, True])
def test_C03_twenty_devices_that_open_at_once_are_one_customer(
    committed: flask.Flask, now: dt.datetime, with_unionid: bool
) -> None:
    openid, unionid = identity.identifier("openid", "o-1", scope=APPID), identity.identifier("unionid", "u-1")
    ids = [openid, unionid] if with_unionid else [openid]
    found = at_once(committed, lambda _: identity.recognise(ids, source="miniprogram", now=now))

    assert len(set(found)) == 1, found
    assert count(committed, "SELECT count(*) FROM customer") == 1
    assert count(committed, "SELECT count(*) FROM identity") == len(ids)


def test_C12_twenty_openids_of_one_unionid_are_one_customer(committed: flask.Flask, now: dt.datetime) -> None:
    """Each knows the person by another app; half name the unionid first, so that locks are asked for in both orders."""

    def log_in(number: int) -> int:
        openid = identity.identifier("openid", "o-1", scope=f"wx{number:016}")
        ids = [openid, identity.identifier("unionid", "u-1")]
        return identity.recognise(ids if number % 2 else ids[::-1], source="miniprogram", now=now)

    found = at_once(committed, log_in)

    assert len(set(found)) == 1, found
    assert count(committed, "SELECT count(*) FROM identity") == THREADS + 1


def test_C03_one_phone_asked_for_by_twenty_customers_has_one_holder(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        customers = [a_customer(now) for _ in range(THREADS)]
    phone = identity.identifier("phone", "13800000001")

    def take(number: int) -> None:
        identity.attach(customer_id=customers[number], identifier=phone, proof="picked", now=now)

    answers = at_once(committed, take)

    assert answers.count(None) == 1
    assert sum(isinstance(answer, identity.IdentityTaken) for answer in answers) == THREADS - 1, answers
    assert count(committed, "SELECT count(*) FROM identity WHERE kind = 'phone' AND until IS NULL") == 1


def test_a_number_given_up_and_asked_for_at_once_is_never_held_twice(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        customers = [a_customer(now) for _ in range(THREADS - 1)]
        holder = a_customer(now, phone="13800000001")
    phone = identity.identifier("phone", "13800000001")

    def act(number: int) -> None:
        if number == 0:
            identity.deciding.release(customer_id=holder, identifier=phone, why="换号", now=now)
        else:
            identity.attach(customer_id=customers[number - 1], identifier=phone, proof="picked", now=now)

    answers = at_once(committed, act)

    assert answers[0] is None
    assert answers[1:].count(None) <= 1
    assert all(answer is None or isinstance(answer, identity.IdentityTaken) for answer in answers), answers
    living = count(committed, "SELECT count(*) FROM identity WHERE kind = 'phone' AND until IS NULL")
    assert living == answers[1:].count(None)
