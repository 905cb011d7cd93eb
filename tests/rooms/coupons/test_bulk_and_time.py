"""Grants in bulk, what others' facts bring, what time brings, the proof of the counters, templates and their rules."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel import facts, outbox
from app.kernel.database import db
from app.membership import coupons, members
from app.membership.coupons import rules
from app.membership.coupons.models import BatchRow
from app.membership.coupons.operations import bulk
from app.trade import orders
from tests.factories.coupons import a_coupon, a_template, some_terms
from tests.factories.members import a_member
from tests.factories.people import a_customer

pytestmark = pytest.mark.usefixtures("database")


def mine(customer_id: int, now: dt.datetime, state: str = "usable") -> list[str]:
    held = coupons.list_coupons(customer_id=customer_id, now=now, state=state).items
    return sorted(coupon.terms.name for coupon in held)


def work_off(now: dt.datetime) -> None:
    for row_id in outbox.lease_due(now=now):
        outbox.perform(row_id, now=now)


def batch(batch_id: int) -> tuple[int, int, int]:
    row = db.session.get(BatchRow, batch_id, populate_existing=True)
    return (row.wanted, row.granted, row.left_out) if row else (0, 0, 0)


@pytest.mark.parametrize(
    ("offering", "granted"),
    [({}, 7), ({"total": 7}, 7), ({"total": 5}, 5), ({"total": 0}, 0), ({"budget_fen": 9_999}, 4)],
)
def test_a_bulk_grant_gives_as_many_as_there_are(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch, offering: dict[str, int], granted: int
) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 3)
    people, template = [a_customer(now) for _ in range(7)], a_template(public=False, **offering)
    ordered = {"template_id": template.id, "customer_ids": [*people, people[0]], "cause": "campaign:1", "now": now}

    batch_id = coupons.grant_in_bulk(**ordered)
    assert coupons.grant_in_bulk(**ordered) == batch_id
    work_off(now)

    assert batch(batch_id) == (7, granted, 7 - granted)
    assert sum(len(mine(who, now)) for who in people) == granted
    assert coupons.recount() == []


def test_a_chunk_that_comes_twice_gives_once(now: dt.datetime) -> None:
    people, template = [a_customer(now) for _ in range(3)], a_template(public=False, total=9)
    wishes = [(who, "campaign:1") for who in people]

    assert bulk.grant_many(template_id=template.id, wishes=wishes[:2], now=now) == 2
    assert bulk.grant_many(template_id=template.id, wishes=wishes, now=now) == 3
    assert [len(mine(who, now)) for who in people] == [1, 1, 1]


def test_a_cause_of_another_template_is_refused_in_bulk(now: dt.datetime) -> None:
    coupons.grant_in_bulk(template_id=a_template().id, customer_ids=[], cause="campaign:1", now=now)

    with pytest.raises(coupons.CauseReused):
        coupons.grant_in_bulk(template_id=a_template().id, customer_ids=[], cause="campaign:1", now=now)


def test_a_bulk_grant_from_a_pool_ends_with_the_pool(now: dt.datetime) -> None:
    people, template = [a_customer(now) for _ in range(3)], a_template(from_pool=True, total=9)
    coupons.templates.add_codes(template_id=template.id, codes=["A", "B"], now=now)
    wishes = [(who, "campaign:1") for who in people]
    a_coupon(customer_id=people[0], cause="campaign:1")

    assert bulk.grant_many(template_id=template.id, wishes=wishes[:2], now=now) == 2
    assert bulk.grant_many(template_id=template.id, wishes=wishes[2:], now=now) == 1
    codes = db.session.execute(text("SELECT count(*) FROM coupon_pool_code WHERE given_at IS NULL")).scalar_one()
    assert (codes, coupons.recount()) == (0, [])


def test_K06_the_alarm_of_a_bulk_grant_is_told_once(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    alarms: list[Any] = []
    monkeypatch.setitem(facts._reactions, coupons.CouponStockLow, [alarms.extend])
    template = a_template(public=False, total=5)
    for number in range(5):
        later = now + dt.timedelta(minutes=number)
        bulk.grant_many(template_id=template.id, wishes=[(a_customer(now), "campaign:1")], now=later)

    assert [alarm.taken for alarm in alarms] == [4]


def joined(customer_id: int, now: dt.datetime, gift: str | None) -> members.MemberJoined:
    return members.MemberJoined(customer_id, "8001", now, now, gift, now)


def test_C10_a_new_customer_gets_newcomers_coupons_and_an_old_buyer_the_binding_gift(now: dt.datetime) -> None:
    coupons.ship_stock(now=now)
    new, old, again = a_customer(now), a_customer(now), a_customer(now)
    told = [joined(new, now, "new_customer"), joined(old, now, "binding"), joined(again, now, None)]
    facts.announce(told)
    facts.announce(told)

    assert mine(new, now) == ["新客券", "首单小样兑换券"]
    assert mine(old, now) == ["绑卡礼券"]
    assert mine(again, now) == []


def changed(customer_id: int, now: dt.datetime, level: int, why: str) -> members.TierChanged:
    return members.TierChanged(customer_id=customer_id, former_level=0, level=level, why=why, at=now)


def test_M09_an_upgrade_brings_a_coupon_and_its_return_voids_what_was_not_used(now: dt.datetime) -> None:
    coupons.ship_stock(now=now)
    keeps, returns = a_customer(now), a_customer(now)
    facts.announce([changed(keeps, now, 1, "raised"), changed(returns, now, 1, "raised")])
    later = now + dt.timedelta(days=1)
    facts.announce([changed(returns, later, 2, "raised"), changed(keeps, later, 1, "kept")])
    facts.announce([changed(returns, later, 1, "returned")])

    assert mine(keeps, later) == ["升级券"]
    assert (mine(returns, later), mine(returns, later, "expired")) == (["升级券"], ["升级券"])


def paid(held: coupons.Coupon, now: dt.datetime, **changes: Any) -> orders.OrderPaid:
    told: dict[str, Any] = {
        "order_id": 1, "customer_id": held.customer_id, "born_customer_id": held.customer_id,
        "channel": "shop", "number": "R1", "store_id": None, "paid_at": now,
        "base_fen": 1, "earns": True, "at_once": False, "lines": (), "coupon_codes": (held.code, "Q-unknown"), "at": now,
    }  # fmt: skip
    return orders.OrderPaid(**(told | changes))


def refunded(held: coupons.Coupon, now: dt.datetime, **changes: Any) -> orders.OrderRefunded:
    told: dict[str, Any] = {
        "order_id": 1, "customer_id": held.customer_id, "born_customer_id": held.customer_id,
        "refund_number": "T1", "refunded_fen": 1, "refunded_total_fen": 1,
        "base_fen": 1, "fully": True, "coupon_codes": (held.code,), "refunded_at": now, "at": now,
    }  # fmt: skip
    return orders.OrderRefunded(**(told | changes))


def test_a_till_that_redeems_after_its_order_was_told_gets_the_first_answer(now: dt.datetime) -> None:
    held = a_coupon(customer_id=a_member(now))
    facts.announce([paid(held, now)])
    at_till = {"shown": coupons.Shown(codes=(held.code,)), "now": now}
    (done,) = coupons.till.redeem(place=coupons.Place("pos-1", order="shop/R1"), **at_till)

    assert (done.state, done.repeated) == ("redeemed", True)
    with pytest.raises(coupons.AlreadyRedeemed):
        coupons.till.redeem(place=coupons.Place("pos-1", order="shop/R2"), **at_till)


def test_K03_a_paid_order_uses_its_coupon_and_only_a_full_refund_gives_it_back_once(now: dt.datetime) -> None:
    held = a_coupon(customer_id=a_member(now))

    def state() -> str:
        return coupons.get_coupon(customer_id=held.customer_id, coupon_id=held.id).state

    facts.announce([paid(held, now)])
    facts.announce([paid(held, now)])
    assert state() == "redeemed"
    facts.announce([refunded(held, now, fully=False)])
    assert state() == "redeemed"
    facts.announce([refunded(held, now)])
    assert state() == "usable"
    facts.announce([paid(held, now), refunded(held, now)])
    assert state() == "usable", "the same order told again uses nothing again"


def test_an_order_is_the_same_act_as_the_tills_redemption_of_it(now: dt.datetime) -> None:
    held = a_coupon(customer_id=a_member(now))
    coupons.redeem_by_code(code=held.code, store_id=None, till="shop/1", order="shop/R1", now=now)
    facts.announce([paid(held, now)])
    facts.announce([paid(held, now, order_id=2, number="R2")])
    facts.announce([refunded(held, now, order_id=2)])
    assert mine(held.customer_id, now, "redeemed") == ["满99减20"]

    facts.announce([refunded(held, now)])
    assert mine(held.customer_id, now) == ["满99减20"]


def test_an_order_with_a_withdrawn_coupon_does_not_revive_it(now: dt.datetime) -> None:
    held = a_coupon(customer_id=a_member(now))
    from app.membership.coupons.operations import use

    use.withdraw(customer_id=held.customer_id, coupon_ids=[held.id], why="test", now=now)
    facts.announce([paid(held, now)])

    assert mine(held.customer_id, now, "redeemed") == []


def test_counters_that_were_tampered_with_are_found_and_set_right(now: dt.datetime) -> None:
    template, who = a_template(total=9, per_customer=5), a_member(now)
    coupons.take(customer_id=who, template_id=template.id, cause="take:1", now=now)
    db.session.execute(text("UPDATE coupon_stock SET taken = 5, promised_fen = 1"))
    db.session.execute(text("UPDATE coupon_holding SET taken = 4"))

    found = {(wrong.what, wrong.stored, wrong.counted) for wrong in coupons.recount(repair=True)}

    assert found == {("stock", 5, 1), ("promised_fen", 1, 2_000), ("holding", 4, 1)}
    assert (coupons.recount(), coupons.recount(customer_id=who)) == ([], [])


def test_each_counter_is_proved_by_itself(now: dt.datetime) -> None:
    template = a_template(total=9)
    for wrong, what in (("taken = 3", "stock"), ("promised_fen = 3", "promised_fen")):
        db.session.execute(text(f"UPDATE coupon_stock SET {wrong}"))
        found = coupons.recount(repair=True)
        assert [(each.what, each.template_id) for each in found] == [(what, template.id)]


def test_the_shipped_templates_are_there_once_and_open(now: dt.datetime) -> None:
    assert (coupons.ship_stock(now=now), coupons.ship_stock(now=now)) == (12, 0)

    offered = coupons.templates.list_offered(customer_id=a_member(now), now=now)
    assert {found.terms.name: found.terms.in_short for found in offered} == {
        "小样申领券": "兑换", "包邮券": "包邮", "复购券": "满199减30",
    }  # fmt: skip
    birthday = coupons.templates.get_template(coupons.find_shipped("birthday") or 0)
    assert (birthday.terms.in_short, birthday.built_in, birthday.state) == ("8.8折封顶¥50", True, "open")


def test_K06_a_costly_template_opens_only_with_two_signatures(now: dt.datetime) -> None:
    gift = some_terms(threshold_fen=0)
    saved = coupons.templates.save(terms=gift, offering=coupons.Offering(), now=now)
    opening = {"template_id": saved.id, "state": "open"}

    for signed in (0, 1, 1):
        with pytest.raises(coupons.ApprovalMissing) as refused:
            coupons.templates.change_state(**opening)
        assert refused.value.data == {"approved": signed, "needed": 2}
        coupons.templates.approve(template_id=saved.id, staff_id=901)
    coupons.templates.approve(template_id=saved.id, staff_id=902)
    assert coupons.templates.change_state(**opening).state == "open"


def test_K06_a_changed_draft_must_be_signed_again_and_an_open_one_stands(now: dt.datetime) -> None:
    saved = coupons.templates.save(terms=some_terms(), offering=coupons.Offering(), now=now)
    coupons.templates.approve(template_id=saved.id, staff_id=901)
    dearer = replace(some_terms(), value_fen=3_000)

    changed_one = coupons.templates.save(
        terms=dearer, offering=coupons.Offering(total=5), now=now, template_id=saved.id
    )
    assert (changed_one.approved_by, changed_one.terms.value_fen, changed_one.total) == ((), 3_000, 5)
    coupons.templates.change_state(template_id=saved.id, state="open")
    with pytest.raises(coupons.TermsFixed):
        coupons.templates.save(terms=dearer, offering=coupons.Offering(), now=now, template_id=saved.id)
    with pytest.raises(coupons.TermsFixed):
        coupons.templates.approve(template_id=saved.id, staff_id=902)


def test_K06_one_tap_stops_taking_and_stopping_use_is_a_second_step(now: dt.datetime) -> None:
    template_id = a_template().id

    with pytest.raises(coupons.StateWrong) as refused:
        coupons.templates.change_state(template_id=template_id, state="use_stopped")
    assert refused.value.data == {"state": "open", "wanted": "use_stopped"}
    for state in ("taking_stopped", "taking_stopped", "open", "taking_stopped", "use_stopped"):
        assert coupons.templates.change_state(template_id=template_id, state=state).state == state


def test_what_cannot_stand_is_refused_with_its_fields(now: dt.datetime) -> None:
    offering = coupons.Offering(per_customer=0, total=-1, budget_fen=-1, take_from=now, take_before=now)
    with pytest.raises(coupons.TermsWrong) as refused:
        coupons.templates.save(terms=some_terms(value_fen=0), offering=offering, now=now)

    assert set(refused.value.data["faults"]) == {"value_fen", "per_customer", "total", "budget_fen", "take_before"}
    with pytest.raises(coupons.TemplateUnknown):
        coupons.templates.change_state(template_id=999, state="open")


def test_a_limit_set_later_counts_what_is_out_there(now: dt.datetime) -> None:
    template = a_template(public=False)
    for number in range(3):
        a_coupon(customer_id=a_member(now), template=template, cause=f"gift:{number}")

    with pytest.raises(coupons.TermsWrong):
        coupons.templates.change_stock(template_id=template.id, total=2, budget_fen=None)
    with pytest.raises(coupons.TermsWrong):
        coupons.templates.change_stock(template_id=template.id, total=None, budget_fen=5_999)
    limited = coupons.templates.change_stock(template_id=template.id, total=4, budget_fen=10_000)
    assert (limited.taken, limited.left, coupons.recount()) == (3, 1, [])
    assert coupons.templates.change_stock(template_id=template.id, total=5, budget_fen=None).left == 2


def test_K01_products_of_the_brand_bring_their_tags_and_states_bar(now: dt.datetime) -> None:
    from tests.factories.orders import a_product

    product, who = a_product(now, tags=("口红",)), a_member(now)
    lips = some_terms(scope=coupons.Scope(tags=("口红",)), threshold_fen=0)
    fits = a_coupon(customer_id=who, template=a_template(terms=lips, public=False), cause="gift:1")
    soon = coupons.Validity(starts_at=now + dt.timedelta(days=1), ends_before=now + dt.timedelta(days=9))
    waits = a_coupon(
        customer_id=who, template=a_template(terms=some_terms(validity=soon), public=False), cause="gift:2"
    )
    stopped = a_template(public=False)
    dead = a_coupon(customer_id=who, template=stopped, cause="gift:3")
    for state in ("taking_stopped", "use_stopped"):
        coupons.templates.change_state(template_id=stopped.id, state=state)
    locked = a_coupon(customer_id=who, cause="gift:4")
    coupons.till.lock(shown=coupons.Shown(codes=(locked.code,)), place=coupons.Place("t", order="shop/1"), now=now)

    basket = rules.Basket((rules.Line(product.code, 9_000), rules.Line("unknown", 1_000)))
    judged = coupons.judge(customer_id=who, basket=basket, now=now)

    assert [(applied.coupon_id, applied.shares) for applied in judged.best] == [(fits.id, (2_000, 0))]
    assert judged.reasons == {waits.id: "5月21日起可用", dead.id: "已停止使用", locked.id: "使用中"}


def test_the_summary_is_one_row_to_be_joined(now: dt.datetime) -> None:
    from sqlalchemy import column, select, values

    who = a_member(now)
    soonest = a_coupon(
        customer_id=who, template=a_template(terms=some_terms(validity=coupons.Validity(1)), public=False)
    )
    a_coupon(customer_id=who, cause="gift:2")
    people = values(column("id"), name="people").data([(who,), (who + 1,)])
    summary = coupons.summary_of(people.c.id)
    found = db.session.execute(select(people.c.id, summary).order_by(people.c.id), {"now": now}).all()

    assert [tuple(row)[1:] for row in found] == [(2, soonest.ends_before, 0), (0, None, 0)]
