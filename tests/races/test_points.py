"""Many at once on one account, on real connections."""

import concurrent.futures
import datetime as dt
import threading
import time
from collections import Counter
from collections.abc import Callable

import flask
import pytest

from app.kernel import facts
from app.kernel.database import unit_of_work
from app.kernel.errors import Refusal
from app.membership import points
from app.trade.orders import OrderLine, OrderPaid
from tests.factories.members import a_member
from tests.factories.people import a_customer
from tests.factories.points import someone_with

CLIENTS = 64


@pytest.fixture
def customer_id(committed: flask.Flask, now: dt.datetime) -> int:
    """Somebody with a hundred points."""
    with committed.app_context(), unit_of_work():
        return someone_with(100, now)


def at_once(app: flask.Flask, attempts: list[Callable[[], object]]) -> Counter[str]:
    """Each attempt in a transaction and thread of its own; how many ended how."""

    def attempt(act: Callable[[], object]) -> str:
        with app.app_context():
            try:
                with unit_of_work():
                    act()
            except Refusal as refused:
                return refused.code
            return "done"

    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(attempt, attempts))


def spend(customer_id: int, now: dt.datetime, cause: str, amount: int = 10) -> Callable[[], object]:
    return lambda: points.spend(customer_id=customer_id, amount=amount, cause=cause, why="换中样", now=now)


def left(app: flask.Flask, customer_id: int, now: dt.datetime) -> points.Balance:
    with app.app_context():
        assert points.recount() == []
        return points.get_balance(customer_id, now=now)


def test_a_hundred_points_under_64_spends_of_ten_give_exactly_ten(
    committed: flask.Flask, customer_id: int, now: dt.datetime
) -> None:
    outcomes = at_once(committed, [spend(customer_id, now, f"exchange:{number}") for number in range(64)])

    assert outcomes == {"done": 10, "points.insufficient": 54}
    assert left(committed, customer_id, now).spendable == 0


def test_one_spend_told_64_times_at_once_is_one_spend(
    committed: flask.Flask, customer_id: int, now: dt.datetime
) -> None:
    outcomes = at_once(committed, [spend(customer_id, now, "exchange:1", amount=100) for _ in range(64)])

    assert outcomes == {"done": 64}
    assert left(committed, customer_id, now).spendable == 0


def test_holds_and_spends_share_one_balance(committed: flask.Flask, customer_id: int, now: dt.datetime) -> None:
    def hold(number: int) -> Callable[[], object]:
        return lambda: points.hold(customer_id=customer_id, amount=10, cause=f"hold:{number}", why="下单抵扣", now=now)

    outcomes = at_once(committed, [hold(n) if n % 2 else spend(customer_id, now, f"exchange:{n}") for n in range(64)])

    assert outcomes == {"done": 10, "points.insufficient": 54}
    assert left(committed, customer_id, now).spendable == 0


def test_first_earnings_of_one_person_at_once_all_count(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        customer_id = a_customer(now)

    def earn(number: int) -> Callable[[], object]:
        cause = f"survey:{number}"
        return lambda: points.earn(customer_id=customer_id, amount=1, cause=cause, why="问卷", now=now)

    assert at_once(committed, [earn(number) for number in range(64)]) == {"done": 64}
    assert left(committed, customer_id, now).spendable == 64


def test_no_more_is_given_back_at_once_than_was_spent(
    committed: flask.Flask, customer_id: int, now: dt.datetime
) -> None:
    with committed.app_context(), unit_of_work():
        spend(customer_id, now, "exchange:1", amount=100)()

    def back(number: int) -> Callable[[], object]:
        return lambda: points.give_back(
            customer_id=customer_id, cause_of_spend="exchange:1", cause=f"cancel:{number}", now=now, amount=10
        )

    outcomes = at_once(committed, [back(number) for number in range(64)])

    assert outcomes == {"done": 10, "points.too_much_given_back": 54}
    assert left(committed, customer_id, now).spendable == 100


def test_due_lots_are_cleared_once_by_many_workers(committed: flask.Flask, now: dt.datetime) -> None:
    tomorrow = now + dt.timedelta(days=1)
    with committed.app_context(), unit_of_work():
        customers = [someone_with(10, now, expires_at=tomorrow) for _ in range(20)]

    at_once(committed, [lambda: points.due.expire_due(now=tomorrow, limit=3)] * 16)

    assert sum(left(committed, one, now).spendable for one in customers) == 0


def test_batches_with_the_same_customers_do_not_block_each_other_for_good(
    committed: flask.Flask, now: dt.datetime
) -> None:
    with committed.app_context(), unit_of_work():
        customers = [a_member(now) for _ in range(6)]

    def batch(number: int) -> Callable[[], object]:
        told = [
            paid(one, number * 10 + place, now)
            for place, one in enumerate(customers[number % 6 :] + customers[: number % 6])
        ]
        return lambda: facts.announce(told)

    assert at_once(committed, [batch(number) for number in range(24)]) == {"done": 24}
    assert {left(committed, one, now).spendable for one in customers} >= {24}


def test_M05_an_order_claimed_by_two_at_once_earns_for_the_first(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        first, second = a_member(now), a_member(now)
    told = threading.Event()

    def claim_first() -> None:
        facts.announce([paid(first, 1, now)])
        told.set()
        time.sleep(0.5)  # the second finds no row yet, and waits for this transaction when it writes its own

    def claim_second() -> None:
        told.wait()
        facts.announce([paid(second, 1, now)])

    assert at_once(committed, [claim_first, claim_second]) == {"done": 2}
    assert [left(committed, one, now).spendable for one in (first, second)] == [1, 0]


def paid(customer_id: int, order_id: int, now: dt.datetime) -> OrderPaid:
    return OrderPaid(
        order_id=order_id,
        customer_id=customer_id,
        born_customer_id=customer_id,
        channel="shop",
        number=f"N{order_id}",
        store_id=None,
        paid_at=now,
        base_fen=100,
        earns=True,
        at_once=True,
        lines=(OrderLine("P1", 1, 100),),
        coupon_codes=(),
        at=now,
    )
