"""Reports and new customers at the same time, on real connections: no order is lost between them."""

import functools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import flask
from sqlalchemy import text

from app.kernel.database import again_when_given_up, db, unit_of_work
from app.people import identity
from app.people.identity.operations.lives import lock_customers
from app.trade import orders
from tests.conftest import FULL_SIZE, NOW
from tests.factories.merging import merge
from tests.factories.orders import a_report
from tests.factories.people import a_customer

PEOPLE = 40 if FULL_SIZE else 12


def test_an_order_and_its_buyer_arriving_at_once_always_meet(committed: flask.Flask) -> None:
    barrier = threading.Barrier(2)

    def tell() -> None:
        with committed.app_context():
            for number in range(PEOPLE):
                buyers = (orders.Buyer("phone", "", f"139{number + 1:08}"),)
                barrier.wait()
                with unit_of_work():
                    orders.report_orders([a_report(number=f"R{number}", buyers=buyers)], source="test", now=NOW)

    def join() -> None:
        with committed.app_context():
            for number in range(PEOPLE):
                known = [identity.identifier("phone", f"139{number + 1:08}")]
                barrier.wait()
                with unit_of_work():
                    identity.recognise(known, source="test", now=NOW)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(tell), pool.submit(join)]:
            done.result()
    with committed.app_context(), db.engine.connect() as connection:
        waiting = connection.execute(text("SELECT count(*) FROM sales_order WHERE customer_id IS NULL")).scalar()
        told = connection.execute(text("SELECT count(*) FROM sales_order WHERE told_paid")).scalar()
    assert (waiting, told) == (0, PEOPLE)


def test_the_same_orders_from_many_tills_at_once_are_kept_once(committed: flask.Flask) -> None:
    # Without lines: a note of an unknown product would make them wait for each other before they meet.
    reports = [a_report(number=f"R{number}", lines=None) for number in range(20)]

    barrier = threading.Barrier(8)

    def tell(_: int) -> list[str]:
        barrier.wait()
        with committed.app_context(), unit_of_work():
            return [outcome.status for outcome in orders.report_orders(reports, source="test", now=NOW)]

    with ThreadPoolExecutor(8) as pool:
        statuses = [status for told in pool.map(tell, range(8)) for status in told]

    assert (statuses.count("accepted"), statuses.count("unchanged")) == (20, 140)


def test_orders_of_who_is_merged_at_that_moment_are_the_persons(committed: flask.Flask) -> None:
    barrier, phones = threading.Barrier(2), [f"139{number:08}" for number in range(1, PEOPLE + 1)]
    with committed.app_context(), unit_of_work():
        pairs = [(a_customer(NOW), a_customer(NOW, phone=phone)) for phone in phones]

    def both(act: Callable[[int], None]) -> None:
        with committed.app_context():
            for number in range(PEOPLE):
                barrier.wait()
                again_when_given_up(functools.partial(act, number))

    def tell(number: int) -> None:
        with unit_of_work():
            buyers = (orders.Buyer("phone", "", phones[number]),)
            orders.report_orders([a_report(number=f"R{number}", buyers=buyers)], source="test", now=NOW)

    def join(number: int) -> None:
        with unit_of_work():
            lock_customers(pairs[number], whole=True)
            merge(*pairs[number], now=NOW)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(both, act) for act in (tell, join)]:
            done.result()
    with committed.app_context(), db.engine.connect() as connection:
        whose = connection.execute(text("SELECT customer_id, born_customer_id FROM sales_order WHERE told_paid")).all()
    assert sorted(whose) == sorted(pairs)
