"""Growth by orders, tiers by growth."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.membership import members
from app.membership.members.operations.growth import add_growth, credit_orders
from app.membership.members.operations.reviews import give_tier
from app.membership.members.queries.history import list_growth, list_periods
from app.membership.members.refusals import TasksPayEnough, TierUnknown
from app.trade import orders
from tests.factories.members import NOTICE, a_member
from tests.factories.people import a_customer, a_phone
from tests.rooms.members.ordering import bought, buys, refunds

DAY = dt.timedelta(days=1)
heard: list[members.TierChanged] = []
reacts_to(members.TierChanged)(heard.extend)


@pytest.fixture(autouse=True)
def _silence() -> None:
    heard.clear()


def stands(customer_id: int) -> tuple[int, int]:
    """Level and growth."""
    member = members.get_member(customer_id)
    return member.level, member.growth


def changes() -> list[tuple[int, int, str]]:
    return [(fact.former_level, fact.level, fact.why) for fact in heard]


def test_one_yuan_is_one_growth_rounded_down_once_an_order(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 99.99, now + DAY)
    buys(member, 0.99, now + DAY)
    assert stands(member) == (0, 99)


def test_an_order_told_twice_counts_once(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    number = buys(member, 100, now + DAY)
    buys(member, 100, now + DAY, number=number)
    assert stands(member) == (0, 100)


def test_a_fact_announced_twice_counts_once(database: object, now: dt.datetime) -> None:
    """Facts of past orders are told once more when somebody joins, and after an id was attached."""
    member = a_member(now)
    refunds(buys(member, 100, now + DAY), 30, now + 2 * DAY)
    facts = orders.list_order_facts([member], paid_since=now, now=now + 3 * DAY)
    for _ in range(2):
        credit_orders(facts=facts, now=now + 3 * DAY)

    assert [entry.amount for entry in list_growth(member)] == [100, -30]


def test_M08_up_at_once_and_levels_may_be_jumped(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 3200, now + 5 * DAY)

    view = members.get_member(member)
    assert (view.level, view.level_until) == (2, now + 370 * DAY)
    assert changes() == [(0, 2, "raised")]
    # The order that raised it was paid under the former tier, the next one is not.
    assert members.rates_at([(member, now + 5 * DAY), (member, now + 6 * DAY)]) == [100, 125]


def test_M08_kept_when_the_keep_line_is_reached(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 1000, now + DAY)
    buys(member, 800, now + 100 * DAY)

    assert members.review_tiers_due(now=now + 366 * DAY, limit=10) == 1
    assert stands(member) == (1, 0)
    assert members.get_member(member).level_until == now + 731 * DAY
    assert changes() == [(0, 1, "raised"), (1, 1, "kept")]
    assert members.review_tiers_due(now=now + 366 * DAY, limit=10) == 0


def test_M08_else_one_level_down_not_to_the_bottom(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 3000, now + DAY)
    buys(member, 2399, now + 100 * DAY)

    members.review_tiers_due(now=now + 366 * DAY, limit=10)
    assert stands(member) == (1, 0)
    assert changes() == [(0, 2, "raised"), (2, 1, "fell")]
    assert [(period.level, period.why) for period in list_periods(member)] == [
        (0, "joined"),
        (2, "raised"),
        (1, "fell"),
    ]


def test_M08_thirty_days_before_the_end_it_says_what_is_missing(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 1000, now)
    buys(member, 300, now + DAY)

    assert members.get_card(member, now + 334 * DAY).keep_missing is None
    assert members.get_card(member, now + 336 * DAY).keep_missing == 500
    card = members.get_card(member, now + DAY)
    assert (card.missing, card.keep, card.kept) == (1700, 800, 300)


def test_M09_a_refund_makes_it_as_if_the_order_had_never_been(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 1000, now + DAY)
    number = buys(member, 2500, now + 10 * DAY)
    former_end = now + 366 * DAY
    refunds(number, 2500, now + 20 * DAY)

    view = members.get_member(member)
    assert (view.level, view.growth, view.level_until) == (1, 1000, former_end)
    assert changes() == [(0, 1, "raised"), (1, 2, "raised"), (2, 1, "returned")]
    assert members.rates_at([(member, now + 15 * DAY)]) == [110]


def test_M09_a_refund_of_a_judged_year_is_taken_from_the_running_one(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 1000, now + DAY)
    number = buys(member, 900, now + 360 * DAY)
    members.review_tiers_due(now=now + 366 * DAY, limit=10)
    buys(member, 850, now + 370 * DAY)
    refunds(number, 900, now + 371 * DAY)

    assert stands(member) == (1, -50)
    members.review_tiers_due(now=now + 731 * DAY, limit=10)
    assert stands(member) == (0, 0)


@pytest.mark.parametrize("parts", [(33.34, 33.33, 33.33), (10, 89.99, 0.01), (99.99, 0.01, 0)])
def test_part_refunds_sum_to_the_whole(database: object, now: dt.datetime, parts: tuple[float, ...]) -> None:
    member = a_member(now)
    number = buys(member, 100, now + DAY)
    for place, part in enumerate(part for part in parts if part):
        refunds(number, part, now + (2 + place) * DAY)

    assert stands(member) == (0, 0)
    assert sum(entry.amount for entry in list_growth(member)) == 0


def test_O05_past_orders_count_for_a_year_back(database: object, now: dt.datetime) -> None:
    phone = a_phone()
    bought(phone, 700, now - 364 * DAY)
    returned = bought(phone, 900, now - 10 * DAY)
    refunds(returned, 100, now - 5 * DAY)
    bought(phone, 5000, now - 366 * DAY)
    bought(phone, 5000, now - 3 * DAY, earns=False)
    member = a_member(now, phone=phone)

    view = members.get_member(member)
    assert (view.level, view.growth, view.gift) == (1, 1500, "binding")
    assert view.level_until == now + 365 * DAY
    assert changes() == [(0, 1, "raised")]
    assert members.rates_at([(member, now - DAY), (member, now - 366 * DAY), (member, now + DAY)]) == [100, 0, 110]


def test_C10_an_old_buyer_of_more_than_24_months_ago_is_new(database: object, now: dt.datetime) -> None:
    recent, old = a_phone(), a_phone()
    bought(recent, 10, now - 729 * DAY)
    bought(old, 10, now - 732 * DAY)

    assert members.get_member(a_member(now, phone=recent)).gift == "binding"
    assert members.get_member(a_member(now, phone=old)).gift == "new_customer"


def test_M10_a_given_tier_stands_beside_the_earned_one(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    give_tier(customer_id=member, level=2, until=now + 30 * DAY, source="gift", now=now)
    buys(member, 1000, now + DAY)

    assert stands(member) == (2, 1000)
    assert members.rates_at([(member, now + 2 * DAY)]) == [125]
    members.review_tiers_due(now=now + 30 * DAY, limit=10)
    assert stands(member) == (1, 1000)
    assert members.rates_at([(member, now + 20 * DAY), (member, now + 31 * DAY)]) == [125, 110]
    assert changes() == [(0, 2, "given"), (2, 1, "fell")]


def test_tasks_add_at_most_200_a_year(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    add_growth(customer_id=member, amount=150, cause="task:profile", why="task", now=now)
    add_growth(customer_id=member, amount=150, cause="task:profile", why="task", now=now)
    with pytest.raises(TasksPayEnough) as refused:
        add_growth(customer_id=member, amount=51, cause="task:survey", why="task", now=now)

    assert refused.value.data == {"left": 50}
    assert stands(member) == (0, 150)
    add_growth(customer_id=member, amount=200, cause="task:next", why="task", now=now.replace(year=now.year + 1))
    with pytest.raises(members.NotMember):
        add_growth(customer_id=a_customer(now), amount=1, cause="task:profile", why="task", now=now)


def test_M10_a_given_tier_below_the_earned_one_changes_nothing(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 3000, now)
    give_tier(customer_id=member, level=1, until=now + 30 * DAY, source="gift", now=now)
    members.review_tiers_due(now=now + 30 * DAY, limit=10)

    assert stands(member) == (2, 3000)
    assert changes() == [(0, 2, "raised")]


def test_only_a_tier_there_is_can_be_given_to_a_member(database: object, now: dt.datetime) -> None:
    member, guest = a_member(now), a_customer(now)
    until = now + DAY
    for level, end in ((4, until), (1, now)):
        with pytest.raises(TierUnknown):
            give_tier(customer_id=member, level=level, until=end, source="gift", now=now)
    with pytest.raises(members.NotMember):
        give_tier(customer_id=guest, level=1, until=until, source="gift", now=now)


def test_a_refund_of_fen_or_of_an_order_that_brought_nothing_moves_nothing(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    whole, small = buys(member, 100.5, now + DAY), buys(member, 0.5, now + DAY)
    refunds(whole, 0.5, now + 2 * DAY)
    refunds(small, 0.5, now + 2 * DAY)

    assert stands(member) == (0, 100)
    assert [entry.amount for entry in list_growth(member)] == [100]


def test_a_correction_may_take_growth_and_needs_no_task_limit(database: object, now: dt.datetime) -> None:
    member = a_member(now)
    buys(member, 1000, now)
    add_growth(customer_id=member, amount=-400, cause="correction:1", why="correction", now=now + DAY)
    assert stands(member) == (1, 600)


def test_the_recount_finds_and_mends_what_does_not_follow_from_the_entries(database: object, now: dt.datetime) -> None:
    member, other = a_member(now), a_member(now)
    buys(member, 1200, now + DAY)
    assert members.recount(now=now) == []
    db.session.execute(text("UPDATE member SET growth = 7, earned_level = 3 WHERE customer_id = :id"), {"id": member})

    assert [one.customer_id for one in members.recount(now=now)] == [member]
    assert members.recount(now=now, customer_id=other) == []
    assert len(members.recount(now=now, repair=True)) == 1
    assert stands(member) == (1, 1200)
    assert members.recount(now=now) == []


def test_a_second_customer_sees_nothing_of_it(database: object, now: dt.datetime) -> None:
    member, other = a_member(now), a_member(now)
    buys(member, 1200, now + DAY)
    assert (stands(member), stands(other)) == ((1, 1200), (0, 0))
    assert members.join(customer_id=other, profile=members.Profile(NOTICE), now=now).growth == 0
