"""Many at once, on real connections."""

import concurrent.futures
import datetime as dt

import flask
import pytest
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.membership import members
from app.people import identity
from tests.factories.members import NOTICE
from tests.factories.people import a_customer, a_phone
from tests.rooms.members.ordering import bought

AGREED = members.Profile(notice_version=NOTICE)


def join(app: flask.Flask, customer_id: int, phone: str, now: dt.datetime) -> str:
    """One phone's attempt: joined, or why not."""
    with app.app_context():
        try:
            with unit_of_work():
                number = identity.identifier("phone", phone)
                members.join(customer_id=customer_id, phone=number, profile=AGREED, now=now)
        except members.PhoneIsMember as refused:
            return refused.code
        return "joined"


@pytest.fixture
def twenty(committed: flask.Flask, now: dt.datetime) -> list[int]:
    with committed.app_context(), unit_of_work():
        members.ship_stock(now=now)
        return [a_customer(now) for _ in range(20)]


def count(app: flask.Flask, what: str) -> int:
    with app.app_context(), db.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one())


def test_one_phone_taken_by_twenty_at_once_gives_one_member(
    committed: flask.Flask, twenty: list[int], now: dt.datetime
) -> None:
    phone = a_phone()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda customer_id: join(committed, customer_id, phone, now), twenty))

    assert sorted(outcomes) == ["card.phone_is_member"] * 19 + ["joined"]
    assert count(committed, "member") == 1
    assert count(committed, "identity WHERE kind = 'phone' AND until IS NULL") == 1


def test_C03_one_person_tapping_twenty_times_at_once_gets_one_card(
    committed: flask.Flask, twenty: list[int], now: dt.datetime
) -> None:
    phone = a_phone()
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        outcomes = list(pool.map(lambda _: join(committed, twenty[0], phone, now), range(20)))

    assert outcomes == ["joined"] * 20
    assert (count(committed, "member"), count(committed, "joining_gift_claim")) == (1, 1)


def paid(app: flask.Flask, phone: str, number: int, now: dt.datetime) -> None:
    with app.app_context(), unit_of_work():
        bought(phone, 100, now, number=f"RACE-{number}")


@pytest.fixture
def phones(committed: flask.Flask, twenty: list[int], now: dt.datetime, is_known: bool) -> list[str]:
    """A number for each of the twenty; known to be theirs before, or attached on joining."""
    numbers = [a_phone() for _ in twenty]
    with committed.app_context(), unit_of_work():
        for customer_id, number in zip(twenty, numbers, strict=True):
            if is_known:
                phone = identity.identifier("phone", number)
                identity.attach(customer_id=customer_id, identifier=phone, proof="picked", now=now)
    return numbers


@pytest.mark.parametrize("is_known", [True, False])
def test_no_order_falls_between_being_written_and_joining(
    committed: flask.Flask, twenty: list[int], phones: list[str], now: dt.datetime
) -> None:
    """Orders arrive while their buyers take the card: each of them counts exactly once, whoever was first."""
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        waiting = []
        for number, (customer_id, phone) in enumerate(zip(twenty, phones, strict=True)):
            waiting += [
                pool.submit(paid, committed, phone, 3 * number, now),
                pool.submit(join, committed, customer_id, phone, now),
                pool.submit(paid, committed, phone, 3 * number + 1, now),
                pool.submit(paid, committed, phone, 3 * number + 2, now),
            ]
        for one in waiting:
            one.result()

    with committed.app_context(), db.engine.connect() as connection:
        growth = connection.execute(text("SELECT growth, count(*) FROM member GROUP BY growth")).all()
        assert [tuple(row) for row in growth] == [(300, 20)]
