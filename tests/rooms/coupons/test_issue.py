"""Taking and granting on a real database: stock, budget, limits, causes, pools, the two-person rule."""

import datetime as dt
from typing import Any

import pytest

from app.kernel import facts
from app.kernel.errors import Refusal
from app.membership import coupons
from app.membership.coupons import rules
from tests.factories.coupons import a_template
from tests.factories.members import a_member
from tests.factories.people import a_customer

pytestmark = pytest.mark.usefixtures("database")
HOUR = dt.timedelta(hours=1)


def stock_of(template: coupons.Template) -> tuple[int, int]:
    found = coupons.templates.get_template(template.id)
    return found.taken, found.promised_fen


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    heard: list[object] = []
    for kind in (coupons.CouponTaken, coupons.CouponStockLow):
        monkeypatch.setitem(facts._reactions, kind, [heard.extend])
    return heard


def test_K04_a_coupon_of_seven_days_ends_with_the_seventh_day_after_the_taking_day(now: dt.datetime) -> None:
    taken = coupons.take(customer_id=a_member(now), template_id=a_template().id, cause="take:1", now=now)

    assert taken.ends_before == dt.datetime(2026, 5, 27, 16, tzinfo=dt.UTC)  # 28 May 00:00 in Shanghai
    assert (taken.starts_at, taken.state) == (now, "usable")


def test_the_same_cause_again_gives_the_first_coupon(now: dt.datetime) -> None:
    customer_id, template = a_member(now), a_template(total=1)

    first = coupons.take(customer_id=customer_id, template_id=template.id, cause="take:1", now=now)
    again = coupons.take(customer_id=customer_id, template_id=template.id, cause="take:1", now=now)

    assert (again.id, again.code, again.repeated) == (first.id, first.code, True)
    assert stock_of(template)[0] == 1


def test_a_cause_is_for_one_template(now: dt.datetime) -> None:
    customer_id = a_member(now)
    coupons.take(customer_id=customer_id, template_id=a_template().id, cause="take:1", now=now)

    with pytest.raises(coupons.CauseReused):
        coupons.take(customer_id=customer_id, template_id=a_template().id, cause="take:1", now=now)


def test_the_last_one_is_the_last_and_a_refusal_leaves_nothing(now: dt.datetime) -> None:
    template, late = a_template(total=1), a_member(now)
    coupons.take(customer_id=a_member(now), template_id=template.id, cause="take:1", now=now)

    with pytest.raises(coupons.SoldOut):
        coupons.take(customer_id=late, template_id=template.id, cause="take:1", now=now)

    assert coupons.list_coupons(customer_id=late, now=now).items == []
    assert coupons.recount() == []


@pytest.mark.parametrize("from_pool", [False, True])
def test_the_update_itself_keeps_the_number_when_the_glance_was_too_early(
    now: dt.datetime, monkeypatch: pytest.MonkeyPatch, from_pool: bool
) -> None:
    template, late = a_template(total=1, from_pool=from_pool), a_member(now)
    if from_pool:
        coupons.templates.add_codes(template_id=template.id, codes=["A1", "A2"], now=now)
    coupons.take(customer_id=a_member(now), template_id=template.id, cause="take:1", now=now)
    monkeypatch.setattr(rules, "why_not_taken", lambda *_: None)

    with pytest.raises(coupons.SoldOut):
        coupons.take(customer_id=late, template_id=template.id, cause="take:1", now=now)

    assert coupons.list_coupons(customer_id=late, now=now).items == []
    assert (stock_of(template)[0], coupons.recount()) == (1, [])


