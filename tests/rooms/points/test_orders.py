"""What orders earn, what refunds take back, whatever the order in which they are told."""

import dataclasses
import datetime as dt

import pytest
from sqlalchemy.orm import Session

from app.kernel import facts
from app.membership import members, points
from app.trade import orders
from app.trade.orders import OrderLine, OrderPaid, OrderReceived, OrderRefunded
from tests.factories.members import a_member
from tests.factories.orders import a_refund, a_report
from tests.factories.people import a_customer, a_phone, a_store
from tests.factories.points import give

DAY = dt.timedelta(days=1)


@pytest.fixture
def member(database: Session, now: dt.datetime) -> int:
    points.ship_stock(now=now)
    return a_member(now)


def paid(customer_id: int, now: dt.datetime, *, order_id: int = 1, fen: int = 10000, **more: object) -> OrderPaid:
    order = OrderPaid(
        order_id=order_id,
        customer_id=customer_id,
        born_customer_id=customer_id,
        channel="shop",
        number=f"S001-{order_id:04}",
        store_id=None,
        paid_at=now,
        base_fen=fen,
        earns=True,
        at_once=True,
        lines=(OrderLine("P1", 1, fen),),
        coupon_codes=(),
        at=now,
    )
    return dataclasses.replace(order, **more)


def received(customer_id: int, at: dt.datetime, now: dt.datetime, *, order_id: int = 1) -> OrderReceived:
    return OrderReceived(order_id, customer_id, customer_id, at, now)


def refunded(
    customer_id: int, now: dt.datetime, total: int, *, order_id: int = 1, base: int = 10000, part: int | None = None
) -> OrderRefunded:
    return OrderRefunded(
        order_id=order_id,
        customer_id=customer_id,
        born_customer_id=customer_id,
        refund_number=f"R{total}",
        refunded_fen=part or total,
        refunded_total_fen=total,
        base_fen=base,
        fully=total >= base,
        coupon_codes=(),
        refunded_at=now,
        at=now,
    )


def tell(*told: object) -> None:
    facts.announce(told)


def balance(customer_id: int, now: dt.datetime) -> tuple[int, int, int]:
    """Spendable, pending, owed."""
    found = points.get_balance(customer_id, now=now)
    return found.spendable, found.pending, found.owed


def spend(customer_id: int, amount: int, now: dt.datetime, cause: str = "exchange:1") -> None:
    points.spend(customer_id=customer_id, amount=amount, cause=cause, why="换中样", now=now)


def test_M01_a_yuan_is_a_point_rounded_down_once_an_order(member: int, now: dt.datetime) -> None:
    lines = tuple(OrderLine("P1", 1, 199) for _ in range(5))

    tell(paid(member, now, fen=995, lines=lines))

    assert balance(member, now) == (9, 0, 0)


def test_M01_the_tier_before_the_payment_gives_the_rate(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, fen=100_000))  # reaches the silver card, after earning by the plain one
    tell(paid(member, now + DAY, order_id=2, fen=10_000))

    assert balance(member, now + DAY) == (1000 + 110, 0, 0)


def test_M01_the_one_best_campaign_counts_by_store_and_product_and_day(member: int, now: dt.datetime) -> None:
    store_id = a_store(now)
    span = {"starts_at": now, "ends_before": now + DAY}
    campaigns = (
        points.Campaign("会员日", 200, **span),
        points.Campaign("新店三倍", 300, store_ids=(store_id,), product_codes=("P1",), **span),
    )
    points.announce_rules(rules=stock(campaigns=campaigns), valid_from=now, now=now)
    both = (OrderLine("P1", 1, 5000), OrderLine("P2", 1, 5000))

    tell(paid(member, now, lines=both, store_id=store_id))
    tell(paid(member, now, order_id=2, lines=both))
    tell(paid(member, now + DAY, order_id=3, lines=both, store_id=store_id))

    assert balance(member, now + DAY)[0] == (150 + 100) + 200 + 100


def stock(**changed: object) -> points.EarningRules:
    from app.membership.points.operations.rule_book import STOCK

    return dataclasses.replace(STOCK, **changed)


