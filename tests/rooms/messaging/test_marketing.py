"""Marketing: only to who agreed, by day, so many, the best of a day, never to the control group, and not after a refund."""

import concurrent.futures
import datetime as dt
from collections import Counter

import flask
import pytest

from app.kernel import policy
from app.kernel.database import unit_of_work
from app.outreach.materials import PurposeView
from app.outreach.messaging import MessagingPolicy, limits, refusing
from app.outreach.messaging.operations import judging
from app.outreach.messaging.operations.judging import Go, Wait
from app.outreach.messaging.reactions.limits_of_people import leave_in_peace_after_a_refund
from app.outreach.messaging.rules.quotas import Limit
from app.trade import orders
from tests.factories.channels import (
    a_delivery,
    a_dispatch,
    a_person,
    a_purpose,
    goes,
    grant,
    told,
    verdict,
)  # fmt: skip
from tests.factories.merging import merge, undo

DAY, HOUR, MINUTE = dt.timedelta(days=1), dt.timedelta(hours=1), dt.timedelta(minutes=1)


@pytest.fixture
def purpose(database: object, now: dt.datetime) -> PurposeView:
    return a_purpose(now, "sms", kind="marketing", valid_minutes=100_000)


@pytest.mark.parametrize(
    ("phone", "day", "noon"),
    [
        ("+8613912345678", "2026-01-15", "04:00"),
        ("+12125551234", "2026-01-15", "17:00"),  # New York in winter
        ("+12125551234", "2026-07-15", "16:00"),  # and with daylight saving time
        ("+447911123456", "2026-01-15", "12:00"),
        ("+447911123456", "2026-07-15", "11:00"),
        ("+819012345678", "2026-07-15", "03:00"),
    ],
)
def test_R03_it_is_quiet_by_the_persons_own_clock(database: object, phone: str, day: str, noon: str) -> None:
    noon_there = dt.datetime.fromisoformat(f"{day}T{noon}+00:00")
    purpose = a_purpose(noon_there, "mp_subscription", kind="marketing")
    person = a_person(noon_there, phone=phone)
    grant(person, noon_there, *["accept"] * 4)
    one = a_delivery(purpose, person, noon_there)
    morning, night = noon_there - 3.5 * HOUR, noon_there + 9.5 * HOUR

    assert [told(one, at) for at in (morning - MINUTE, night, night + 3 * HOUR)] == ["quiet_hours"] * 3
    assert verdict(one, night) == Wait(one.delivery_id, morning + DAY, "quiet_hours")
    assert told(one, night - MINUTE) == "mp_subscription"
    assert told(one, morning + DAY) == "mp_subscription"


def test_R03_a_night_with_a_change_of_the_clock_ends_at_half_past_eight(database: object) -> None:
    evening = dt.datetime(2026, 3, 8, 3, 30, tzinfo=dt.UTC)  # 22:30 in New York; clocks go forward at two
    purpose, person = a_purpose(evening, "mp_subscription"), a_person(evening, phone="+12125551234")
    grant(person, evening)

    found = verdict(a_delivery(purpose, person, evening), evening)

    assert found == Wait(found.delivery_id, dt.datetime(2026, 3, 8, 12, 30, tzinfo=dt.UTC), "quiet_hours")


def test_R03_only_what_presses_is_told_at_night(database: object) -> None:
    night = dt.datetime(2026, 5, 20, 15, tzinfo=dt.UTC)
    services = [a_purpose(night, "oa_template", pressing=pressing) for pressing in (True, False)]
    marketing = a_purpose(night, "sms", kind="marketing", pressing=True)

    said = [told(a_delivery(each, a_person(night), night), night) for each in (*services, marketing)]

    assert said == ["oa_template", "quiet_hours", "quiet_hours"]


def test_R03_what_cannot_wait_for_the_morning_stays(database: object) -> None:
    night = dt.datetime(2026, 5, 20, 15, tzinfo=dt.UTC)
    purpose = a_purpose(night, "oa_template", valid_minutes=60)

    found = verdict(a_delivery(purpose, a_person(night), night), night)

    assert found == judging.Hold(found.delivery_id, "quiet_hours", {"oa_template": "quiet_hours"})