def test_the_upsert_itself_keeps_the_per_member_limit(now: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    customer_id, template = a_member(now), a_template(per_customer=1)
    coupons.take(customer_id=customer_id, template_id=template.id, cause="take:1", now=now)
    monkeypatch.setattr(rules, "why_not_taken", lambda *_: None)

    with pytest.raises(coupons.LimitReached):
        coupons.take(customer_id=customer_id, template_id=template.id, cause="take:2", now=now)

    assert len(coupons.list_coupons(customer_id=customer_id, now=now).items) == 1


def test_each_member_takes_up_to_the_limit(now: dt.datetime) -> None:
    customer_id, template = a_member(now), a_template(per_customer=2)
    for number in (1, 2):
        coupons.take(customer_id=customer_id, template_id=template.id, cause=f"take:{number}", now=now)

    with pytest.raises(coupons.LimitReached) as refused:
        coupons.take(customer_id=customer_id, template_id=template.id, cause="take:3", now=now)

    assert refused.value.data == {"limit": 2}
    coupons.grant(customer_id=customer_id, template_id=template.id, cause="gift:1", now=now)


def test_K06_the_money_budget_stops_at_100_percent_and_alarms_once_at_80(now: dt.datetime, told: list[object]) -> None:
    template = a_template(budget_fen=10_999, per_customer=9)
    customer_id = a_member(now)
    told.clear()
    for number in range(5):
        coupons.take(customer_id=customer_id, template_id=template.id, cause=f"take:{number}", now=now)

    with pytest.raises(coupons.SoldOut):
        coupons.take(customer_id=customer_id, template_id=template.id, cause="take:9", now=now)

    assert stock_of(template) == (5, 10_000)
    alarms = [fact for fact in told if isinstance(fact, coupons.CouponStockLow)]
    assert [(alarm.taken, alarm.promised_fen) for alarm in alarms] == [(5, 10_000)]


@pytest.mark.parametrize(
    ("state", "offering", "refusal", "data"),
    [
        (None, {"take_from": dt.datetime(2026, 6, 1, tzinfo=dt.UTC)}, coupons.NotOpen,
         {"why": "not_yet", "opens_at": "2026-06-01T00:00:00+00:00"}),
        (None, {"take_before": dt.datetime(2026, 5, 1, tzinfo=dt.UTC)}, coupons.NotOpen, {"why": "over"}),
        (None, {"public": False}, coupons.TemplateUnknown, {}),
        ("taking_stopped", {}, coupons.NotOpen, {"why": "not_open"}),
        ("use_stopped", {}, coupons.UseStopped, {}),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_refused(
    now: dt.datetime, state: str | None, offering: dict[str, Any], refusal: type[Refusal], data: dict[str, Any]
) -> None:
    template = a_template(**offering)
    for step in {"use_stopped": ["taking_stopped", "use_stopped"], "taking_stopped": ["taking_stopped"]}.get(
        state or "", []
    ):
        coupons.templates.change_state(template_id=template.id, state=step)

    with pytest.raises(refusal) as refused:
        coupons.take(customer_id=a_member(now), template_id=template.id, cause="take:1", now=now)

    assert refused.value.data == data


def test_C01_a_guest_takes_the_card_first(now: dt.datetime) -> None:
    with pytest.raises(coupons.MembersOnly):
        coupons.take(customer_id=a_customer(now), template_id=a_template().id, cause="take:1", now=now)


def test_a_template_that_does_not_exist_is_refused(now: dt.datetime) -> None:
    with pytest.raises(coupons.TemplateUnknown):
        coupons.grant(customer_id=a_member(now), template_id=999, cause="gift:1", now=now)


def test_codes_from_outside_are_given_out_once_each(now: dt.datetime) -> None:
    template, codes = a_template(from_pool=True, per_customer=5), ["TM-1", "TM-2", " TM-1 ", ""]
    customer_id = a_member(now)

    added = coupons.templates.add_codes(template_id=template.id, codes=codes, now=now)
    taken = [
        coupons.take(customer_id=customer_id, template_id=template.id, cause=f"take:{n}", now=now).code for n in (1, 2)
    ]

    assert added == (2, [])
    assert taken == ["TM-1", "TM-2"]
    with pytest.raises(coupons.SoldOut):
        coupons.take(customer_id=customer_id, template_id=template.id, cause="take:3", now=now)
    assert coupons.templates.add_codes(template_id=template.id, codes=["TM-2", "TM-3"], now=now) == (1, ["TM-2"])


def test_a_template_with_own_codes_takes_none_from_outside(now: dt.datetime) -> None:
    with pytest.raises(coupons.TermsWrong):
        coupons.templates.add_codes(template_id=a_template().id, codes=["TM-1"], now=now)


def test_a_take_tells_upstairs(now: dt.datetime, told: list[object]) -> None:
    customer_id, template = a_member(now), a_template()
    told.clear()

    taken = coupons.take(customer_id=customer_id, template_id=template.id, cause="take:1", now=now)

    assert told == [
        coupons.CouponTaken(taken.id, customer_id, customer_id, template.id, "take:1", taken.ends_before, now)
    ]


def test_what_is_offered_says_why_not(now: dt.datetime) -> None:
    open_one, sold_out, later = a_template(), a_template(total=0), a_template(take_from=now + HOUR)
    a_template(public=False)
    customer_id = a_member(now)
    coupons.take(customer_id=customer_id, template_id=open_one.id, cause="take:1", now=now)

    def offered(who: int) -> dict[int, str | None]:
        return {found.id: found.why_not for found in coupons.templates.list_offered(customer_id=who, now=now)}

    assert offered(customer_id) == {later.id: "not_yet", sold_out.id: "sold_out", open_one.id: "limit_reached"}
    assert offered(a_member(now))[open_one.id] is None