def test_who_is_no_member_earns_nothing_until_they_join(database: Session, now: dt.datetime) -> None:
    customer_id = a_customer(now)

    tell(paid(customer_id, now), refunded(customer_id, now, 10_000))

    assert balance(customer_id, now) == (0, 0, 0)


def test_O05_orders_that_do_not_count_earn_nothing(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, earns=False))
    tell(paid(member, now, order_id=2, paid_at=now - 366 * DAY))

    assert balance(member, now) == (0, 0, 0)


def test_an_order_told_again_earns_once(member: int, now: dt.datetime) -> None:
    tell(paid(member, now), paid(member, now))
    tell(paid(member, now))

    assert balance(member, now) == (100, 0, 0)


def test_M05_an_order_earns_once_whoever_claims_it(member: int, now: dt.datetime) -> None:
    other = a_member(now)

    tell(paid(member, now))
    tell(paid(other, now), refunded(other, now, 5_000))

    assert (balance(member, now), balance(other, now)) == ((50, 0, 0), (0, 0, 0))


def test_M02_online_orders_are_pending_until_seven_days_after_receipt(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, at_once=False))
    with pytest.raises(points.NotEnoughPoints):
        spend(member, 1, now)
    tell(received(member, now + DAY, now + DAY))

    assert points.due.release_pending_due(now=now + 8 * DAY - dt.timedelta(seconds=1), limit=10) == 0
    assert balance(member, now + 8 * DAY) == (0, 100, 0)
    assert points.due.release_pending_due(now=now + 8 * DAY, limit=10) == 1
    assert balance(member, now + 8 * DAY) == (100, 0, 0)
    assert points.due.release_pending_due(now=now + 8 * DAY, limit=10) == 0


def test_M02_what_is_never_received_stays_pending(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, at_once=False))

    assert points.due.release_pending_due(now=now + 90 * DAY, limit=10) == 0
    assert balance(member, now + 90 * DAY) == (0, 100, 0)


def test_M02_a_receipt_long_ago_opens_at_once(member: int, now: dt.datetime) -> None:
    online = {"at_once": False, "at": now}
    tell(paid(member, now - 30 * DAY, **online), received(member, now - 20 * DAY, now))
    tell(received(member, now - 20 * DAY, now, order_id=2), paid(member, now - 30 * DAY, order_id=2, **online))

    assert balance(member, now) == (200, 0, 0)


def test_a_full_refund_nets_to_zero_and_a_part_in_proportion(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, fen=9_999))
    tell(refunded(member, now, 3_333, base=9_999))
    assert balance(member, now) == (66, 0, 0)

    tell(refunded(member, now, 9_999, base=9_999))
    assert balance(member, now) == (0, 0, 0)


def test_refunds_told_in_the_wrong_order_count_by_their_running_total(member: int, now: dt.datetime) -> None:
    tell(refunded(member, now, 5_000), refunded(member, now, 2_000))
    tell(refunded(member, now, 5_000, order_id=2))
    tell(refunded(member, now, 2_000, order_id=2))

    tell(paid(member, now), paid(member, now, order_id=2))

    assert balance(member, now) == (100, 0, 0)


def test_a_refund_of_pending_points_takes_from_what_is_pending(member: int, now: dt.datetime) -> None:
    give(member, 50, now)
    tell(paid(member, now, at_once=False))

    tell(refunded(member, now, 5_000))

    assert balance(member, now) == (50, 50, 0)


def test_M03_what_was_spent_already_is_owed_and_paid_from_later_earnings(member: int, now: dt.datetime) -> None:
    tell(paid(member, now))
    spend(member, 80, now)

    tell(refunded(member, now, 10_000))
    assert balance(member, now) == (0, 0, 80)
    with pytest.raises(points.InDebt) as refused:
        spend(member, 1, now, cause="exchange:2")
    assert refused.value.data == {"owed": 80}

    tell(paid(member, now, order_id=2, fen=5_000))
    assert balance(member, now) == (0, 0, 30)
    give(member, 50, now)
    assert balance(member, now) == (20, 0, 0)


