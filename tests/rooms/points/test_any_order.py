"""Order facts in any order, any number of times, lead to the same points."""

import datetime as dt
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import facts
from app.membership import points
from app.trade.orders import OrderLine, OrderPaid, OrderReceived, OrderRefunded
from tests.conftest import FULL_SIZE
from tests.factories.members import a_member

Fact = OrderPaid | OrderReceived | OrderRefunded
_orders = count(1)


def story(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """What happens to one order: paid, perhaps received, refunds with their running totals."""
    base = draw(st.integers(1, 100_000))
    parts = draw(st.lists(st.integers(1, base), max_size=3))
    totals = [min(sum(parts[: place + 1]), base) for place in range(len(parts))]
    told = [("paid", base, 0), *(("refunded", base, total) for total in totals)]
    return [*told, ("received", base, 0)] if draw(st.booleans()) else told


@st.composite
def tellings(draw: st.DrawFn) -> tuple[list[tuple[int, tuple[str, int, int]]], list[int], list[int]]:
    """Some orders' stories, an order of telling with repetitions, and where the batches are cut."""
    told = [(order, one) for order in range(draw(st.integers(1, 3))) for one in story(draw)]
    again = draw(st.lists(st.sampled_from(range(len(told))), max_size=4))
    shuffled = draw(st.permutations([*range(len(told)), *again]))
    return told, shuffled, draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))


def fact(customer_id: int, order_id: int, one: tuple[str, int, int], *, at_once: bool, now: dt.datetime) -> Fact:
    kind, base, total = one
    if kind == "received":
        return OrderReceived(order_id, customer_id, customer_id, now - dt.timedelta(days=1), now)
    if kind == "refunded":
        number = f"R{total}"
        return OrderRefunded(order_id, customer_id, customer_id, number, 1, total, base, total == base, (), now, now)
    lines = (OrderLine("P1", 1, base),)
    number = f"N{order_id}"
    return OrderPaid(order_id, customer_id, customer_id, "shop", number, None, now, base, True, at_once, lines, (), now)


def in_batches(told: list[Fact], sizes: list[int]) -> list[list[Fact]]:
    batches, place = [], 0
    while told:
        size = sizes[place % len(sizes)]
        batches.append(told[:size])
        told, place = told[size:], place + 1
    return batches


@settings(
    max_examples=300 if FULL_SIZE else 8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(telling=tellings(), spent_percent=st.integers(0, 100), later=st.integers(1, 50_000))
def test_any_order_of_telling_gives_the_same_balance(
    database: Session, now: dt.datetime, telling: tuple, spent_percent: int, later: int
) -> None:
    told, shuffled, sizes = telling
    outcomes = []
    for sequence, cuts in ((range(len(told)), [len(told)]), (shuffled, sizes)):
        customer_id = a_member(now)
        earlier = points.earn(customer_id=customer_id, amount=200, cause="survey:1", why="问卷", now=now)
        amount = earlier.amount * spent_percent // 100
        if amount:
            points.spend(customer_id=customer_id, amount=amount, cause="exchange:1", why="换中样", now=now)
        ids = {order: next(_orders) for order, _ in told}
        known = [
            fact(customer_id, ids[order], one, at_once=order % 2 == 0, now=now)
            for order, one in map(told.__getitem__, sequence)
        ]
        for batch in in_batches(known, cuts):
            facts.announce(batch)
        found = points.get_balance(customer_id, now=now)
        outcomes.append((found.spendable, found.pending, found.owed))
        assert points.recount(customer_id=customer_id) == []
        assert_orders_net(database, customer_id)

    assert outcomes[0] == outcomes[1]


def assert_orders_net(database: Session, customer_id: int) -> None:
    """What is left of each order's points is the part of it that was kept, rounded in the brand's favour by a point."""
    rows = database.execute(
        text("SELECT earned, reversed, base_fen, refunded_fen FROM points_order WHERE customer_id = :id"),
        {"id": customer_id},
    )
    for earned, taken, base, refunded in rows:
        assert earned == base // 100
        assert taken == (earned if refunded >= base else earned * refunded // base)
