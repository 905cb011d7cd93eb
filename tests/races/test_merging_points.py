"""People become one, and two again, while many spend and earn: nothing is lost, nothing stays behind."""

import concurrent.futures
import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable

import flask
import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.kernel.carrier import carried_by
from app.kernel.database import again_when_given_up, db, unit_of_work
from app.kernel.errors import Refusal
from app.membership import points
from app.people.identity import PeopleMerged
from tests.factories import merging
from tests.factories.points import give, someone_with

CLIENTS = 64


@pytest.fixture
def people(committed: flask.Flask, now: dt.datetime) -> tuple[int, int]:
    """Who stays and who goes, with a hundred points each."""
    with committed.app_context(), unit_of_work():
        return someone_with(100, now), someone_with(100, now)


def at_once(app: flask.Flask, attempts: list[Callable[[], object]]) -> Counter[str]:
    """Each attempt in a transaction and thread of its own; how many ended how."""
    ready = threading.Barrier(len(attempts))

    def attempt(act: Callable[[], object]) -> str:
        def once() -> None:
            with unit_of_work():
                act()

        with app.app_context():
            ready.wait()
            try:
                again_when_given_up(once)
            except Refusal as refused:
                return refused.code
            except (psycopg.errors.ForeignKeyViolation, IntegrityError):
                return "gone"
            return "done"

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(attempt, attempts))


def spend(customer_id: int, now: dt.datetime, cause: str) -> Callable[[], object]:
    return lambda: points.spend(customer_id=customer_id, amount=10, cause=cause, why="换中样", now=now)


def found(app: flask.Flask, customer_id: int, now: dt.datetime) -> int:
    with app.app_context():
        assert points.recount() == []
        return points.get_balance(customer_id, now=now).spendable


def moved(app: flask.Flask) -> int:
    with app.app_context():
        return (
            db.session.execute(text("SELECT count(*) FROM points_movement WHERE kind IN ('spend', 'earn')")).scalar()
            or 0
        )


def test_spending_while_two_become_one_lands_with_who_stays_or_fails(
    committed: flask.Flask, people: tuple[int, int], now: dt.datetime
) -> None:
    stays, goes = people
    spending = [spend(goes if number % 2 else stays, now, f"exchange:{number}") for number in range(CLIENTS - 1)]
    spending.insert(20, lambda: merging.merge(stays, goes, now=now))

    outcomes = at_once(committed, spending)

    spent = outcomes["done"] - 1
    assert outcomes["done"] + outcomes["gone"] + outcomes["points.insufficient"] == CLIENTS
    assert found(committed, stays, now) == 200 - 10 * spent
    assert moved(committed) == 2 + spent
    assert found(committed, goes, now) == 0


def test_earning_while_two_are_set_apart_again_is_whose_id_it_came_by(
    committed: flask.Flask, people: tuple[int, int], now: dt.datetime
) -> None:
    stays, goes = people
    with committed.app_context(), unit_of_work():
        merged = merging.merge(stays, goes, now=now)

    def earn(born: int) -> None:
        with carried_by({stays: born}):
            give(stays, 1, now)

    def apart(fact: PeopleMerged) -> Callable[[], object]:
        return lambda: merging.undo(fact, now=now)

    earning: list[Callable[[], object]] = [
        (lambda born: lambda: earn(born))(goes if number % 2 else stays) for number in range(CLIENTS - 1)
    ]
    outcomes = at_once(committed, [*earning[:20], apart(merged), *earning[20:]])

    assert outcomes["done"] + outcomes["gone"] == CLIENTS
    assert found(committed, stays, now) + found(committed, goes, now) == 200 + outcomes["done"] - 1
    with committed.app_context():
        strays = text("SELECT count(*) FROM points_lot WHERE customer_id <> born_customer_id")
        assert db.session.execute(strays).scalar() == 0, "who came by an id that was somebody else's again had to fail"
