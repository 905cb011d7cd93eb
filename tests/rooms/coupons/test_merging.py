"""Two people with coupons become one, and two again."""

import datetime as dt

import pytest
from sqlalchemy import text

from app.kernel import carrier, outbox
from app.kernel.database import db
from app.kernel.facts import ask
from app.membership import coupons
from app.membership.coupons import reactions
from app.membership.coupons.operations import use
from app.membership.coupons.operations.till import Place, Shown
from app.people import identity
from app.trade import orders
from tests.factories.coupons import a_coupon, a_template
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer, a_store

pytestmark = pytest.mark.usefixtures("database")
ONLINE = Place(till="shop", order="shop/1")
TABLES = ("coupon", "coupon_code", "coupon_use", "coupon_holding", "coupon_stock")


@pytest.fixture
def stays(now: dt.datetime) -> int:
    return a_member(now)


@pytest.fixture
def goes(now: dt.datetime) -> int:
    return a_member(now)


def everything() -> dict[str, list[tuple[object, ...]]]:
    """All rows of this room that a merge may touch."""
    return {
        name: [tuple(row) for row in db.session.execute(text(f"SELECT * FROM {name} AS it ORDER BY it::text"))]
        for name in TABLES
    }


def ids_of(customer_id: int, now: dt.datetime, state: str = "usable") -> set[int]:
    return {held.id for held in coupons.list_coupons(customer_id=customer_id, now=now, state=state).items}


def notes_of(merged: identity.PeopleMerged) -> list[tuple[str, dict[str, object]]]:
    db.session.flush()
    wanted = text(
        "SELECT code, data FROM identity_merge_note WHERE merge_id = :id AND code LIKE 'coupon.%' ORDER BY id"
    )
    return [(row.code, row.data) for row in db.session.execute(wanted, {"id": merged.merge_id})]


def objections(merged: identity.PeopleMerged) -> list[tuple[str, object]]:
    wanted = identity.SeparationProposed(merged.merge_id, merged.survivor_id, merged.gone_id, merged.born_ids)
    return [(found.code, found.data["coupon_id"]) for found in ask(wanted) if found.code.startswith("coupon.")]


def use_in_order(coupon: coupons.Coupon, number: int, *, carried_by: int, now: dt.datetime) -> None:
    """An order is paid, whose buyer came in by an id of this self."""
    owner = db.session.execute(
        text("SELECT COALESCE((SELECT customer_id FROM former_customer WHERE id = :id), :id)"), {"id": carried_by}
    ).scalar_one()
    reactions.redeem_what_orders_used(
        [
            orders.OrderPaid(
                order_id=number, customer_id=owner, born_customer_id=carried_by, channel="shop",
                number=str(number), store_id=None, paid_at=now,
                base_fen=0, earns=False, at_once=True, lines=(), coupon_codes=(coupon.code,), at=now,
            )
        ]
    )  # fmt: skip


def take(customer_id: int, template: coupons.Template, cause: str, now: dt.datetime, *, by: int = 0) -> coupons.Coupon:
    """A take of a person who came in by an id of one of their selves."""
    with carrier.carried_by({customer_id: by or customer_id}):
        return coupons.take(customer_id=customer_id, template_id=template.id, cause=cause, now=now)


def test_what_both_have_is_in_one_wallet(now: dt.datetime, stays: int, goes: int) -> None:
    mine, theirs = (a_coupon(customer_id=who, cause=f"gift:{who}") for who in (stays, goes))

    merge(stays, goes, now=now)

    assert ids_of(stays, now) == {mine.id, theirs.id}
    assert ids_of(goes, now) == set()
    assert coupons.recount() == []


def test_codes_and_uses_of_who_was_merged_go_on(now: dt.datetime, stays: int, goes: int) -> None:
    a_store(now, code="S-1")
    shown = [Shown(codes=(a_coupon(customer_id=goes, cause=f"gift:{n}").code,)) for n in range(2)]
    coupons.till.redeem(shown=shown[0], place=ONLINE, now=now)
    merge(stays, goes, now=now)

    (again,) = coupons.till.redeem(shown=shown[0], place=ONLINE, now=now)
    (other,) = coupons.till.redeem(shown=shown[1], place=Place("pos", "S-1", "pos/2"), now=now)
    (back,) = coupons.till.give_back(codes=shown[0].codes, order="shop/1", now=now)

    assert (again.repeated, other.customer_id, back.state) == (True, stays, "usable")
    with pytest.raises(coupons.AlreadyRedeemed):
        coupons.redeem_by_code(code=shown[1].codes[0], store_id=None, staff_id=7, now=now)


def test_undoing_gives_both_back_byte_for_byte(now: dt.datetime, stays: int, goes: int) -> None:
    template = a_template(per_customer=3, total=10)
    for who in (stays, goes):
        taken = take(who, template, f"take:{who}", now)
        take(who, a_template(), "take:other", now)
        coupons.till.redeem(shown=Shown(codes=(taken.code,)), place=Place("shop", order=f"shop/{who}"), now=now)
    before = everything()

    undo(merge(stays, goes, now=now), now=now)

    assert everything() == before


