"""The clock decides; rows guarantee."""

import datetime as dt
import subprocess
from collections.abc import Callable

import flask
import pytest
from sqlalchemy import select

from app.kernel import job_runs, outbox, request_keys
from app.kernel.clock import BRAND_ZONE
from app.kernel.database import db, unit_of_work
from jobs import clock, schedule, tasks
from tests.jobs.conftest import kill, wait_until

JOB = "request_keys.forget"
SEVEN_PAST = dt.datetime(2026, 5, 20, 4, 7, tzinfo=dt.UTC)


def runs() -> list[job_runs.JobRun]:
    db.session.expire_all()
    return list(db.session.execute(select(job_runs.JobRun).where(job_runs.JobRun.job == JOB)).scalars())


def keep_old_answer(now: dt.datetime) -> None:
    request_keys.keep_answer(
        caller="a", key=f"key-{now.timestamp()}", body_hash=b"", status=200, answer={}, now=now - dt.timedelta(days=2)
    )


def test_a_job_is_claimed_once_for_each_planned_time(database: object) -> None:
    first = clock.plan_due_jobs(now=SEVEN_PAST + dt.timedelta(seconds=3))
    again = clock.plan_due_jobs(now=SEVEN_PAST + dt.timedelta(seconds=4))

    assert (JOB, SEVEN_PAST) in first
    assert again == []


def test_of_missed_times_only_the_newest_is_made_up(database: object) -> None:
    clock.plan_due_jobs(now=SEVEN_PAST)

    after_a_pause = clock.plan_due_jobs(now=SEVEN_PAST + dt.timedelta(hours=5, minutes=1))

    assert [planned for name, planned in after_a_pause if name == JOB] == [SEVEN_PAST + dt.timedelta(hours=5)]


def test_nothing_from_before_the_product_was_there_is_made_up(database: object) -> None:
    planned = clock.plan_due_jobs(now=SEVEN_PAST + dt.timedelta(minutes=30))

    assert JOB not in [name for name, _ in planned]


def test_a_job_does_all_its_batches_and_says_how_many(database: object, time_is: Callable) -> None:
    time_is(SEVEN_PAST)
    for minute in range(3):
        keep_old_answer(SEVEN_PAST + dt.timedelta(minutes=minute))
    clock.plan_due_jobs(now=SEVEN_PAST)

    assert tasks.perform_job(JOB, SEVEN_PAST) == 3
    assert [(run.outcome, run.done) for run in runs()] == [("done", 3)]
    assert tasks.perform_job(JOB, SEVEN_PAST) == 0, "a finished run is not run again"


def test_a_failing_job_says_so_and_why(database: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*, now: dt.datetime, limit: int) -> int:
        raise RuntimeError("disk on fire")

    broken = schedule.Job(JOB, "7 * * * *", break_down, "breaks")
    monkeypatch.setattr(tasks, "find_job", lambda name: broken)
    clock.plan_due_jobs(now=SEVEN_PAST)
    tasks.perform_job(JOB, SEVEN_PAST)

    assert [(run.outcome, run.detail) for run in runs()] == [("failed", "RuntimeError: disk on fire")]


def test_three_clocks_and_a_killed_worker_run_each_planned_time_once(
    committed: flask.Flask, processes: Callable[..., subprocess.Popen], time_is: Callable
) -> None:
    day = dt.datetime(2026, 5, 20, 12, 6, 58, tzinfo=BRAND_ZONE)
    with committed.app_context(), unit_of_work():
        keep_old_answer(day)
    time_is(day)
    worker = processes("jobs.workers", "--threads", "2")
    for _ in range(3):
        processes("jobs.clock")

    with committed.app_context():
        wait_until(lambda: bool(runs()))
        kill(worker)
        processes("jobs.workers", "--threads", "2")
        wait_until(lambda: all(run.finished_at for run in runs()))
        assert [(run.planned_at, run.outcome, run.done) for run in runs()] == [(SEVEN_PAST, "done", 1)]


def test_work_posted_in_a_transaction_is_done_after_it_and_once(
    committed: flask.Flask, processes: Callable[..., subprocess.Popen], time_is: Callable
) -> None:
    now = dt.datetime(2026, 5, 20, 3, 0, tzinfo=dt.UTC)
    time_is(now)
    with committed.app_context():
        with unit_of_work():
            db.session.add(outbox.OutboxRow(topic="nobody", payload={}, due_at=now))
        processes("jobs.clock")
        processes("jobs.workers", "--threads", "2")

        def row() -> outbox.OutboxRow:
            db.session.rollback()
            return db.session.execute(select(outbox.OutboxRow)).scalar_one()

        wait_until(lambda: row().attempts > 0)
        assert row().done_at is None
        assert row().last_error == "KeyError: 'nobody'"