def test_R03_one_a_day_and_eight_a_month_over_all_channels(purpose: PurposeView, now: dt.datetime) -> None:
    person, other = a_person(now), a_purpose(now, "mp_subscription", kind="marketing", valid_minutes=100_000)
    grant(person, now, *["accept"] * 20)
    said = []
    for day in range(12):
        for each in (purpose, other):
            said.append(told(a_delivery(each, person, now, state="planned", due_at=now), now + day * DAY))

    assert Counter(said[:15]) == {"sms": 8, "capped_day": 7}
    assert set(said[15:]) == {"capped_month"}
    assert told(a_delivery(purpose, person, now, state="planned"), now + 12 * DAY) == "sms"  # the first of June
    service = a_purpose(now, "oa_template", valid_minutes=100_000)
    assert told(a_delivery(service, person, now), now) == "oa_template"


def test_R03_a_channel_may_have_caps_of_its_own(purpose: PurposeView, now: dt.datetime) -> None:
    policy.change(MessagingPolicy, marketing_a_day=5, marketing_a_day_by={"sms": 1}, marketing_a_month_by={"sms": 2})
    person = a_person(now)
    both = a_purpose(now, "sms", "mp_subscription", kind="marketing", valid_minutes=100_000)
    grant(person, now, *["accept"] * 20)

    said = [told(a_delivery(both, person, now, state="planned"), now + day * DAY) for day in (0, 0, 1, 2)]

    assert said == ["sms", "mp_subscription", "sms", "mp_subscription"]


def test_R03_what_was_not_sent_does_not_count(purpose: PurposeView, now: dt.datetime) -> None:
    person = a_person(now)
    sent = goes(a_delivery(purpose, person, now, state="planned"), now)
    for _ in range(3):
        judging.give_back([sent.delivery_id], now=now)

    assert [told(a_delivery(purpose, person, now, state="planned"), now) for _ in range(2)] == ["sms", "capped_day"]


def test_R03_of_two_on_one_day_the_better_one(purpose: PurposeView, now: dt.datetime) -> None:
    worse, better = (a_dispatch(purpose, now, priority=priority) for priority in (500, 100))
    person, tomorrow, paused, control = (a_person(now) for _ in range(4))
    a_delivery(purpose, person, now, better, state="planned", due_at=now + 5 * HOUR)
    a_delivery(purpose, tomorrow, now, better, state="planned", due_at=now + 20 * HOUR)
    stopped = a_dispatch(purpose, now, priority=100, state="paused")
    a_delivery(purpose, paused, now, stopped, state="planned")
    all_control = a_dispatch(purpose, now, priority=100, control_percent=100)
    a_delivery(purpose, control, now, all_control, state="planned")

    said = [told(a_delivery(purpose, who, now, worse), now) for who in (person, tomorrow, paused, control)]

    assert said == ["outranked", "sms", "sms", "sms"]


@pytest.mark.usefixtures("purpose")
def test_R03_a_refund_stops_marketing_for_a_week(purpose: PurposeView, now: dt.datetime) -> None:
    recent, long_ago = a_person(now), a_person(now)
    for number, (who, at) in enumerate([(recent, now), (long_ago, now - 8 * DAY)]):
        leave_in_peace_after_a_refund([a_refund(number, who, at, now)])

    def say(who: int, days: float) -> str:
        return told(a_delivery(purpose, who, now, state="planned"), now + days * DAY)

    assert [say(recent, 0), say(recent, 6.9), say(long_ago, 0), say(recent, 7.1)] == ["peace", "peace", "sms", "sms"]


def a_refund(number: int, customer_id: int, refunded_at: dt.datetime, now: dt.datetime) -> orders.OrderRefunded:
    return orders.OrderRefunded(
        order_id=number, customer_id=customer_id, born_customer_id=customer_id, refund_number=str(number), refunded_fen=1,
        refunded_total_fen=1, base_fen=1, fully=True, coupon_codes=(), refunded_at=refunded_at, at=now,
    )  # fmt: skip


