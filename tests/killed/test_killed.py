"""Killed at any point: web and workers die with -9 in the middle of mixed writes, and nothing is lost or doubled."""

import datetime as dt
import time
from collections.abc import Callable

import flask
from sqlalchemy import text

from app.kernel.database import db, unit_of_work
from app.membership import coupons, members, points
from tests.conftest import FULL_SIZE, NOW
from tests.killed.load import PURSE, Brand, Load, a_brand
from tests.killed.processes import House
from tests.stories import proofs

PEOPLE, EACH, BATCHES, ROUNDS = (100, 250, 40, 5) if FULL_SIZE else (24, 50, 8, 1)
BOOKINGS = PEOPLE


def test_nothing_is_lost_and_nothing_doubled(
    committed: flask.Flask, house: House, time_is: Callable[[dt.datetime], None]
) -> None:
    time_is(NOW)
    with committed.app_context():
        brand = a_brand(PEOPLE)
    load = Load(brand, house.address, ahead=NOW - dt.datetime.now(dt.UTC))
    jobs = [lambda n=n, act=act: act(n) for n in range(EACH) for act in (load.take, load.exchange, load.order)]
    jobs += [lambda n=n: load.book(n) for n in range(BOOKINGS)]

    load.run(jobs, threads=8, disturb=lambda: disturb(house, load, committed))

    time_is(NOW + dt.timedelta(minutes=2))  # what a dead worker had leased is anybody's again
    with committed.app_context():
        wait_for_workers()
        assert load.retried, "nobody was disturbed: the test proves nothing"
        assert count_effects(brand) == expected_effects(load)
        assert balances(brand) == [PURSE - load.spent[who] for who in range(PEOPLE)]
        assert_books_balance()


def disturb(house: House, load: Load, application: flask.Flask) -> None:
    """Kill what is running while the load goes on; grants in bulk come in between."""
    planned = 3 * EACH + 3 * BOOKINGS
    for round_number in range(ROUNDS):
        for part, strike in enumerate((_one_web_process, _workers, _whole_web, _workers_and_clock)):
            _wait_for(load, planned * (round_number + 0.1 + 0.2 * part) / ROUNDS)
            with application.app_context():
                for number in range(BATCHES // 4):
                    load.grant((round_number * 4 + part) * BATCHES + number)
            strike(house)


def _wait_for(load: Load, count: float) -> None:
    end = time.monotonic() + 120
    while load.total < count and time.monotonic() < end:
        time.sleep(0.005)


def _one_web_process(house: House) -> None:
    house.kill_one_web_process()


def _whole_web(house: House) -> None:
    house.kill("web")
    house.start("web")


def _workers(house: House) -> None:
    house.kill("workers")
    house.start("workers")


def _workers_and_clock(house: House) -> None:
    house.kill("workers", "clock")
    house.start("workers", "clock")


def wait_for_workers(seconds: float = 90) -> None:
    """Until everything posted is done."""
    end = time.monotonic() + seconds
    while (left := _count("SELECT count(*) FROM outbox WHERE done_at IS NULL")) and time.monotonic() < end:
        time.sleep(0.1)
    assert left == 0, "work that was posted is not done"


def _count(query: str, **values: object) -> int:
    with unit_of_work():
        return int(db.session.execute(text(query), values).scalar_one())


def count_effects(brand: Brand) -> dict[str, int]:
    """What is in the tables."""
    template = "SELECT count(*) FROM coupon WHERE template_id = :id"
    return {
        "take": _count(template, id=brand.template_id),
        "exchange": _count("SELECT count(*) FROM reward_exchange"),
        "order": _count("SELECT count(*) FROM sales_order WHERE paid_at IS NOT NULL"),
        "hold": _count("SELECT count(*) FROM booking"),
        "redeem": _count("SELECT count(*) FROM booking WHERE redeemed_at IS NOT NULL"),
        "cancel": _count("SELECT count(*) FROM booking WHERE state = 'cancelled'"),
        "confirm": _count("SELECT count(*) FROM booking_log WHERE what = 'confirmed'"),
        "granted": _count(template, id=brand.grants_id),
        "granted, as batches say": _count("SELECT coalesce(sum(granted), 0) FROM coupon_batch"),
    }


def expected_effects(load: Load) -> dict[str, int]:
    """What was acknowledged, each write once."""
    assert load.answered["take"] == load.answered["exchange"] == load.answered["order"] == EACH
    assert load.answered["hold"] == load.answered["confirm"] == BOOKINGS
    granted = _count("SELECT sum(wanted) FROM coupon_batch")
    assert granted == ROUNDS * 4 * (BATCHES // 4) * PEOPLE
    return dict(load.answered) | {"granted": granted, "granted, as batches say": granted}


def balances(brand: Brand) -> list[int]:
    """What the members can spend."""
    return [points.get_balance(member, now=NOW).spendable for member in brand.members]


def assert_books_balance() -> None:
    """Recounts find no difference."""
    with unit_of_work():
        assert proofs.broken() == []
        assert points.recount() == []
        assert coupons.recount() == []
        assert members.recount(now=NOW) == []