def test_what_happened_since_goes_to_the_self_that_carried_it(now: dt.datetime, stays: int, goes: int) -> None:
    template = a_template(per_customer=9, total=10)
    merged = merge(stays, goes, now=now)
    mine, theirs = (take(stays, template, f"take:{who}", now, by=who) for who in (stays, goes))
    coupons.till.redeem(shown=Shown(codes=(theirs.code,)), place=ONLINE, now=now)

    undo(merged, now=now)

    assert (ids_of(stays, now), ids_of(goes, now, "redeemed")) == ({mine.id}, {theirs.id})
    (back,) = coupons.till.give_back(codes=[theirs.code], order="shop/1", now=now)
    assert back.customer_id == goes
    assert coupons.recount() == []


def test_a_limit_the_two_exceed_is_noted_and_nothing_is_taken_away(now: dt.datetime, stays: int, goes: int) -> None:
    template, other = a_template(per_customer=2), a_template(per_customer=2)
    for who, number in ((stays, 1), (goes, 1), (goes, 2)):
        take(who, template, f"take:{number}", now)
    take(goes, other, "take:other", now)

    merged = merge(stays, goes, now=now)

    told = {"template_id": template.id, "taken": 3, "limit": 2, "brought": 2}
    assert notes_of(merged) == [("coupon.over_limit", told)]
    assert len(ids_of(stays, now)) == 4
    with pytest.raises(coupons.LimitReached):
        take(stays, template, "take:more", now)
    take(stays, other, "take:more", now)


def test_a_cause_is_once_a_person_and_both_may_bring_one(now: dt.datetime, stays: int, goes: int) -> None:
    template = a_template(per_customer=9)
    mine, theirs = (take(who, template, "take:1", now) for who in (stays, goes))
    merge(stays, goes, now=now)

    again = [take(stays, template, "take:1", now, by=who) for who in (stays, goes)]
    took = take(stays, template, "take:2", now, by=goes)

    assert [(found.id, found.repeated) for found in again] == [(mine.id, True), (theirs.id, True)]
    assert take(stays, template, "take:2", now).id == took.id
    batch = coupons.grant_in_bulk(template_id=template.id, customer_ids=[stays], cause="take:2", now=now)
    assert batch
    assert ids_of(stays, now) == {mine.id, theirs.id, took.id}


def test_a_coupon_used_in_the_others_order_holds_the_two_together(now: dt.datetime, stays: int, goes: int) -> None:
    mine, theirs = (a_coupon(customer_id=who, cause="gift:1") for who in (stays, goes))
    merged = merge(stays, goes, now=now)
    use_in_order(mine, 1, carried_by=stays, now=now)
    assert objections(merged) == []

    use_in_order(theirs, 2, carried_by=stays, now=now)

    assert objections(merged) == [("coupon.used_together", theirs.id)]
    coupons.till.give_back(codes=[theirs.code], order="shop/2", now=now)
    assert objections(merged) == []


def test_a_coupon_used_in_the_others_order_while_they_were_two_holds_nobody(
    now: dt.datetime, stays: int, goes: int
) -> None:
    theirs = a_coupon(customer_id=goes)
    use_in_order(theirs, 1, carried_by=stays, now=now)

    assert objections(merge(stays, goes, now=now)) == []


def test_a_coupon_kept_by_the_others_card_holds_until_it_is_let_go(now: dt.datetime, stays: int, goes: int) -> None:
    theirs = a_coupon(customer_id=goes)
    merged = merge(stays, goes, now=now)
    (row,) = use.lock_by_codes([theirs.code])
    use.lock_row(row, act=use.Act(order="shop/1", carried_by=stays), now=now)
    assert objections(merged) == [("coupon.used_together", theirs.id)]

    coupons.till.unlock(shown=Shown(codes=(theirs.code,)), place=ONLINE, now=now)

    assert objections(merged) == []


def test_one_merge_of_many_is_one_batch(now: dt.datetime) -> None:
    stays, *others = [a_member(now) for _ in range(4)]
    template = a_template(per_customer=3)
    for who in (stays, *others):
        take(who, template, "take:1", now)
    unions = [identity.merging.Union(stays, who) for who in others]

    facts = identity.merging.merge_all(unions, now=now)

    assert len(ids_of(stays, now)) == 4
    assert [notes_of(fact) for fact in facts] == [
        [("coupon.over_limit", {"template_id": template.id, "taken": 4, "limit": 3, "brought": 1})]
    ] * 3
    assert coupons.recount() == []


def test_a_list_that_names_former_selves_gives_one_coupon_a_person(now: dt.datetime, stays: int, goes: int) -> None:
    template, other = a_template(public=False), a_customer(now)
    batch = coupons.grant_in_bulk(template_id=template.id, customer_ids=[stays, goes, other], cause="may", now=now)
    merged = merge(stays, goes, now=now)

    for row_id in outbox.lease_due(now=now):
        outbox.perform(row_id, now=now)

    assert [len(ids_of(who, now)) for who in (stays, other)] == [1, 1]
    assert batch
    undo(merged, now=now)
    assert len(ids_of(stays, now) | ids_of(goes, now)) == 1
