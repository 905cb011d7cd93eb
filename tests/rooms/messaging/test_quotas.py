"""Quotas of accounts: shared through Redis, never above, whatever becomes of Redis."""

import concurrent.futures
import datetime as dt
import random

import flask
import pytest

from app.kernel.database import unit_of_work
from app.kernel.redis import client
from app.outreach.messaging import limits
from app.outreach.messaging.operations.judging import Go, Wait
from app.outreach.messaging.rules.quotas import Limit
from tests.factories.channels import (
    OA,
    a_delivery,
    a_dispatch,
    a_person,
    a_purpose,
    an_attempt,
    goes,
    verdict,
)  # fmt: skip

KEY = (OA, "oa_template")
HOUR, MINUTE, SECOND = dt.timedelta(hours=1), dt.timedelta(minutes=1), dt.timedelta(seconds=1)
MIDNIGHT = dt.datetime(2026, 5, 20, 16, tzinfo=dt.UTC)  # the next one in Beijing


def set_limit(now: dt.datetime, a_minute: int = 1000, a_day: int = 1000, kept: int = 0) -> None:
    limits.set_limit(OA, channel="oa_template", limit=Limit(a_minute, a_day, kept), now=now)


def ask(number: int, now: dt.datetime, *, campaign: bool = False) -> limits.Room:
    limits.hold([KEY], now=now)
    return limits.reserve({(KEY, campaign): number}, now=now)[KEY, campaign]


@pytest.mark.usefixtures("database")
class TestWindows:
    def test_a_minute_gives_so_many_and_the_next_one_again(self, now: dt.datetime) -> None:
        set_limit(now, a_minute=10)

        assert [ask(7, now).granted, ask(7, now).granted, ask(7, now).granted] == [7, 3, 0]
        assert ask(1, now + 30 * SECOND) == limits.Room(0, "minute", now + MINUTE)
        assert ask(7, now + MINUTE).granted == 7

    def test_a_day_is_a_day_in_beijing(self, now: dt.datetime) -> None:
        set_limit(now, a_day=10)

        assert ask(12, now).granted == 10
        assert ask(1, MIDNIGHT - MINUTE) == limits.Room(0, "day", MIDNIGHT)
        assert ask(12, MIDNIGHT).granted == 10

    def test_campaigns_leave_a_part_of_the_day_to_notices(self, now: dt.datetime) -> None:
        set_limit(now, a_day=100, kept=20)

        assert ask(90, now, campaign=True) == limits.Room(80, "day", MIDNIGHT)
        assert ask(30, now).granted == 20

    def test_what_is_called_a_moment_later_counts_in_both_minutes(self, now: dt.datetime) -> None:
        set_limit(now, a_minute=10)
        late = now + 59.5 * SECOND

        assert ask(4, late).granted == 4
        assert ask(10, now + MINUTE).granted == 6

    def test_what_the_platform_closes_stays_closed_and_can_be_seen(self, now: dt.datetime) -> None:
        ask(1, now)
        limits.learn(OA, channel="oa_template", code="45011", now=now)
        assert ask(1, now + 59 * SECOND) == limits.Room(0, "closed", now + MINUTE)
        assert ask(1, now + MINUTE).granted == 1

        limits.learn(OA, channel="oa_template", code="45009", now=now)

        assert ask(1, MIDNIGHT - SECOND).why == "closed"
        shown = next(one for one in limits.usage(OA, now=now + HOUR) if one.channel == "oa_template")
        assert (shown.closed_until, shown.closed_why, shown.today) == (MIDNIGHT, "45009", 2)
        assert ask(1, MIDNIGHT).granted == 1
        limits.learn(OA, channel="oa_template", code="45009", now=MIDNIGHT)
        limits.reopen(OA, channel="oa_template")
        assert ask(1, MIDNIGHT + MINUTE).granted == 1

    def test_what_nobody_set_is_the_platforms_own_figure(self, now: dt.datetime) -> None:
        shown = {one.channel: one.limit.a_day for one in limits.usage(OA, now=now)}

        assert shown == {
            "oa_template": 100_000, "oa_subscription": 10_000_000, "mp_subscription": 10_000_000, "oa_service": 500_000,
        }  # fmt: skip
        assert [one.channel for one in limits.usage("", now=now)] == ["sms", "voice"]

    @pytest.mark.parametrize("wrong", [Limit(-1, 1), Limit(1, -1), Limit(1, 1, 101)])
    def test_a_limit_that_cannot_be_is_refused(self, now: dt.datetime, wrong: Limit) -> None:
        with pytest.raises(ValueError, match="no limit"):
            limits.set_limit(OA, channel="oa_template", limit=wrong, now=now)

    def test_without_quota_a_message_waits_or_takes_the_next_way_before_it_is_too_late(self, now: dt.datetime) -> None:
        set_limit(now, a_minute=0)
        purpose = a_purpose(now, "oa_template", "sms")
        soon = a_delivery(purpose, a_person(now), now, expires_at=now + 30 * SECOND)
        later = a_delivery(purpose, a_person(now), now)

        found = verdict(soon, now)
        assert isinstance(found, Go)
        assert found.channel == "sms"
        assert verdict(later, now) == Wait(later.delivery_id, now + MINUTE, "quota_minute")

    def test_notices_have_what_campaigns_leave(self, now: dt.datetime) -> None:
        set_limit(now, a_day=2, kept=50)
        purpose = a_purpose(now, "oa_template")
        notices = a_dispatch(purpose, now, code=f"purpose:{purpose.code}")
        campaign = a_dispatch(purpose, now)
        verdicts = [
            verdict(a_delivery(purpose, a_person(now), now, dispatch), now)
            for dispatch in (campaign, campaign, notices)
        ]

        assert [type(one).__name__ for one in verdicts] == ["Go", "Wait", "Go"]

    def test_when_redis_is_emptied_the_rows_are_counted(self, now: dt.datetime) -> None:
        set_limit(now, a_minute=5, a_day=6)
        purpose = a_purpose(now, "oa_template")
        for minutes in (5, 5, 0, 0):
            sent = goes(a_delivery(purpose, a_person(now), now), now - minutes * MINUTE)
            assert sent.account == OA

        client().flushdb()

        assert ask(9, now) == limits.Room(2, "day", MIDNIGHT)

    def test_when_redis_is_emptied_what_was_closed_is_closed_again(self, now: dt.datetime) -> None:
        found = verdict(a_delivery(a_purpose(now, "oa_template"), a_person(now), now), now)
        assert isinstance(found, Go)
        an_attempt(found, now, outcome="later", code="45009")

        client().flushdb()

        assert ask(1, now + HOUR) == limits.Room(0, "closed", MIDNIGHT)


