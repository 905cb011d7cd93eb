"""Two people with exchanges become one, and two again."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel import carrier
from app.kernel.database import db
from app.membership import coupons, points, rewards
from app.people import identity
from tests.factories.coupons import a_template
from tests.factories.merging import merge, undo
from tests.factories.people import a_staff, a_store
from tests.factories.rewards import a_reward, a_rich_member

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def stays(now: dt.datetime) -> int:
    return a_rich_member(now)


@pytest.fixture
def goes(now: dt.datetime) -> int:
    return a_rich_member(now)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of this room that a merge may touch."""
    return {
        name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name} AS it ORDER BY it::text"))]
        for name in ("reward_exchange", "reward_holding", "reward_pickup_code", "reward")
    }


def exchange(
    who: int, reward: rewards.Reward, now: dt.datetime, *, cause: str = "mall:1", by: int = 0
) -> rewards.Exchange:
    """An exchange of a person who came in by an id of one of their selves."""
    with carrier.carried_by({who: by or who}):
        return rewards.exchange(customer_id=who, reward_id=reward.id, cause=cause, now=now)


def ids_of(who: int) -> set[int]:
    return {found.id for found in rewards.list_exchanges(customer_id=who).items}


def notes_of(merged: identity.PeopleMerged) -> list[dict[str, object]]:
    db.session.flush()
    wanted = text(
        "SELECT data FROM identity_merge_note WHERE merge_id = :id AND code = 'reward.over_limit' ORDER BY id"
    )
    return list(db.session.execute(wanted, {"id": merged.merge_id}).scalars())


def test_a_gift_is_fetched_with_its_code_whoever_has_it_now(now: dt.datetime, stays: int, goes: int) -> None:
    reward = a_reward(now)
    done = [exchange(who, reward, now) for who in (stays, goes)]
    merge(stays, goes, now=now)

    place = {"store_id": a_store(now), "staff_id": a_staff(now), "now": now}
    fetched = rewards.collect_by_code(code=done[1].pickup_code or "", **place)

    assert (fetched.id, fetched.customer_id) == (done[1].id, stays)
    assert ids_of(stays) == {one.id for one in done}


def test_a_limit_the_two_exceed_is_noted_and_nothing_is_taken_away(now: dt.datetime, stays: int, goes: int) -> None:
    reward, free = a_reward(now, points=100, per_customer=1), a_reward(now, points=100)
    for who in (stays, goes):
        exchange(who, reward, now)
        exchange(who, free, now, cause="mall:2")

    merged = merge(stays, goes, now=now)

    assert notes_of(merged) == [{"reward_id": reward.id, "taken": 2, "limit": 1, "brought": 1}]
    assert len(ids_of(stays)) == 4
    with pytest.raises(rewards.LimitReached):
        exchange(stays, reward, now, cause="mall:3")


def test_a_cause_is_once_a_person_and_both_may_bring_one(now: dt.datetime, stays: int, goes: int) -> None:
    reward = a_reward(now, points=100)
    mine, theirs = (exchange(who, reward, now) for who in (stays, goes))
    merge(stays, goes, now=now)

    again = [exchange(stays, reward, now, by=who) for who in (stays, goes)]
    other = exchange(stays, reward, now, cause="mall:2", by=goes)

    assert [(one.id, one.repeated) for one in again] == [(mine.id, True), (theirs.id, True)]
    assert exchange(stays, reward, now, cause="mall:2").id == other.id
    assert points.get_balance(stays, now=now).spendable == 1_700


def test_cancelling_after_a_merge_returns_its_own_points(now: dt.datetime, stays: int, goes: int) -> None:
    dear, cheap = a_reward(now, points=500), a_reward(now, points=100)
    exchange(stays, dear, now)
    theirs = exchange(goes, cheap, now)
    merged = merge(stays, goes, now=now)

    rewards.cancel(customer_id=stays, exchange_id=theirs.id, now=now)

    assert points.get_balance(stays, now=now).spendable == 1_500
    undo(merged, now=now)
    assert [points.get_balance(who, now=now).spendable for who in (stays, goes)] == [500, 1_000]


def test_undoing_gives_both_back_byte_for_byte(now: dt.datetime, stays: int, goes: int) -> None:
    reward = a_reward(now, points=100, total=9)
    for who in (stays, goes):
        exchange(who, reward, now)
        cancelled = exchange(who, a_reward(now, points=100), now, cause="mall:2")
        rewards.cancel(customer_id=who, exchange_id=cancelled.id, now=now)
    before = everything()

    undo(merge(stays, goes, now=now), now=now)

    assert everything() == before


def test_what_was_exchanged_since_goes_to_the_self_that_carried_it(now: dt.datetime, stays: int, goes: int) -> None:
    gift = a_reward(now, points=100, per_customer=2)
    ticket = a_reward(now, kind="coupon", template_id=a_template(public=False).id, points=100)
    merged = merge(stays, goes, now=now)
    mine = exchange(stays, gift, now, cause="mall:1", by=stays)
    theirs = [exchange(stays, one, now, cause=f"mall:{one.id}:b", by=goes) for one in (gift, ticket)]

    undo(merged, now=now)

    assert (ids_of(stays), ids_of(goes)) == ({mine.id}, {one.id for one in theirs})
    assert [held.id for held in coupons.list_coupons(customer_id=goes, now=now).items] == [theirs[1].coupon_id]
    mall = {found.id: found.mine for found in rewards.list_rewards(customer_id=goes)}
    assert mall == {gift.id: 1, ticket.id: 1}
