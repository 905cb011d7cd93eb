"""Coupons and the mall with 64 at once, on real connections: never one too many, never one lost."""

import concurrent.futures
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import flask
import pytest

from app.kernel.database import unit_of_work
from app.kernel.errors import Refusal
from app.membership import coupons, points, rewards
from app.membership.coupons.operations import use
from app.membership.coupons.operations.till import Place, Shown
from tests.conftest import FULL_SIZE
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.rewards import a_reward, a_rich_member

CLIENTS = 64
ATTEMPTS = 3_200 if FULL_SIZE else 640
MEMBERS = 32

Race = Callable[[Callable[[Any], Any], Sequence[Any]], Counter[str]]


@pytest.fixture
def race(committed: flask.Flask) -> Race:
    """Do it for every item, 64 at a time, each in its own transaction; how often each outcome came."""

    def attempt(act: Callable[[Any], Any], item: Any) -> str:
        with committed.app_context():
            try:
                with unit_of_work():
                    act(item)
            except Refusal as refused:
                return refused.code
            return "done"

    def run(act: Callable[[Any], Any], items: Sequence[Any]) -> Counter[str]:
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            return Counter(pool.map(lambda item: attempt(act, item), items))

    return run


@pytest.fixture
def people(committed: flask.Flask, now: dt.datetime) -> list[int]:
    with committed.app_context(), unit_of_work():
        return [a_member(now) for _ in range(MEMBERS)]


def arrange(app: flask.Flask, make: Callable[[], Any]) -> Any:
    with app.app_context(), unit_of_work():
        return make()


def stock(app: flask.Flask, template_id: int) -> tuple[int, list[Any]]:
    """How many are counted as taken, and what a recount finds wrong."""
    return arrange(app, lambda: (coupons.templates.get_template(template_id).taken, coupons.recount()))


def takes(template_id: int, now: dt.datetime) -> Callable[[tuple[int, int]], Any]:
    return lambda item: coupons.take(customer_id=item[0], template_id=template_id, cause=f"take:{item[1]}", now=now)


def everybody(people: list[int], attempts: int) -> list[tuple[int, int]]:
    """Each attempt: who, and which of their attempts it is."""
    return [(people[n % MEMBERS], n // MEMBERS) for n in range(attempts)]


@pytest.mark.parametrize(("limited_by", "attempts"), [("total", ATTEMPTS), ("budget_fen", ATTEMPTS // 5)])
def test_K06_a_limit_of_n_gives_exactly_n(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime, limited_by: str, attempts: int
) -> None:
    limit, worth = attempts // 2, 2_000 if limited_by == "budget_fen" else 1
    template = arrange(committed, lambda: a_template(per_customer=attempts, **{limited_by: limit * worth}))

    outcomes = race(takes(template.id, now), everybody(people, attempts))

    assert outcomes == {"done": limit, "coupon.sold_out": attempts - limit}
    assert stock(committed, template.id) == (limit, [])


def test_taking_and_giving_back_at_once_leaves_exactly_what_is_held(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime
) -> None:
    limit = ATTEMPTS // 5
    template = arrange(committed, lambda: a_template(per_customer=ATTEMPTS, total=limit))
    race(takes(template.id, now), everybody(people, limit))
    held = arrange(committed, lambda: [(who, coupon_id) for who in people for coupon_id in _all_of(who, now)])
    mixed = [
        attempt
        for pair in zip(held, [(who, f"b{n}") for who, n in everybody(people, limit)], strict=True)
        for attempt in pair
    ]

    def act(item: tuple[int, Any]) -> None:
        if isinstance(item[1], str):
            coupons.take(customer_id=item[0], template_id=template.id, cause=f"take:{item[1]}", now=now)
        else:
            use.withdraw(customer_id=item[0], coupon_ids=[item[1]], why="grant_cancelled", now=now)

    outcomes = race(act, mixed)
    taken_again = outcomes["done"] - limit

    assert set(outcomes) <= {"done", "coupon.sold_out"}
    assert stock(committed, template.id) == (taken_again, [])
    refill = race(takes(template.id, now), [(who, f"c{n}") for who, n in everybody(people, limit)])
    assert refill["done"] == limit - taken_again
    assert stock(committed, template.id) == (limit, [])


def _all_of(who: int, now: dt.datetime) -> list[int]:
    return [coupon.id for coupon in coupons.list_coupons(customer_id=who, now=now, limit=100).items]


def test_one_member_in_64_places_takes_up_to_the_limit(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime
) -> None:
    template = arrange(committed, lambda: a_template(per_customer=3, total=1_000))

    outcomes = race(takes(template.id, now), [(people[0], n) for n in range(CLIENTS)])

    assert outcomes == {"done": 3, "coupon.limit_reached": CLIENTS - 3}
    assert stock(committed, template.id) == (3, [])


def test_one_intent_sent_64_times_is_one_coupon(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime
) -> None:
    template = arrange(committed, lambda: a_template(per_customer=9, total=9))

    outcomes = race(takes(template.id, now), [(people[0], 1)] * CLIENTS)

    assert outcomes == {"done": CLIENTS}
    assert stock(committed, template.id) == (1, [])


def test_X04_one_code_at_64_tills_is_redeemed_by_one(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime
) -> None:
    held = arrange(committed, lambda: a_coupon(customer_id=people[0]))

    def redeem(till: int) -> None:
        place = Place(till=f"pos-{till}", order=f"pos/{till}")
        coupons.till.redeem(shown=Shown(codes=(held.code,)), place=place, now=now)

    outcomes = race(redeem, range(CLIENTS))

    assert outcomes == {"done": 1, "coupon.already_redeemed": CLIENTS - 1}


def test_codes_from_outside_are_given_to_one_each(
    committed: flask.Flask, race: Race, people: list[int], now: dt.datetime
) -> None:
    template = arrange(committed, lambda: a_template(from_pool=True, per_customer=ATTEMPTS))
    arrange(
        committed,
        lambda: coupons.templates.add_codes(template_id=template.id, codes=[f"TM-{n:04}" for n in range(40)], now=now),
    )

    outcomes = race(takes(template.id, now), everybody(people, 200))

    assert outcomes == {"done": 40, "coupon.sold_out": 160}


def test_the_last_rewards_cost_points_only_those_who_get_them(
    committed: flask.Flask, race: Race, now: dt.datetime
) -> None:
    rich = arrange(committed, lambda: [a_rich_member(now, 500) for _ in range(MEMBERS)])
    reward = arrange(committed, lambda: a_reward(now, total=5))

    outcomes = race(lambda who: rewards.exchange(customer_id=who, reward_id=reward.id, cause="mall:1", now=now), rich)

    left = arrange(committed, lambda: Counter(points.get_balance(who, now=now).spendable for who in rich))
    assert outcomes == {"done": 5, "reward.sold_out": MEMBERS - 5}
    assert left == {0: 5, 500: MEMBERS - 5}