def test_R03_a_complaint_stops_marketing_until_it_is_settled(purpose: PurposeView, now: dt.datetime) -> None:
    person = a_person(now)
    refusing.keep_peace([refusing.Peaceful(person, person, "complaint:1", now + 30 * DAY)], now=now)
    assert told(a_delivery(purpose, person, now, state="planned"), now + DAY) == "peace"

    refusing.end_peace(person, cause="complaint:1", now=now + DAY)

    assert told(a_delivery(purpose, person, now), now + DAY) == "sms"


def test_R02_a_refusal_by_text_stops_texts_and_one_of_all_stops_all(now: dt.datetime, database: object) -> None:
    by_text, of_all = a_person(now), a_person(now)
    both = a_purpose(now, "sms", "mp_subscription", kind="marketing")
    for who in (by_text, of_all):
        grant(who, now)
    refusing.refuse(by_text, channel="sms", source="sms:R", now=now)
    refusing.refuse(of_all, channel="", source="miniprogram", now=now)
    service = a_purpose(now, "sms")

    assert [told(a_delivery(both, who, now), now) for who in (by_text, of_all)] == ["mp_subscription", "refused"]
    assert told(a_delivery(service, by_text, now, state="planned"), now) == "sms"
    refusing.allow(of_all, channel="", source="miniprogram", now=now + HOUR)
    assert told(a_delivery(both, of_all, now, state="planned"), now + HOUR) == "sms"


def test_a_control_group_is_the_share_that_was_asked_for_and_stays_so_in_every_wave(
    database: object, now: dt.datetime
) -> None:
    purpose = a_purpose(now, "oa_template")
    people = [a_person(now) for _ in range(60)]
    waves = [a_dispatch(purpose, now, control_percent=30, control_salt="spring") for _ in range(2)]

    said = [[told(a_delivery(purpose, who, now, wave, state="planned"), now) for who in people] for wave in waves]

    assert said[0] == said[1]
    assert 8 <= Counter(said[0])["control"] <= 30


def test_a_merge_lets_nothing_through_to_who_was_kept_out(database: object, now: dt.datetime) -> None:
    purpose = a_purpose(now, "oa_template")
    wave = a_dispatch(purpose, now, control_percent=50, control_salt="spring")
    people = [a_person(now) for _ in range(12)]
    group = {who: told(a_delivery(purpose, who, now, wave, state="planned"), now) for who in people}
    treated = next(who for who in people if group[who] != "control")
    control = next(who for who in people if group[who] == "control")

    merged = merge(treated, control, now=now)
    assert told(a_delivery(purpose, treated, now, wave, state="planned"), now) == "control"
    undo(merged, now=now)

    again = [told(a_delivery(purpose, who, now, wave, state="planned"), now) for who in (treated, control)]
    assert again == ["oa_template", "control"]


RACERS, MESSAGES = 16, 6


def test_R03_caps_and_grants_are_never_exceeded_by_sixteen_at_once(committed: flask.Flask, now: dt.datetime) -> None:
    with committed.app_context(), unit_of_work():
        policy.change(MessagingPolicy, marketing_a_day=4)
        limits.set_limit("", channel="sms", limit=Limit(10_000, 10_000), now=now)
        purpose = a_purpose(now, "mp_subscription", "sms", kind="marketing")
        people = [a_person(now) for _ in range(3)]
        for who in people:
            grant(who, now, "accept", "accept", "accept")
        planned = [
            a_delivery(purpose, who, now, state="planned") for who in people for _ in range(RACERS * MESSAGES // 2)
        ]
    policy.forget()  # what was cached before the commit

    def judge(one: judging.Candidate) -> tuple[int | None, str]:
        with committed.app_context(), unit_of_work():
            found = verdict(one, now)
            return one.customer_id, found.channel if isinstance(found, Go) else found.reason

    with concurrent.futures.ThreadPoolExecutor(RACERS) as pool:
        said = Counter(pool.map(judge, planned))

    for who in people:
        assert (said[who, "mp_subscription"], said[who, "sms"]) == (3, 1)
        assert said[who, "capped_day"] == RACERS * MESSAGES // 2 - 4
