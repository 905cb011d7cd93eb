"""The clock process: decides what is due and hands it to the workers. `python -m jobs.clock`

APScheduler only ticks: its own scheduler reads the machine's time and cannot follow a test clock. Several clocks may run;
one leads by a database lock, and the row (job, planned time) makes a second leader harmless.
"""

import datetime as dt
import logging
import signal
import threading

import flask
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from app import wiring
from app.kernel import clock, inbox, job_runs, outbox
from app.kernel.database import db, unit_of_work
from app.kernel.locks import try_lead
from app.web.tracing import configure_logging
from jobs import schedule, tasks
from jobs.lanes import Handout

log = logging.getLogger("guiyi.clock")
TICK_SECONDS = 0.5
# A run that was claimed this long ago and has not finished lost its message or its worker.
LOST_AFTER = dt.timedelta(minutes=10)
# So many messages of the inbox are handled in one transaction.
MESSAGES_AT_ONCE = 50
# How far back a job that never ran looks for a missed time: nothing from before the product was there is made up.
FIRST_LOOK_BACK = dt.timedelta(minutes=1)


handout = Handout()


def newest_due(job: schedule.Job, *, last: dt.datetime | None, now: dt.datetime) -> dt.datetime | None:
    """The newest planned time after `last` and not after `now`; older missed ones are covered by it."""
    found, previous = None, last or now - FIRST_LOOK_BACK
    # A week of minutes is the most that is walked one by one; beyond that the newest times are looked at only.
    previous = max(previous, now - dt.timedelta(days=7)) if last else previous
    while True:
        following = job.trigger.get_next_fire_time(previous, previous + dt.timedelta(microseconds=1))
        if following is None or following > now:
            return found
        found = previous = following.astimezone(dt.UTC)


def plan_due_jobs(*, now: dt.datetime) -> list[tuple[str, dt.datetime]]:
    """Claim every job's newest due time; what was claimed. In the caller's unit of work."""
    claimed = []
    for job in schedule.JOBS:
        due = newest_due(job, last=job_runs.find_last_planned(job.name), now=now)
        if due is not None and job_runs.plan(job=job.name, planned_at=due, now=now):
            claimed.append((job.name, due))
    return claimed


def tick(*, now: dt.datetime) -> int:
    """One look at the time: plan jobs, pick up lost runs, hand out due rows of outbox and inbox, and lanes."""
    with unit_of_work():
        runs = plan_due_jobs(now=now)
        lost = [(run.job, run.planned_at) for run in job_runs.list_unfinished(taken_before=now - LOST_AFTER)]
        job_runs.take_again(lost, now=now)
        rows = outbox.lease_due(now=now)
        messages = inbox.lease_due(now=now)
        lanes = handout.lanes(now=now)
    for name, planned_at in runs + lost:
        tasks.run_job.send(name, planned_at.isoformat())
    for row_id in rows:
        tasks.do_outbox_row.send(row_id)
    for start in range(0, len(messages), MESSAGES_AT_ONCE):
        tasks.do_inbox.send(messages[start : start + MESSAGES_AT_ONCE])
    for lane in lanes:
        tasks.send_lane.send(lane)
    if handout.sweep_is_due(now=now):
        tasks.sweep_messages.send()
    return len(runs) + len(lost) + len(rows) + len(messages) + len(lanes)


class Leader:
    """Holds the leader's lock on a connection of its own, and takes it again after the connection was lost."""

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._leads = False

    def leads(self) -> bool:
        """True while this process is the leader; asks the server each time, so that a lost connection is noticed."""
        try:
            if self._connection is None:
                self._connection = db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            if self._leads:
                self._connection.exec_driver_sql("SELECT 1")
            else:
                self._leads = try_lead(self._connection, "clock")
        except DBAPIError:
            log.warning("the leader's connection was lost")
            self.let_go()
        return self._leads

    def let_go(self) -> None:
        """Give the lead back."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
        self._connection, self._leads = None, False


def run(app: flask.Flask, stop: threading.Event) -> None:
    """Tick until told to stop."""
    leader = Leader()
    with app.app_context(), unit_of_work():
        job_runs.describe([(job.name, job.cron, job.purpose) for job in schedule.JOBS])

    def beat() -> None:
        with app.app_context():
            if leader.leads():
                tick(now=clock.now())

    scheduler = BackgroundScheduler()
    scheduler.add_job(beat, "interval", seconds=TICK_SECONDS, max_instances=1, coalesce=True)
    scheduler.start()
    stop.wait()
    scheduler.shutdown(wait=True)
    with app.app_context():
        leader.let_go()


def main() -> None:
    """The process."""
    configure_logging()
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run(wiring.start(), stop)


if __name__ == "__main__":
    main()
