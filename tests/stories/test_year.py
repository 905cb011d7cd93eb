"""A year, or some weeks of it: whatever people do, no message arrives that should not, however many clocks tick at once."""

import datetime as dt
import functools
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import flask
import pytest

from app.kernel import clock as kernel_clock
from app.kernel import job_runs
from app.kernel.database import unit_of_work
from jobs import clock, schedule, tasks
from jobs.lanes import Handout
from tests.conftest import FULL_SIZE
from tests.factories.platform import Platform
from tests.stories.town import Town
from tests.stories.year import Year

START = dt.datetime(2026, 5, 18, 0, 10, tzinfo=dt.UTC)  # a Monday, ten past eight in Shanghai
# Few days bring a month's cap only where it is low.
DAYS, PEOPLE, A_MONTH = (365, 40, 8) if FULL_SIZE else (5, 16, 3)
CLOCKS = 3
# When the clock is looked at, in Shanghai: before and after everything that begins or ends.
TIMES = ("00:30", "08:40", "09:05", "10:20", "18:05", "20:40", "21:45")


class Clocks:
    """Three clock processes and the queue to the workers: each clock has its own memory, each message is done once."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch, before_sending: Callable[[], None]) -> None:
        self.town, self.before_sending = town, before_sending
        self.handed: list[tuple[Any, tuple[Any, ...]]] = []
        self.runs: Counter[tuple[Any, ...]] = Counter()
        self._own = threading.local()
        self._handouts = [Handout(monotonic=lambda: town.now.timestamp()) for _ in range(CLOCKS)]
        monkeypatch.setattr(clock, "handout", self)
        for actor in (tasks.run_job, tasks.do_outbox_row, tasks.do_inbox, tasks.send_lane, tasks.sweep_messages):
            monkeypatch.setattr(actor, "send", functools.partial(self._hand, actor))

    def _hand(self, actor: Any, *given: Any) -> None:
        self.handed.append((actor, given))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own.handout, name)

    def tick(self, number: int) -> None:
        """So many clocks at once, then everything that they handed out."""
        self._skip_minutes()
        self.town.at_once([functools.partial(self._tick, which) for which in range(number)])
        handed, self.handed = self.handed, []
        self.runs.update(given for actor, given in handed if actor is tasks.run_job)
        lanes = [functools.partial(actor.fn, *given) for actor, given in handed if actor is tasks.send_lane]
        for actor, given in handed:
            if actor is not tasks.send_lane:
                actor.fn(*given)
        self.before_sending()
        if lanes:
            self.town.at_once(lanes)

    def _tick(self, number: int) -> None:
        self._own.handout = self._handouts[number]
        with self.town.product.app_context():
            clock.tick(now=kernel_clock.now())

    def _skip_minutes(self) -> None:
        """What is due every minute ran until a minute ago: hours of minutes need not be gone through one by one."""
        before = self.town.now.replace(second=0, microsecond=0) - dt.timedelta(minutes=1)
        with unit_of_work():
            for job in schedule.JOBS:
                if job.cron == "* * * * *" and job_runs.plan(job=job.name, planned_at=before, now=before):
                    job_runs.finish(job=job.name, planned_at=before, now=before, done=0, failed=0, detail=None)


def moments() -> list[dt.datetime]:
    """Every time at which the clocks tick."""
    days = [START.date() + dt.timedelta(days=number) for number in range(DAYS)]
    found = [dt.datetime.fromisoformat(f"{day}T{time}+08:00").astimezone(dt.UTC) for day in days for time in TIMES]
    return [moment for moment in found if moment > START]


def pass_time(year: Year, clocks: Clocks, moment: dt.datetime) -> None:
    """People live, campaigns begin, the clocks tick, and again soon after."""
    town = year.town
    town.move(moment)
    year.live(0.3)
    day, place = divmod(moments().index(moment), len(TIMES))
    if place == day % len(TIMES) or (day % 2 and place == 3):
        year.campaign(moments().index(moment) + 1)
    if day % 3 == 1 and place == 5:
        year.chance.choice((year.merge, year.merge, year.undo))()
    for seconds, number in ((0, CLOCKS), (40, 1)):
        town.move(moment + dt.timedelta(seconds=seconds))
        town.carry()
        clocks.tick(number)


def held(town: Town) -> set[str]:
    """For which reasons messages stayed or waited."""
    rows = town.rows("SELECT DISTINCT reason FROM delivery WHERE reason IS NOT NULL")
    return {row.reason for row in rows}


def doubles(town: Town) -> list[Any]:
    """What left more than once."""
    return town.rows("""
        SELECT delivery_id FROM delivery_attempt WHERE outcome IN ('accepted', 'lost') GROUP BY 1 HAVING count(*) > 1""")


def test_R02_R03_L01_no_message_arrives_that_should_not_whatever_people_do(
    committed: flask.Flask, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed.app_context():
        town = Town(platform, committed, monkeypatch)
        year = Year(town, people=PEOPLE, start=START, a_month=A_MONTH)
        clocks = Clocks(town, monkeypatch, year.regroup)
        year.live(1.0)
        for moment in moments():
            pass_time(year, clocks, moment)
        witness, kinds = year.witness, Counter(one.kind for one in year.witness.seen)
        marketing = [one for one in witness.seen if one.number]

        assert witness.wrong == []
        assert len(marketing) > PEOPLE
        assert min(kinds[kind] for kind in ("template", "subscription", "service", "sms")) > 0
        assert held(town) >= {"no_consent", "refused", "capped_day", "capped_month", "staff", "peace", "control"}
        assert set(clocks.runs.values()) == {1}, "a job ran twice"
        assert doubles(town) == []