WORKERS, CALLS, A_DAY = 16, 40, 900


@pytest.fixture
def one_delivery(committed: flask.Flask, now: dt.datetime) -> int:
    with committed.app_context(), unit_of_work():
        set_limit(now, a_minute=10_000, a_day=A_DAY)
        return a_delivery(a_purpose(now, "oa_template"), a_person(now), now, state="planned").delivery_id


def work(app: flask.Flask, delivery_id: int, worker: int, now: dt.datetime) -> int:
    """One worker: reserves and writes its attempts in one transaction, again and again; how many it wrote."""
    from app.kernel.database import db
    from app.outreach.messaging.models import Attempt

    wrote, chance = 0, random.Random(worker)
    for call in range(CALLS):
        with app.app_context(), unit_of_work():
            granted = ask(chance.randint(1, 3), now).granted
            for each in range(granted):
                number = worker * 10_000 + call * 10 + each
                db.session.add(
                    Attempt(delivery_id=delivery_id, number=number, channel="oa_template", account=OA, started_at=now,
                            reserved={})
                )  # fmt: skip
            wrote += granted
        if worker == 0 and call % 8 == 4:
            client().flushdb()
    return wrote


def test_never_above_the_limit_and_all_of_it_though_redis_is_emptied_in_between(
    committed: flask.Flask, now: dt.datetime, one_delivery: int
) -> None:
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        wrote = list(pool.map(lambda worker: work(committed, one_delivery, worker, now), range(WORKERS)))

    assert sum(wrote) == A_DAY
