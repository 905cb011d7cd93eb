"""By which channel a message goes, and what it uses up there."""

import datetime as dt
from collections.abc import Iterator

import pytest

from app.kernel import policy
from app.kernel.settings import settings
from app.outreach.messaging import MessagingPolicy, grants, windows
from app.outreach.messaging.models import MessagingPolicy as Policy
from app.outreach.messaging.operations import judging
from app.outreach.messaging.operations.judging import Go, Hold, Wait
from tests.factories.channels import (
    OA,
    a_delivery,
    a_person,
    a_purpose,
    follow,
    goes,
    grant,
    openid_of,
    told,
    verdict,
    words_for,
)  # fmt: skip
from tests.factories.people import APPID, a_customer, a_staff

pytestmark = pytest.mark.usefixtures("database")
HOUR = dt.timedelta(hours=1)


def shanghai(hours: float) -> dt.datetime:
    return dt.datetime(2026, 5, 19, 16, tzinfo=dt.UTC) + hours * HOUR


def test_G05_whoever_left_is_not_reached_by_template(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_template")
    follow(person, now + HOUR, follows=False)

    found = verdict(a_delivery(purpose, person, now), now + HOUR)

    assert found == Hold(found.delivery_id, "unreachable", {"oa_template": "not_following"})


def test_R01_one_yes_is_one_message_and_then_the_next_channel_has_its_turn(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "mp_subscription", "oa_template")
    grant(person, now, "accept", "accept")

    channels = [told(a_delivery(purpose, person, now, state="planned"), now) for _ in range(3)]

    assert channels == ["mp_subscription", "mp_subscription", "oa_template"]


def test_R01_no_grant_is_not_an_error_but_said(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "mp_subscription")

    assert told(a_delivery(purpose, person, now), now) == "not_granted"


@pytest.mark.parametrize(
    ("said", "goes_out"),
    [
        (["accept"], True),
        (["accept", "reject"], False),
        (["accept", "cancel", "accept"], True),
        (["accept", "accept", "cancel"], False),
        (["reject", "accept"], True),
    ],
)
def test_R01_what_was_said_last_counts(now: dt.datetime, said: list[str], goes_out: bool) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_subscription")
    for number, answer in enumerate(said):
        grant(person, now + number * HOUR, answer, template="oa_subscription-1", account=OA)

    assert (told(a_delivery(purpose, person, now), now + 5 * HOUR) == "oa_subscription") is goes_out


def test_a_yes_before_a_cancellation_that_is_told_late_is_void(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "mp_subscription")
    grant(person, now, "cancel")
    late = grants.GrantChange(APPID, openid_of(person, APPID), "mp_subscription-1", "accept", at=now - HOUR)
    grants.take([late], now=now)

    assert told(a_delivery(purpose, person, now), now) == "not_granted"


def test_R01_what_the_platform_calls_used_up_is_used_up(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "mp_subscription")
    grant(person, now, "accept", "accept", "accept")
    sent = goes(a_delivery(purpose, person, now, state="planned"), now)

    grants.empty(APPID, openid=openid_of(person, APPID), template_id="mp_subscription-1", now=now)
    judging.give_back([sent.delivery_id], now=now)

    assert told(a_delivery(purpose, person, now), now) == "not_granted"


def test_a_grant_that_was_not_needed_is_there_again_once(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "mp_subscription")
    grant(person, now)
    sent = goes(a_delivery(purpose, person, now, state="planned"), now)

    for _ in range(2):
        judging.give_back([sent.delivery_id], now=now)

    channels = [told(a_delivery(purpose, person, now, state="planned"), now) for _ in range(2)]
    assert channels == ["mp_subscription", "not_granted"]


@pytest.mark.parametrize(
    ("opened_by", "messages", "open_for"),
    [("message", 5, 48 * HOUR), ("menu", 3, HOUR / 60), ("follow", 3, HOUR / 60), ("scan", 3, HOUR / 60)],
)
def test_a_persons_act_allows_so_many_answers_for_so_long(
    now: dt.datetime, opened_by: str, messages: int, open_for: dt.timedelta
) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_service", valid_minutes=10_000)
    windows.open(OA, openid=openid_of(person), opened_by=opened_by, now=now)
    deliveries = [a_delivery(purpose, person, now, state="planned") for _ in range(messages + 1)]

    assert told(deliveries[0], now + open_for) == "window_closed"
    just_open = now + open_for - dt.timedelta(seconds=3)
    assert [told(one, just_open) for one in deliveries] == ["oa_service"] * messages + ["window_closed"]


def test_windows_are_buckets_of_their_own_and_the_first_to_close_is_used_first(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_service")
    for opened_by in ("message", "scan"):
        windows.open(OA, openid=openid_of(person), opened_by=opened_by, now=now)

    sent = [verdict(a_delivery(purpose, person, now, state="planned"), now) for _ in range(9)]

    used = [one.reserved["window"]["opened_by"] for one in sent if isinstance(one, Go)]
    assert used == ["scan"] * 3 + ["message"] * 5


def test_a_window_that_the_platform_calls_closed_is_closed_until_they_act_again(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_service")
    windows.open(OA, openid=openid_of(person), opened_by="message", now=now)
    windows.close(OA, openid=openid_of(person), now=now)
    assert told(a_delivery(purpose, person, now, state="planned"), now) == "window_closed"

    windows.open(OA, openid=openid_of(person), opened_by="message", now=now + HOUR)

    assert told(a_delivery(purpose, person, now), now + HOUR) == "oa_service"


@pytest.mark.parametrize(
    ("at", "until"),
    [(8.9, 9), (9, None), (20.4, None), (20.5, 33), (21.5, 33), (23, 33)],
)
def test_R02_texts_go_from_nine_to_half_past_eight_in_the_evening(at: float, until: float | None) -> None:
    now = shanghai(at)
    found = verdict(a_delivery(a_purpose(now, "sms"), a_person(now), now), now)

    if until is None:
        assert isinstance(found, Go)
        assert found.address.startswith("+86")
    else:
        assert found == Wait(found.delivery_id, shanghai(until), "quiet_hours")


@pytest.mark.parametrize(("at", "until"), [(9, 10), (11.9, None), (12, 14), (19.4, None), (19.5, 34)])
def test_R02_calls_have_their_hours_the_pressing_ones_too(at: float, until: float | None) -> None:
    now = shanghai(at)
    purpose = a_purpose(now, "voice", pressing=True)

    found = verdict(a_delivery(purpose, a_person(now), now), now)

    assert (found.until if isinstance(found, Wait) else None) == (until and shanghai(until))


def test_R02_a_message_is_called_out_again_once(now: dt.datetime) -> None:
    one = a_delivery(a_purpose(now, "voice", pressing=True), a_person(now), shanghai(10))
    calls = []
    for number in (1, 2, 3):
        found = verdict(one, shanghai(10))
        calls.append(type(found).__name__)
        if isinstance(found, Go):
            from tests.factories.channels import an_attempt

            an_attempt(found, now, number=number, outcome="refused")

    assert calls == ["Go", "Go", "Hold"]


@pytest.mark.parametrize(
    ("phone", "why"),
    [("17012345678", "virtual_number"), ("+86 21 6288 8888", "virtual_number"), ("+44 20 7183 8750", "no_mobile")],
)
def test_R02_virtual_numbers_and_landlines_are_never_used(now: dt.datetime, phone: str, why: str) -> None:
    person = a_person(now, phone=phone)
    purpose = a_purpose(now, "sms", "voice", pressing=True)

    found = verdict(a_delivery(purpose, person, now), now)

    assert found == Hold(found.delivery_id, "unreachable", {"sms": why, "voice": why})


def test_who_has_no_number_says_so(now: dt.datetime) -> None:
    found = verdict(a_delivery(a_purpose(now, "sms", "voice"), a_customer(now), now), now)

    assert found == Hold(found.delivery_id, "unreachable", {"sms": "no_phone", "voice": "no_phone"})


def test_what_failed_by_one_channel_goes_by_the_next(now: dt.datetime) -> None:
    person, purpose = a_person(now), a_purpose(now, "oa_template", "sms")

    assert told(a_delivery(purpose, person, now, tried=("oa_template",)), now) == "sms"
    found = verdict(a_delivery(purpose, a_person(now), now, tried=("oa_template", "sms")), now)
    assert found == Hold(found.delivery_id, "unreachable", {"oa_template": "tried", "sms": "tried"})


def test_a_value_that_is_missing_in_one_channel_may_not_be_in_another(now: dt.datetime) -> None:
    purpose = a_purpose(now, "oa_template", variables={"points": {"title": "积分", "sample": "1"}})
    one = a_delivery(purpose, a_person(now), now, values={})

    assert told(one, now) == "value_missing"


def test_staff_are_told_by_their_own_number(now: dt.datetime) -> None:
    staff = a_staff(now, phone="13912345670")
    purpose = a_purpose(now, "oa_template", "sms")

    one = a_delivery(purpose, None, now, staff_id=staff, born_customer_id=None)

    found = verdict(one, now)
    assert isinstance(found, Go)
    assert (found.channel, found.address) == ("sms", "+8613912345670")


@pytest.fixture
def two_accounts(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setenv("OFFICIAL_ACCOUNTS", f"{OA}:secret,wxanother000000000:secret")
    settings.cache_clear()
    yield [OA, "wxanother000000000"]
    monkeypatch.undo()
    settings.cache_clear()


def test_of_several_accounts_the_first_that_is_followed_is_used(now: dt.datetime, two_accounts: list[str]) -> None:
    purpose = a_purpose(now, "oa_template")
    words_for(purpose, "oa_template", now=now, account=two_accounts[1])
    both, second = a_person(now, follows=two_accounts), a_person(now, follows=two_accounts[1:])

    used = [goes(a_delivery(purpose, person, now), now).account for person in (both, second)]

    assert used == two_accounts


def test_hours_and_numbers_are_the_brands_to_set(now: dt.datetime) -> None:
    assert Policy is MessagingPolicy
    policy.change(MessagingPolicy, sms_hours="13:00-14:00", virtual_prefixes="")
    purpose = a_purpose(now, "sms")

    assert told(a_delivery(purpose, a_person(now, phone="17012345678"), now), now) == "quiet_hours"
    assert told(a_delivery(purpose, a_person(now), now), shanghai(13)) == "sms"
