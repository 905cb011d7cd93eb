"""What workers do: run a planned job, do a row of the outbox, send messages. All may be told twice and may die half-way."""

import datetime as dt
import functools
import logging
import threading

import dramatiq
import flask

from app import wiring
from app.kernel import clock, inbox, job_runs, outbox
from app.kernel.database import again_when_given_up, unit_of_work
from app.outreach.messaging import sending
from app.people import contacts
from app.web import tracing
from jobs.broker import configure
from jobs.schedule import Job, find_job

log = logging.getLogger("guiyi.jobs")
# A job that never says 0 would keep its worker for ever; this many batches is far beyond any real night.
MOST_BATCHES = 100_000

# A lane that nobody begins within this time has been handed out again: in milliseconds.
STALE_LANE = 10_000
stopping = threading.Event()


class EndLanes(dramatiq.Middleware):
    """A worker that is told to stop takes nothing more; what is under way is finished and written."""

    def before_worker_shutdown(self, broker: object, worker: object) -> None:
        """Tell the lanes of this process."""
        stopping.set()


configure().add_middleware(EndLanes())


@functools.cache
def application() -> flask.Flask:
    """This worker's application, made on first use so that importing actors costs the clock nothing."""
    return wiring.start()


@dramatiq.actor(max_retries=0, time_limit=3_600_000)
def run_job(name: str, planned_at: str) -> None:
    """Run one planned time of a job, batch by batch, and write down what came of it."""
    tracing.begin()
    with application().app_context():
        perform_job(name, dt.datetime.fromisoformat(planned_at))


@dramatiq.actor(max_retries=0)
def do_outbox_row(row_id: int) -> None:
    """Do one row of the outbox; a failure is noted and tried again later."""
    tracing.begin()
    with application().app_context():
        perform_row(row_id)


@dramatiq.actor(max_retries=0)
def do_inbox(row_ids: list[int]) -> None:
    """Handle messages of outside companies; a failure is noted and tried again later."""
    tracing.begin()
    with application().app_context():
        perform_messages(row_ids)
        learn_followers()


@dramatiq.actor(max_retries=0, time_limit=3_600_000, max_age=STALE_LANE)
def send_lane(number: int) -> None:
    """Send what is due, as one of several lanes, until nothing is."""
    tracing.begin()
    with application().app_context():
        sending.run_lane(number, clock=clock.now, stop=stopping)


@dramatiq.actor(max_retries=0, max_age=STALE_LANE)
def sweep_messages() -> None:
    """Put right what lanes of dead workers left behind."""
    tracing.begin()
    with application().app_context():
        sending.sweep(now=clock.now())


def perform_job(name: str, planned_at: dt.datetime) -> int:
    """Do a job's batches until none is left; how many items were done. A run that is finished is not run again."""
    job, done, error = find_job(name), 0, None
    with unit_of_work() as session:
        run = session.get(job_runs.JobRun, (name, planned_at))
        if run is None or run.finished_at is not None:
            return 0
    try:
        for _ in range(MOST_BATCHES):
            count = again_when_given_up(functools.partial(_batch, job))
            done += count
            if not count:
                break
    except Exception as failure:  # the run must say so; the next planned time tries again
        log.exception("job failed", extra={"job": name})
        error = f"{type(failure).__name__}: {failure}"
    with unit_of_work():
        job_runs.finish(
            job=name, planned_at=planned_at, now=clock.now(), done=done, failed=1 if error else 0, detail=error
        )
    return done


def _batch(job: Job) -> int:
    if job.outside:
        return job.step(now=clock.now(), limit=job.batch)
    with unit_of_work():
        return job.step(now=clock.now(), limit=job.batch)


def perform_row(row_id: int) -> bool:
    """Do one outbox row. True when this call did it."""
    try:
        with unit_of_work():
            return outbox.perform(row_id, now=clock.now())
    except Exception as failure:  # whatever went wrong, the row stays and says why
        log.exception("outbox row failed", extra={"row": row_id})
        with unit_of_work():
            outbox.note_failure(row_id, f"{type(failure).__name__}: {failure}", now=clock.now())
        return False


def perform_messages(row_ids: list[int]) -> int:
    """Handle a batch of the inbox, and one by one where something is wrong with one of them; how many were handled."""
    try:
        return again_when_given_up(functools.partial(_messages, row_ids))
    except Exception as failure:  # noted beside the message, which waits for its next attempt
        log.exception("messages failed", extra={"rows": row_ids})
        if len(row_ids) > 1:
            return sum(perform_messages([row_id]) for row_id in row_ids)
        with unit_of_work():
            inbox.note_failure(row_ids[0], f"{type(failure).__name__}: {failure}", now=clock.now())
        return 0


def learn_followers() -> int:
    """Ask about whoever has just followed, at once; who cannot be asked about now is every minute (followers.learn)."""
    try:
        return contacts.errands.learn_due(now=clock.now())
    except Exception:
        log.warning("new followers could not be asked about", exc_info=True)
        return 0


def _messages(row_ids: list[int]) -> int:
    with unit_of_work():
        return inbox.perform(row_ids, now=clock.now())
