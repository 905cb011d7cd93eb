"""What a campaign will come to, before it is sent."""

import datetime as dt

import pytest

from app.outreach.messaging import forecasting, limits
from app.outreach.messaging.rules import lasting
from app.outreach.messaging.rules.moments import span
from app.outreach.messaging.rules.quotas import Limit
from tests.factories.channels import OA, a_delivery, a_person, a_purpose, goes, grant, says

NOON = dt.datetime(2026, 5, 20, 4, tzinfo=dt.UTC)
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
QUIET = [span("21:30-08:30")]


@pytest.mark.parametrize(
    ("number", "a_minute", "left_today", "a_day", "lasts"),
    [
        (0, 100, 1000, 1000, 0 * HOUR),
        (1000, 100, 1000, 1000, 10 * MINUTE),
        (2000, 10, 5000, 5000, 200 * MINUTE),  # 3 hours 20 minutes
        (1001, 100, 1000, 1000, 20.5 * HOUR + MINUTE / 100),  # the last one tomorrow at half past eight
        (500, 100, 0, 500, 20.5 * HOUR + 5 * MINUTE),
        (6000, 10, 10**6, 10**6, 10 * HOUR + 11 * HOUR),  # 9.5 hours today, half an hour tomorrow
    ],
)
def test_how_long_it_takes(number: int, a_minute: int, left_today: int, a_day: int, lasts: dt.timedelta) -> None:
    ends_at = lasting.ends_at(
        number, now=NOON, a_minute=a_minute, left_today=left_today, a_day=a_day, quiet=QUIET
    )  # fmt: skip

    assert ends_at is not None
    assert abs(ends_at - NOON - lasts) < MINUTE / 50


def test_what_never_ends_says_so() -> None:
    assert lasting.ends_at(1, now=NOON, a_minute=10, left_today=0, a_day=0) is None


@pytest.mark.usefixtures("database")
def test_a_forecast_says_whom_it_reaches_how_long_it_takes_and_how_much_of_today(now: dt.datetime) -> None:
    purpose = a_purpose(now, "mp_subscription", "sms", kind="marketing")
    granted, texted, refuser = ([a_person(now) for _ in range(number)] for number in (2, 5, 3))
    for who in granted:
        grant(who, now)
    for who in refuser:
        says(who, now, marketing=False)
    limits.set_limit("", channel="sms", limit=Limit(25, 10_000, 0), now=now)
    sample = [*granted, *texted, *refuser]

    found = forecasting.forecast(purpose.code, sample=sample, people=10_000, now=now)

    assert [(leg.channel, leg.people) for leg in found.legs] == [("mp_subscription", 2_000), ("sms", 5_000)]
    assert (found.reached, found.held_back) == (7_000, {"no_consent": 3_000})
    assert found.share_of_day_quota == 0.5
    assert found.duration == 200 * MINUTE
    assert forecasting.forecast(purpose.code, sample=sample, people=10_000, now=now) == found  # nothing was used up


@pytest.mark.usefixtures("database")
def test_a_forecast_knows_what_is_used_of_today_and_who_stays_out(now: dt.datetime) -> None:
    purpose = a_purpose(now, "oa_template")
    people = [a_person(now) for _ in range(4)]
    limits.set_limit(OA, channel="oa_template", limit=Limit(100, 100, 20), now=now)
    for who in people[:3]:
        goes(a_delivery(purpose, who, now), now)

    found = forecasting.forecast(purpose.code, sample=people, people=200, now=now, control_percent=50)

    (leg,) = found.legs
    assert (leg.people, leg.left_today, leg.share_of_today) == (100, 77, 1.0)
    assert found.held_back == {"control": 100}
    assert leg.ends_at == now + 20.5 * HOUR + 23 * MINUTE / 100
    assert forecasting.forecast(purpose.code, sample=[], people=0, now=now).legs == ()
