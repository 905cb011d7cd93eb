"""The points mall on a real database."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership import coupons, points, rewards
from app.membership.rewards import rules
from tests.factories.coupons import a_template
from tests.factories.people import a_customer, a_store
from tests.factories.rewards import a_reward, a_rich_member

pytestmark = pytest.mark.usefixtures("database")


def balance(customer_id: int, now: dt.datetime) -> int:
    return points.get_balance(customer_id, now=now).spendable


def exchange(customer_id: int, reward: rewards.Reward, now: dt.datetime, cause: str = "mall:1") -> rewards.Exchange:
    return rewards.exchange(customer_id=customer_id, reward_id=reward.id, cause=cause, now=now)


def test_a_gift_costs_points_and_waits_with_a_pickup_code(now: dt.datetime) -> None:
    member, reward = a_rich_member(now), a_reward(now, total=3)
    done = exchange(member, reward, now)

    assert (done.state, done.points, done.coupon_id) == ("waiting", 500, None)
    assert done.pickup_code is not None
    assert balance(member, now) == 500
    (shown,) = rewards.list_rewards(customer_id=member)
    assert (shown.left, shown.mine) == (2, 1)


def test_a_coupon_comes_at_once_and_a_donation_is_done(now: dt.datetime) -> None:
    member = a_rich_member(now)
    coupon_reward = a_reward(now, kind="coupon", template_id=a_template(public=False).id, points=300)
    done = exchange(member, coupon_reward, now)
    given = exchange(member, a_reward(now, kind="donation", points=100), now, "mall:2")

    (coupon,) = coupons.list_coupons(customer_id=member, now=now).items
    assert (done.state, done.coupon_id, done.pickup_code) == ("done", coupon.id, None)
    assert (given.state, given.pickup_code) == ("done", None)
    assert balance(member, now) == 600


def test_the_same_cause_again_costs_nothing_more(now: dt.datetime) -> None:
    member, reward = a_rich_member(now, 500), a_reward(now)
    first, again = exchange(member, reward, now), exchange(member, reward, now)

    assert (again.id, again.repeated, balance(member, now)) == (first.id, True, 0)
    with pytest.raises(rewards.CauseReused):
        exchange(member, a_reward(now), now)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"points": 1_001}, points.NotEnoughPoints),
        ({"total": 0}, rewards.SoldOut),
    ],
)
def test_a_refused_exchange_moves_nothing(now: dt.datetime, changes: dict[str, Any], refusal: type[Refusal]) -> None:
    member, reward = a_rich_member(now), a_reward(now, **changes)

    with pytest.raises(refusal):
        exchange(member, reward, now)

    assert balance(member, now) == 1_000
    assert rewards.list_exchanges(customer_id=member).items == []


def test_points_stay_where_the_coupon_is_sold_out(now: dt.datetime) -> None:
    member = a_rich_member(now)
    reward = a_reward(now, kind="coupon", template_id=a_template(public=False, total=0).id)

    with pytest.raises(coupons.SoldOut):
        exchange(member, reward, now)

    assert balance(member, now) == 1_000


def test_the_update_itself_keeps_the_stock(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    first, late, reward = a_rich_member(now), a_rich_member(now), a_reward(now, total=1)
    exchange(first, reward, now)
    monkeypatch.setattr(rules, "why_not_exchanged", lambda _: None)

    with pytest.raises(rewards.SoldOut):
        exchange(late, reward, now)

    assert (balance(late, now), rewards.get_reward(reward.id).taken) == (1_000, 1)
    assert rewards.list_exchanges(customer_id=late).items == []


def test_each_member_has_up_to_the_limit_and_a_closed_or_draft_reward_gives_nothing(now: dt.datetime) -> None:
    member, reward = a_rich_member(now, 2_000), a_reward(now, per_customer=1)
    exchange(member, reward, now)

    with pytest.raises(rewards.LimitReached) as refused:
        exchange(member, reward, now, "mall:2")
    assert refused.value.data == {"limit": 1}

    for state, refusal in (("closed", rewards.NotOpen), ("draft", rewards.RewardUnknown)):
        other = a_reward(now)
        rewards.change_state(reward_id=other.id, state=state)
        with pytest.raises(refusal):
            exchange(member, other, now, "mall:3")


def test_C01_a_guest_takes_the_card_first_and_an_unknown_reward_is_refused(now: dt.datetime) -> None:
    with pytest.raises(rewards.MembersOnly):
        exchange(a_customer(now), a_reward(now), now)
    with pytest.raises(rewards.RewardUnknown):
        rewards.exchange(customer_id=a_rich_member(now), reward_id=999, cause="mall:1", now=now)


def test_a_cancelled_gift_gives_points_to_the_same_lots_and_itself_to_the_stock(now: dt.datetime) -> None:
    member, reward = a_rich_member(now), a_reward(now, total=1, per_customer=1)
    lots = text("SELECT id, remaining, expires_at FROM points_lot ORDER BY id")
    before = db.session.execute(lots).all()
    done = exchange(member, reward, now)

    cancelled = rewards.cancel(customer_id=member, exchange_id=done.id, now=now)
    again = rewards.cancel(customer_id=member, exchange_id=done.id, now=now)

    assert (cancelled.state, again.state, again.repeated) == ("cancelled", "cancelled", True)
    assert db.session.execute(lots).all() == before
    assert rewards.get_reward(reward.id).taken == 0
    exchange(member, reward, now, "mall:2")


def test_only_a_gift_that_waits_is_cancelled_by_its_owner(now: dt.datetime) -> None:
    member, other = a_rich_member(now, 3_000), a_rich_member(now)
    donation = exchange(member, a_reward(now, kind="donation"), now)

    with pytest.raises(rewards.NotCancellable):
        rewards.cancel(customer_id=member, exchange_id=donation.id, now=now)
    with pytest.raises(rewards.ExchangeUnknown):
        rewards.cancel(customer_id=other, exchange_id=donation.id, now=now)


@pytest.fixture
def hand_over(now: dt.datetime) -> Callable[[str], rewards.Exchange]:
    store_id = a_store(now, name="南京西路店")
    return lambda code: rewards.collect_by_code(code=code, store_id=store_id, staff_id=1, now=now)


def test_a_gift_is_handed_over_once_and_the_second_answer_says_when_and_where(
    now: dt.datetime, hand_over: Callable[[str], rewards.Exchange]
) -> None:
    done = exchange(a_rich_member(now), a_reward(now), now)

    assert hand_over((done.pickup_code or "").lower()).state == "collected"
    with pytest.raises(rewards.AlreadyCollected) as refused:
        hand_over(done.pickup_code or "")
    assert refused.value.data == {"collected_at": now.isoformat(), "store": "南京西路店"}


def test_a_cancelled_or_unknown_code_hands_nothing_over(
    now: dt.datetime, hand_over: Callable[[str], rewards.Exchange]
) -> None:
    member = a_rich_member(now)
    done = exchange(member, a_reward(now), now)
    rewards.cancel(customer_id=member, exchange_id=done.id, now=now)

    with pytest.raises(rewards.Cancelled):
        hand_over(done.pickup_code or "")
    for wrong in ("P00000000000000", "P00000000000000X"):
        with pytest.raises(rewards.ExchangeUnknown):
            hand_over(wrong)


def test_my_exchanges_page_newest_first(now: dt.datetime) -> None:
    member, reward = a_rich_member(now, 1_500), a_reward(now)
    made = [exchange(member, reward, now + dt.timedelta(minutes=n), f"mall:{n}").id for n in range(3)]
    first = rewards.list_exchanges(customer_id=member, limit=2)
    second = rewards.list_exchanges(customer_id=member, limit=2, cursor=first.next_cursor)

    assert [found.id for found in [*first.items, *second.items]] == made[::-1]
    assert second.next_cursor is None


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"kind": "car"}, {"kind"}),
        ({"points": 0}, {"points"}),
        ({"kind": "coupon"}, {"template_id"}),
        ({"template_id": 1}, {"template_id"}),
        ({"total": -1}, {"total"}),
        ({"per_customer": 0}, {"per_customer"}),
    ],
)
def test_a_reward_that_cannot_stand_is_refused(now: dt.datetime, changes: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(rewards.RewardWrong) as refused:
        a_reward(now, **changes)

    assert set(refused.value.data["faults"]) == wrong


def test_a_reward_is_changed_and_never_below_what_went(now: dt.datetime) -> None:
    reward = a_reward(now)
    exchange(a_rich_member(now), reward, now)
    draft = rewards.RewardDraft("中样", "gift", 400, total=5)

    changed = rewards.save_reward(draft=draft, now=now, reward_id=reward.id)
    again = rewards.save_reward(draft=draft, now=now, reward_id=reward.id)

    assert (changed.points, changed.taken, changed.left, again) == (400, 1, 4, changed)
    with pytest.raises(rewards.RewardWrong):
        rewards.save_reward(draft=rewards.RewardDraft("中样", "gift", 400, total=0), now=now, reward_id=reward.id)
    with pytest.raises(rewards.RewardUnknown):
        rewards.save_reward(draft=draft, now=now, reward_id=999)


def test_a_state_that_does_not_exist_is_refused(now: dt.datetime) -> None:
    with pytest.raises(rewards.RewardWrong):
        rewards.change_state(reward_id=a_reward(now).id, state="lost")
    with pytest.raises(rewards.RewardUnknown):
        rewards.change_state(reward_id=999, state="open")


def test_the_shipped_mall_is_there_once(now: dt.datetime) -> None:
    assert (rewards.ship_stock(now=now), rewards.ship_stock(now=now)) == (5, 0)

    shown = {reward.name: reward.points for reward in rewards.list_rewards(customer_id=a_rich_member(now))}
    assert shown == {"¥10 券": 1_000, "中样": 500, "整妆体验": 800, "棉柔巾": 300, "公益捐赠": 100}


def test_an_exchange_row_that_is_gone_hands_nothing_over(
    now: dt.datetime, hand_over: Callable[[str], rewards.Exchange]
) -> None:
    done = exchange(a_rich_member(now), a_reward(now), now)
    db.session.execute(text("DELETE FROM reward_exchange"))

    with pytest.raises(rewards.ExchangeUnknown):
        hand_over(done.pickup_code or "")
