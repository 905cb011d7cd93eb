"""From a list to messages that are planned once each, and what follows them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import db
from app.kernel.facts import announce, ask
from app.outreach import campaigns, materials
from app.outreach.campaigns import Wave
from app.outreach.messaging import ProposedDelivery, SendingProposed
from app.people import privacy
from app.trade.orders import OrderPaid, OrderRefunded
from tests.factories.members import a_member
from tests.factories.merging import merge, undo
from tests.factories.people import a_customer, a_phone, a_staff

pytestmark = pytest.mark.usefixtures("database")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
Draft = campaigns.drafting.Draft


def a_list(people: int, now: dt.datetime) -> tuple[int, list[int]]:
    phones = [a_phone() for _ in range(people)]
    known = [a_customer(now, phone=phone) for phone in phones]
    return campaigns.lists.import_list(
        ["手机号\n", *(f"{phone}\n" for phone in phones)], name="会员日", staff_id=None, now=now
    ), known


def a_campaign(now: dt.datetime, *, list_id: int | None, **changes: Any) -> int:
    """A draft with words, tested."""
    wanted = Draft(
        **{"name": "会员日", "channels": ("oa_service",), "list_id": list_id, "control_percent": 0} | changes
    )
    campaign_id = campaigns.drafting.draft(wanted, staff_id=a_staff(now, role="marketer"), now=now)
    write_words(campaign_id, "会员日明天开始", now=now)
    campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now)], now=now)
    return campaign_id


def a_tester(now: dt.datetime) -> int:
    """Somebody who said yes to marketing."""
    who = a_customer(now)
    privacy.record_consents(
        customer_id=who,
        answers={"notice": True, "marketing": True},
        version=privacy.notice_version(),
        place="miniprogram",
        now=now,
    )
    return who


def write_words(campaign_id: int, body: str, *, now: dt.datetime) -> None:
    purpose = campaigns.listing.get_campaign(campaign_id).purpose
    words = materials.WordsView(
        purpose_id=purpose.id, channel="oa_service", account="wxoa", template_id=None, fields={}, body=body
    )
    materials.words.save_words(words, now=now)


def plan_all(now: dt.datetime, limit: int = 3) -> None:
    for _ in range(200):
        if not campaigns.running.plan_due(now=now, limit=limit):
            return
    raise AssertionError("planning never ends")


def deliveries(campaign_id: int) -> list[dict[str, Any]]:
    found = campaigns.listing.get_campaign(campaign_id)
    rows = db.session.execute(
        text("SELECT * FROM delivery WHERE dispatch_id = ANY(:ids) ORDER BY id"), {"ids": list(found.dispatch_ids)}
    )
    return [dict(row) for row in rows.mappings()]


def test_a_list_counts_who_is_known_unknown_and_named_twice(now: dt.datetime) -> None:
    known, member = a_phone(), a_member(now)
    a_customer(now, phone=known)
    card = db.session.execute(
        text("SELECT card_number FROM member WHERE customer_id = :id"), {"id": member}
    ).scalar_one()
    lines = [
        "\ufeff手机号,会员卡号\n",
        f"{known},\n",
        f"+86 {known},\n",
        f",{card}\n",
        "13000000000,\n",
        "not a phone,\n",
        "\n",
    ]
    kept = campaigns.listing.get_list(campaigns.lists.import_list(lines, name="旧名单", staff_id=None, now=now))
    assert (kept.lines, kept.found, kept.unknown, kept.repeated) == (5, 2, 2, 1)


def test_a_list_that_names_nobody_or_has_no_column_is_refused(now: dt.datetime) -> None:
    for lines in ([], ["姓名\n", "林晓\n"], ["手机号\n", "13000000000\n"]):
        with pytest.raises(campaigns.ListEmpty):
            campaigns.lists.import_list(lines, name="空", staff_id=None, now=now)


def test_R04_nothing_starts_untested_and_new_words_need_a_new_test(now: dt.datetime) -> None:
    list_id, _ = a_list(2, now)
    campaign_id = campaigns.drafting.draft(
        Draft(name="会员日", channels=("oa_service",), list_id=list_id), staff_id=a_staff(now), now=now
    )
    with pytest.raises(campaigns.NotTested):
        campaigns.running.start(campaign_id, now=now)
    with pytest.raises(campaigns.DraftInvalid):  # no words yet
        campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now)], now=now)
    write_words(campaign_id, "明天开始", now=now)
    campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now)], now=now)
    write_words(campaign_id, "后天开始", now=now + HOUR)
    with pytest.raises(campaigns.NotTested):
        campaigns.running.start(campaign_id, now=now + HOUR)


def test_R04_many_people_need_a_second_person(now: dt.datetime) -> None:
    policy.change(campaigns.CampaignsPolicy, second_person_above=2)
    list_id, _ = a_list(3, now)
    campaign_id = a_campaign(now, list_id=list_id)
    maker = campaigns.listing.get_campaign(campaign_id).made_by
    for attempt in (
        campaigns.running.start,
        lambda number, now: campaigns.running.release(number, staff_id=maker, now=now),
    ):
        with pytest.raises(campaigns.SecondPersonNeeded):
            attempt(campaign_id, now=now)
    campaigns.running.release(campaign_id, staff_id=a_staff(now, role="admin"), now=now)
    campaigns.running.start(campaign_id, now=now)
    assert campaigns.listing.get_campaign(campaign_id).state == "scheduled"


def test_R04_a_release_is_of_the_words_as_they_were(now: dt.datetime) -> None:
    policy.change(campaigns.CampaignsPolicy, second_person_above=2)
    list_id, _ = a_list(3, now)
    campaign_id = a_campaign(now, list_id=list_id)
    second, later = a_staff(now, role="admin"), now + HOUR
    campaigns.running.release(campaign_id, staff_id=second, now=now)
    write_words(campaign_id, "别的话", now=later)
    campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now)], now=later)
    assert campaigns.listing.get_campaign(campaign_id).released_by is None
    with pytest.raises(campaigns.SecondPersonNeeded):
        campaigns.running.start(campaign_id, now=later)
    campaigns.running.release(campaign_id, staff_id=second, now=later)
    campaigns.running.start(campaign_id, now=later)


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_everybody_on_the_list_is_planned_once_whatever_the_page(now: dt.datetime, limit: int) -> None:
    list_id, people = a_list(7, now)
    a_customer(now)  # not on the list
    campaign_id = a_campaign(now, list_id=list_id, waves=(Wave(50, 0), Wave(50, 90)))
    campaigns.running.start(campaign_id, now=now)
    plan_all(now, limit)
    plan_all(now, limit)
    rows = deliveries(campaign_id)
    assert sorted(row["customer_id"] for row in rows) == sorted(people)
    assert {row["due_at"] - now for row in rows} <= {dt.timedelta(0), dt.timedelta(minutes=90)}
    assert campaigns.listing.get_campaign(campaign_id).planned == 7


def test_to_everybody_means_everybody_and_not_before_its_time(now: dt.datetime) -> None:
    people = {a_customer(now) for _ in range(5)}
    campaign_id = a_campaign(now, list_id=None, starts_at=now + DAY)
    campaigns.running.start(campaign_id, now=now)
    plan_all(now)
    assert deliveries(campaign_id) == []
    plan_all(now + DAY)
    assert people <= {row["customer_id"] for row in deliveries(campaign_id)}


def test_what_is_started_after_its_time_begins_now(now: dt.datetime) -> None:
    list_id, _ = a_list(1, now)
    campaign_id = a_campaign(now, list_id=list_id, starts_at=now + HOUR)
    later = now + 3 * DAY  # longer than a message is valid
    campaigns.running.start(campaign_id, now=later)
    plan_all(later)
    (row,) = deliveries(campaign_id)
    assert (row["due_at"], row["expires_at"]) == (later, later + DAY)


def test_what_was_paused_before_it_began_begins_when_it_goes_on(now: dt.datetime) -> None:
    list_id, _ = a_list(1, now)
    campaign_id = a_campaign(now, list_id=list_id, starts_at=now + HOUR)
    campaigns.running.start(campaign_id, now=now)
    campaigns.running.pause(campaign_id, now=now)
    later = now + 3 * DAY
    campaigns.running.resume(campaign_id, now=later)
    plan_all(later)
    assert [row["due_at"] for row in deliveries(campaign_id)] == [later]


def test_pausing_stops_planning_and_going_on_leaves_nobody_out(now: dt.datetime) -> None:
    list_id, people = a_list(6, now)
    campaign_id = a_campaign(now, list_id=list_id)
    campaigns.running.start(campaign_id, now=now)
    campaigns.running.plan_due(now=now, limit=2)
    campaigns.running.pause(campaign_id, now=now)
    assert campaigns.running.plan_due(now=now, limit=2) == 0
    states = "SELECT state FROM dispatch WHERE id = ANY(:ids)"
    ids = {"ids": list(campaigns.listing.get_campaign(campaign_id).dispatch_ids)}
    assert db.session.execute(text(states), ids).scalars().all() == ["paused"]
    campaigns.running.resume(campaign_id, now=now)
    plan_all(now)
    assert sorted(row["customer_id"] for row in deliveries(campaign_id)) == sorted(people)


def test_who_left_the_list_and_a_stopped_campaign_are_objected_to(now: dt.datetime) -> None:
    list_id, people = a_list(3, now)
    campaign_id = a_campaign(now, list_id=list_id)
    campaigns.running.start(campaign_id, now=now)
    plan_all(now)
    assert _objections(campaign_id, now) == {}
    campaigns.lists.leave(list_id, customer_ids=[people[0]], now=now)
    assert _objections(campaign_id, now) == {people[0]: "left_list"}
    campaigns.running.stop(campaign_id, now=now)
    assert set(_objections(campaign_id, now).values()) == {"stopped"}
    with pytest.raises(campaigns.CampaignMoved):
        campaigns.running.resume(campaign_id, now=now)


def _objections(campaign_id: int, now: dt.datetime) -> dict[int, str]:
    rows = deliveries(campaign_id)
    proposed = tuple(
        ProposedDelivery(
            row["id"], row["dispatch_id"], row["customer_id"], row["customer_id"], None, row["occasion"], {}
        )
        for row in rows
    )
    people = {row["id"]: row["customer_id"] for row in rows}
    code = campaigns.listing.get_campaign(campaign_id).purpose.code
    found: Sequence[Any] = ask(SendingProposed(code, proposed, now))
    return {people[one.data["delivery_id"]]: one.code for one in found}


def paid(customer_id: int, number: int, at: dt.datetime, fen: int = 10_000) -> OrderPaid:
    return OrderPaid(number, customer_id, customer_id, "shop", f"N{number}", None, at, fen, False, True, (), (), at)


def refunded(customer_id: int, number: int, at: dt.datetime, fen: int, base: int = 10_000) -> OrderRefunded:
    return OrderRefunded(number, customer_id, customer_id, "T1", fen, fen, base, fen == base, (), at, at)


def _sent(campaign_id: int, now: dt.datetime, control: Sequence[int] = ()) -> None:
    db.session.execute(
        text(
            "UPDATE delivery SET state = 'sent', sent_at = :now WHERE dispatch_id = ANY(:ids) AND customer_id <> ALL(:control)"
        ),
        {"now": now, "ids": list(campaigns.listing.get_campaign(campaign_id).dispatch_ids), "control": list(control)},
    )
    db.session.execute(
        text(
            "UPDATE delivery SET state = 'held_back', reason = 'control', ended_at = :now WHERE customer_id = ANY(:control)"
        ),
        {"now": now, "control": list(control)},
    )


def _arms(campaign_id: int) -> dict[str, tuple[int, int]]:
    rows = db.session.execute(
        text(
            "SELECT arm, count(*) AS orders, sum(base_fen - refunded_fen) AS net FROM campaign_order"
            " WHERE campaign_id = :id GROUP BY arm"
        ),
        {"id": campaign_id},
    )
    return {row.arm: (row.orders, row.net) for row in rows}


def test_orders_within_the_days_follow_and_refunds_are_taken_off(now: dt.datetime) -> None:
    list_id, (treated, late, held) = a_list(3, now)
    campaign_id = a_campaign(now, list_id=list_id, goal_days=7)
    campaigns.running.start(campaign_id, now=now)
    plan_all(now)
    _sent(campaign_id, now, control=[held])
    announce([paid(treated, 1, now + DAY), paid(held, 2, now + DAY), paid(late, 3, now + 8 * DAY)])
    announce([paid(treated, 1, now + DAY), paid(treated, 4, now - HOUR)])  # told again; bought before
    assert _arms(campaign_id) == {"treated": (1, 10_000), "control": (1, 10_000)}
    announce([refunded(treated, 1, now + 2 * DAY, 4_000)])
    assert _arms(campaign_id)["treated"] == (1, 6_000)


def test_merging_takes_places_and_orders_along_and_undoing_gives_them_back(now: dt.datetime) -> None:
    list_id, (stays, goes) = a_list(2, now)
    campaign_id = a_campaign(now, list_id=list_id)
    campaigns.running.start(campaign_id, now=now)
    plan_all(now)
    _sent(campaign_id, now)
    announce([paid(goes, 1, now + DAY)])
    before = db.session.execute(text("SELECT * FROM campaign_order")).all()
    merged = merge(stays, goes, now=now)
    assert db.session.execute(text("SELECT customer_id FROM campaign_order")).scalars().all() == [stays]
    assert (
        db.session.execute(text("SELECT count(*) FROM recipient WHERE customer_id = :id"), {"id": stays}).scalar() == 2
    )
    undo(merged, now=now)
    assert db.session.execute(text("SELECT * FROM campaign_order")).all() == before


def test_a_sample_is_of_its_people_only_and_all_of_few(now: dt.datetime) -> None:
    list_id, people = a_list(5, now)
    a_customer(now)
    campaign_id = a_campaign(now, list_id=list_id)
    assert sorted(campaigns.listing.sample_of(campaign_id, number=10)) == sorted(people)
    assert set(campaigns.listing.sample_of(campaign_id, number=2)) < set(people)
    to_all = a_campaign(now, list_id=None)
    assert set(people) <= set(campaigns.listing.sample_of(to_all, number=100))


def test_people_are_found_by_openid_in_any_account_of_the_brand(now: dt.datetime) -> None:
    who = a_customer(now, openid="o-list-0001")
    lines = ["openid\n", "o-list-0001\n", "o-nobody\n"]
    kept = campaigns.listing.get_list(campaigns.lists.import_list(lines, name="公众号", staff_id=None, now=now))
    assert (kept.found, kept.unknown) == (1, 1)
    assert db.session.execute(text("SELECT customer_id FROM recipient")).scalars().all() == [who]


def test_R04_a_test_goes_to_colleagues_and_to_those_who_agreed_only(now: dt.datetime) -> None:
    list_id, _ = a_list(1, now)
    campaign_id = a_campaign(now, list_id=list_id)
    with pytest.raises(campaigns.DraftInvalid):
        campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now), a_customer(now)], now=now)


def test_R04_words_stand_while_a_campaign_is_under_way(now: dt.datetime) -> None:
    list_id, _ = a_list(1, now)
    campaign_id = a_campaign(now, list_id=list_id)
    write_words(campaign_id, "还是草稿，可以改", now=now)
    campaigns.drafting.test(campaign_id, customer_ids=[a_tester(now)], now=now + HOUR)
    campaigns.running.start(campaign_id, now=now + HOUR)
    with pytest.raises(materials.WordsFixed):
        write_words(campaign_id, "开始了，不能改", now=now + HOUR)
    campaigns.running.stop(campaign_id, now=now + HOUR)
    write_words(campaign_id, "停了，可以改", now=now + HOUR)