def test_M03_debts_are_paid_by_pending_points_when_they_open_and_by_what_comes_back(
    member: int, now: dt.datetime
) -> None:
    tell(paid(member, now), paid(member, now, order_id=2, at_once=False), received(member, now, now, order_id=2))
    spend(member, 100, now)
    tell(refunded(member, now, 10_000))
    assert balance(member, now) == (0, 100, 100)

    points.give_back(customer_id=member, cause_of_spend="exchange:1", cause="cancel:1", now=now, amount=60)
    assert balance(member, now) == (0, 100, 40)
    points.due.release_pending_due(now=now + 7 * DAY, limit=10)
    assert balance(member, now + 7 * DAY) == (60, 0, 0)
    assert points.recount() == []


def test_M03_a_refund_takes_from_other_lots_before_anything_is_owed(member: int, now: dt.datetime) -> None:
    tell(paid(member, now))
    spend(member, 100, now)
    give(member, 70, now)

    tell(refunded(member, now, 10_000))

    assert balance(member, now) == (0, 0, 30)


def test_what_has_ended_unspent_is_not_asked_for_again(member: int, now: dt.datetime) -> None:
    tell(paid(member, now))
    spend(member, 60, now)
    late = now + 400 * DAY
    assert points.due.expire_due(now=late, limit=10) == 1
    give(member, 500, late)

    tell(refunded(member, late, 10_000))

    assert balance(member, late) == (440, 0, 0)
    assert points.recount() == []


def test_M02_the_earliest_receipt_counts(member: int, now: dt.datetime) -> None:
    tell(paid(member, now, at_once=False), received(member, now + 3 * DAY, now))
    tell(received(member, now, now), received(member, now + 2 * DAY, now))
    tell(received(member, now + DAY, now))

    assert points.due.release_pending_due(now=now + 7 * DAY, limit=10) == 1


def test_the_past_is_credited_when_somebody_joins_and_never_twice(
    database: Session, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer_id = a_customer(now, phone="13912345678")
    past = [paid(customer_id, now - 9 * DAY), refunded(customer_id, now - 8 * DAY, 2_500)]
    tell(*past)
    monkeypatch.setattr("app.trade.orders.list_order_facts", lambda *_, **__: past)

    a_member(now, customer_id=customer_id)
    tell(*past)

    assert balance(customer_id, now) == (75, 0, 0)


def test_O05_orders_reported_before_joining_count_from_the_moment_the_phone_is_known(
    database: Session, now: dt.datetime
) -> None:
    points.ship_stock(now=now)
    phone = a_phone()
    buyers = (orders.Buyer("phone", "", phone),)
    kept = a_report(number="R1", buyers=buyers)
    returned = a_report(number="R2", buyers=buyers, refunds=(a_refund(25_000, number="T9"),))
    orders.report_orders([kept, returned], source="demo-shop", now=now)

    customer_id = a_member(now, phone=phone)
    orders.report_orders([kept], source="demo-shop", now=now)

    found = points.get_balance(customer_id, now=now)
    assert (found.spendable + found.pending, found.owed) == (240, 0)
    words = [line.words for line in points.explain(customer_id).items]
    assert sum("消费得分" in one for one in words) == 2
    assert points.recount() == []


@pytest.mark.parametrize("corrected", [8000, 12000])
def test_a_whole_refund_nets_to_zero_where_the_sums_changed_after_the_payment(
    member: int, now: dt.datetime, corrected: int
) -> None:
    tell(paid(member, now))
    tell(refunded(member, now, corrected, base=corrected))

    assert balance(member, now) == (0, 0, 0)
    assert members.get_member(member).growth == 0
    assert points.recount() == []


def test_C08_an_old_card_brings_its_lots_with_their_ends_once(member: int, now: dt.datetime) -> None:
    lots = (
        members.OpeningLot(30, now + 10 * DAY),
        members.OpeningLot(70, now + 40 * DAY),
        members.OpeningLot(9, now),
    )
    bound = members.OldCardBound(member, "VIP000123", lots, now)

    tell(bound, bound)
    tell(bound)

    found = points.get_balance(member, now=now)
    assert (found.spendable, found.expiring, found.expires_at) == (100, 30, now + 10 * DAY)


def test_C08_an_old_card_without_living_points_moves_nothing(member: int, now: dt.datetime) -> None:
    tell(members.OldCardBound(member, "VIP000124", (members.OpeningLot(9, now),), now))

    assert points.explain(member).items == []
