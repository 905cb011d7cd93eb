"""Lock → redeem → give back, at tills, by clerks, by orders."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from app.kernel.errors import Refusal
from app.membership import coupons, members
from app.membership.coupons.operations import use
from app.membership.coupons.operations.till import Place, Shown
from app.people import stores
from tests.factories.coupons import a_coupon, a_template, some_terms
from tests.factories.members import a_member
from tests.factories.people import a_store

pytestmark = pytest.mark.usefixtures("database")
HALF_HOUR = dt.timedelta(minutes=30)
AT_TILL = Place(till="pos-1", store_code="S-1", order="pos/1")
ONLINE = Place(till="shop", order="shop/1")


@pytest.fixture
def store(now: dt.datetime) -> int:
    return a_store(now, code="S-1", name="南京西路店")


def shown(*held: coupons.Coupon) -> Shown:
    return Shown(codes=tuple(coupon.code for coupon in held))


def state_of(coupon: coupons.Coupon) -> str:
    return coupons.get_coupon(customer_id=coupon.customer_id, coupon_id=coupon.id).state


@pytest.fixture
def held(now: dt.datetime, store: int) -> coupons.Coupon:
    return a_coupon(customer_id=a_member(now))


def test_X04_the_second_till_hears_when_and_where(now: dt.datetime, held: coupons.Coupon) -> None:
    (done,) = coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)

    with pytest.raises(coupons.AlreadyRedeemed) as refused:
        coupons.till.redeem(shown=shown(held), place=Place(till="pos-2", store_code="S-1", order="pos/2"), now=now)

    assert (done.state, done.redeemed_at) == ("redeemed", now)
    assert refused.value.data == {"redeemed_at": now.isoformat(), "store": "南京西路店"}


def test_the_same_order_at_the_same_till_gets_the_first_answer(now: dt.datetime, held: coupons.Coupon) -> None:
    coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)
    (again,) = coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)

    assert (again.state, again.repeated) == ("redeemed", True)


def test_a_clerk_redeems_once(now: dt.datetime, held: coupons.Coupon, store: int) -> None:
    by_clerk = {"store_id": store, "staff_id": 7, "now": now}
    assert coupons.redeem_by_code(code=held.code.lower(), **by_clerk).state == "redeemed"

    with pytest.raises(coupons.AlreadyRedeemed):
        coupons.redeem_by_code(code=held.code, **by_clerk)


def test_X04_no_clerk_redeems_for_themselves(
    now: dt.datetime, held: coupons.Coupon, store: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = {(7, held.customer_id)}
    monkeypatch.setattr(use.teams, "is_oneself", lambda *, staff_id, customer_id: (staff_id, customer_id) in own)

    with pytest.raises(coupons.OwnCoupon):
        coupons.redeem_by_code(code=held.code, store_id=store, staff_id=7, now=now)
    assert state_of(held) == "usable"


def test_X04_the_members_60_second_code_opens_their_coupons(now: dt.datetime, held: coupons.Coupon, store: int) -> None:
    card = members.get_card(held.customer_id, now).code.code
    (checked,) = coupons.till.check(shown=Shown(card_code=card), place=AT_TILL, now=now)
    (done,) = coupons.till.redeem(shown=Shown(card_code=card, coupon_ids=(held.id,)), place=AT_TILL, now=now)

    assert (checked.coupon.id, checked.refusal, done.state) == (held.id, None, "redeemed")
    with pytest.raises(members.CardCodeInvalid):
        coupons.till.check(shown=Shown(card_code=card), place=AT_TILL, now=now + dt.timedelta(minutes=2))


def test_X04_a_card_code_does_not_open_others_coupons(now: dt.datetime, held: coupons.Coupon) -> None:
    card = members.get_card(a_member(now), now).code.code

    with pytest.raises(coupons.CouponUnknown):
        coupons.till.redeem(shown=Shown(card_code=card, coupon_ids=(held.id,)), place=AT_TILL, now=now)


def test_K04_an_unpaid_order_keeps_a_coupon_for_30_minutes(now: dt.datetime, held: coupons.Coupon) -> None:
    (locked,) = coupons.till.lock(shown=shown(held), place=ONLINE, now=now)
    (again,) = coupons.till.lock(shown=shown(held), place=ONLINE, now=now + HALF_HOUR / 2)

    assert (locked.state, locked.locked_until, again.locked_until) == ("locked", now + HALF_HOUR, now + HALF_HOUR)
    with pytest.raises(coupons.InUse) as refused:
        coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)
    assert refused.value.data == {"until": (now + HALF_HOUR).isoformat()}
    (done,) = coupons.till.redeem(shown=shown(held), place=ONLINE, now=now)
    assert done.state == "redeemed"


def test_K04_a_lock_that_is_over_hinders_nobody(now: dt.datetime, held: coupons.Coupon) -> None:
    coupons.till.lock(shown=shown(held), place=ONLINE, now=now)

    (done,) = coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now + HALF_HOUR)
    assert done.state == "redeemed"


def test_K04_after_a_lock_that_ran_out_the_next_order_keeps_the_coupon(now: dt.datetime, held: coupons.Coupon) -> None:
    coupons.till.lock(shown=shown(held), place=ONLINE, now=now)
    later = now + HALF_HOUR
    (locked,) = coupons.till.lock(shown=shown(held), place=Place("shop", order="shop/2"), now=later)

    assert locked.locked_until == later + HALF_HOUR
    assert coupons.due.lock_release_due(now=later, limit=10) == 0
    with pytest.raises(coupons.InUse):
        coupons.till.redeem(shown=shown(held), place=AT_TILL, now=later)


def test_K04_the_sweep_frees_what_was_kept_too_long(now: dt.datetime, held: coupons.Coupon) -> None:
    coupons.till.lock(shown=shown(held), place=ONLINE, now=now)

    assert coupons.due.lock_release_due(now=now + HALF_HOUR - dt.timedelta(seconds=1), limit=10) == 0
    assert coupons.due.lock_release_due(now=now + HALF_HOUR, limit=10) == 1
    assert state_of(held) == "usable"


def test_K04_what_ended_while_locked_is_expired_when_freed_and_payable_until_then(
    now: dt.datetime, held: coupons.Coupon
) -> None:
    last_minute = held.ends_before - dt.timedelta(minutes=1)
    coupons.till.lock(shown=shown(held), place=ONLINE, now=last_minute)
    other = a_coupon(customer_id=held.customer_id, cause="gift:2")
    coupons.till.lock(shown=shown(other), place=Place("shop", order="shop/2"), now=last_minute)

    (paid,) = coupons.till.redeem(shown=shown(held), place=ONLINE, now=held.ends_before)
    assert paid.state == "redeemed"
    assert coupons.due.lock_release_due(now=last_minute + HALF_HOUR, limit=10) == 1
    assert state_of(other) == "expired"


def test_unlocking_is_for_the_order_that_locked(now: dt.datetime, held: coupons.Coupon) -> None:
    coupons.till.lock(shown=shown(held), place=ONLINE, now=now)

    with pytest.raises(coupons.NotLocked):
        coupons.till.unlock(shown=shown(held), place=Place("shop", order="shop/9"), now=now)
    (free,) = coupons.till.unlock(shown=shown(held), place=ONLINE, now=now)
    (again,) = coupons.till.unlock(shown=shown(held), place=ONLINE, now=now)
    assert (free.state, again.state) == ("usable", "usable")
    coupons.till.lock(shown=shown(held), place=ONLINE, now=now)
    (late,) = coupons.till.unlock(shown=shown(held), place=ONLINE, now=held.ends_before)
    assert late.state == "expired"


@pytest.mark.parametrize(
    ("terms", "moment", "refusal"),
    [
        ({}, dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC), coupons.Ended),
        ({"validity": coupons.Validity(starts_at=dt.datetime(2026, 6, 1, tzinfo=dt.UTC),
                                       ends_before=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))}, None, coupons.NotYet),
        ({"scope": coupons.Scope(stores=(999,))}, None, coupons.NotHere),
        ({"scope": coupons.Scope(channels=("tmall",))}, None, coupons.NotHere),
    ],
)  # fmt: skip
def test_what_cannot_be_used_here_and_now_is_refused_and_said(
    now: dt.datetime, store: int, terms: dict[str, Any], moment: dt.datetime | None, refusal: type[Refusal]
) -> None:
    held = a_coupon(customer_id=a_member(now), template=a_template(terms=some_terms(**terms), public=False))
    (checked,) = coupons.till.check(shown=shown(held), place=AT_TILL, now=moment or now)

    assert isinstance(checked.refusal, refusal)
    with pytest.raises(refusal):
        coupons.till.redeem(shown=shown(held), place=AT_TILL, now=moment or now)


def test_K06_stopped_use_is_refused_and_may_be_taken_back(now: dt.datetime, store: int) -> None:
    template = a_template(public=False)
    held = a_coupon(customer_id=a_member(now), template=template)
    for state in ("taking_stopped", "use_stopped"):
        coupons.templates.change_state(template_id=template.id, state=state)

    with pytest.raises(coupons.UseStopped):
        coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)
    coupons.templates.change_state(template_id=template.id, state="taking_stopped")
    assert coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)[0].state == "redeemed"


def test_K02_one_of_each_level_an_order_over_all_calls(now: dt.datetime, store: int) -> None:
    member = a_member(now)
    first, second = a_coupon(customer_id=member), a_coupon(customer_id=member, cause="gift:2")
    lips = some_terms(coverage=coupons.Coverage("product"))
    third = a_coupon(customer_id=member, template=a_template(terms=lips, public=False), cause="gift:3")

    with pytest.raises(coupons.NotTogether):
        coupons.till.redeem(shown=shown(first, second), place=AT_TILL, now=now)
    coupons.till.redeem(shown=shown(first, third), place=AT_TILL, now=now)
    with pytest.raises(coupons.NotTogether):
        coupons.till.redeem(shown=shown(second), place=AT_TILL, now=now)
    coupons.till.redeem(shown=shown(second), place=Place(till="pos-1", store_code="S-1"), now=now)


@pytest.mark.parametrize("code", ["Q000000000000000", "nonsense", "TM-404"])
def test_a_code_that_nobody_has_is_unknown(now: dt.datetime, code: str) -> None:
    with pytest.raises(coupons.CouponUnknown):
        coupons.redeem_by_code(code=code, store_id=None, till="pos-1", now=now)


def test_a_store_that_does_not_exist_is_refused(now: dt.datetime, held: coupons.Coupon) -> None:
    with pytest.raises(stores.StoreUnknown):
        coupons.till.check(shown=shown(held), place=Place("pos-1", store_code="S-404"), now=now)


def test_a_code_from_outside_is_redeemed_as_printed(now: dt.datetime) -> None:
    template = a_template(from_pool=True)
    coupons.templates.add_codes(template_id=template.id, codes=["tm-0001"], now=now)
    a_coupon(customer_id=a_member(now), template=template)

    assert coupons.redeem_by_code(code=" tm-0001 ", store_id=None, till="pos-1", now=now).state == "redeemed"


@pytest.fixture
def used(now: dt.datetime, store: int) -> Callable[..., coupons.Coupon]:
    def use_one(**terms: Any) -> coupons.Coupon:
        held = a_coupon(customer_id=a_member(now), template=a_template(terms=some_terms(**terms), public=False))
        coupons.till.redeem(shown=shown(held), place=AT_TILL, now=now)
        return held

    return use_one


def test_K03_given_back_with_its_old_end_and_once(now: dt.datetime, used: Callable[..., coupons.Coupon]) -> None:
    held = used()
    (back,) = coupons.till.give_back(codes=[held.code], order="pos/1", now=now)
    (again,) = coupons.till.give_back(codes=[held.code], order="pos/1", now=now)

    assert (back.state, back.ends_before, back.redeemed_at) == ("usable", held.ends_before, None)
    assert again.repeated
    coupons.till.redeem(shown=shown(held), place=Place("pos-1", order="pos/2"), now=now)
    (late,) = coupons.till.give_back(codes=[held.code], order="pos/1", now=now)
    assert late.state == "redeemed", "the first order's refund does not free what the second used"


@pytest.mark.parametrize(("extends", "state"), [(0, "expired"), (7, "usable")])
def test_K03_past_its_end_dead_or_seven_days_more(
    now: dt.datetime, used: Callable[..., coupons.Coupon], extends: int, state: str
) -> None:
    held = used(extends_days=extends)
    later = held.ends_before + dt.timedelta(hours=1)
    (back,) = coupons.till.give_back(codes=[held.code], order="pos/1", now=later)

    assert back.state == state
    assert back.ends_before - held.ends_before == dt.timedelta(days=extends + 1 if extends else 0)


def test_giving_back_what_the_order_never_used_is_refused(now: dt.datetime, held: coupons.Coupon) -> None:
    with pytest.raises(coupons.NotRedeemed):
        coupons.till.give_back(codes=[held.code], order="pos/1", now=now)


def test_a_withdrawn_coupon_is_void_and_its_number_free_again(now: dt.datetime) -> None:
    template, member = a_template(total=1), a_member(now)
    held = coupons.take(customer_id=member, template_id=template.id, cause="take:1", now=now)
    gift = a_coupon(customer_id=member, cause="gift:2")

    assert use.withdraw(customer_id=member, coupon_ids=[held.id, gift.id], why="grant_cancelled", now=now) == 2
    assert use.withdraw(customer_id=member, coupon_ids=[held.id], why="grant_cancelled", now=now) == 0

    with pytest.raises(coupons.Withdrawn):
        coupons.redeem_by_code(code=held.code, store_id=None, till="pos-1", now=now)
    with pytest.raises(coupons.NotLocked):
        coupons.till.unlock(shown=shown(held), place=ONLINE, now=now)
    assert coupons.take(customer_id=member, template_id=template.id, cause="take:2", now=now).state == "usable"
    assert coupons.recount() == []


def test_K04_the_sweep_expires_what_is_over_and_the_list_knew_before(now: dt.datetime, held: coupons.Coupon) -> None:
    after = held.ends_before
    (listed,) = coupons.list_coupons(customer_id=held.customer_id, now=after, state="expired").items

    assert (listed.id, listed.shown_state(after)) == (held.id, "expired")
    assert coupons.due.expire_due(now=after - dt.timedelta(seconds=1), limit=10) == 0
    assert (coupons.due.expire_due(now=after, limit=10), coupons.due.expire_due(now=after, limit=10)) == (1, 0)
    assert state_of(held) == "expired"
