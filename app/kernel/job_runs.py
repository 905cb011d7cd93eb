"""Each job runs once per planned time: the row (job, planned_at) is the guarantee, the leader's lock a courtesy."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base, db, reading


class JobRow(Base):
    """A job that the clock knows: what an operator sees beside its runs."""

    __tablename__ = "job"
    name: Mapped[str] = mapped_column(primary_key=True)
    cron: Mapped[str]
    purpose: Mapped[str]


@dataclass(frozen=True)
class JobState:
    """A job and its newest run; the run's fields are None or 0 for one that never ran."""

    name: str
    cron: str
    purpose: str
    planned_at: dt.datetime | None
    outcome: str | None
    done: int
    detail: str | None


class JobRun(Base):
    """One planned run of a job and what came of it: `outcome` is empty while it runs, then done or failed."""

    __tablename__ = "job_run"
    job: Mapped[str] = mapped_column(primary_key=True)
    planned_at: Mapped[dt.datetime] = mapped_column(primary_key=True)
    taken_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str | None]


def plan(*, job: str, planned_at: dt.datetime, now: dt.datetime) -> bool:
    """Claim a planned time. False when somebody else has it already."""
    claim = insert(JobRun).values(job=job, planned_at=planned_at, taken_at=now).on_conflict_do_nothing()
    return db.session.execute(claim.returning(JobRun.job)).first() is not None


def finish(*, job: str, planned_at: dt.datetime, now: dt.datetime, done: int, failed: int, detail: str | None) -> None:
    """Write down the outcome of a run."""
    db.session.execute(
        update(JobRun)
        .where(JobRun.job == job, JobRun.planned_at == planned_at)
        .values(finished_at=now, outcome="failed" if failed else "done", done=done, failed=failed, detail=detail)
    )


def find_last_planned(job: str) -> dt.datetime | None:
    """The newest planned time that was claimed, None for a job that never ran."""
    newest = select(JobRun.planned_at).where(JobRun.job == job).order_by(JobRun.planned_at.desc()).limit(1)
    return db.session.execute(newest).scalar_one_or_none()


def list_unfinished(*, taken_before: dt.datetime) -> list[JobRun]:
    """Runs that were claimed and never finished: their worker died."""
    left = select(JobRun).where(JobRun.finished_at.is_(None), JobRun.taken_at < taken_before)
    return list(db.session.execute(left.order_by(JobRun.taken_at)).scalars())


def take_again(runs: list[tuple[str, dt.datetime]], *, now: dt.datetime) -> None:
    """Mark lost runs as taken now, so that they are handed out once more and not at every tick."""
    for job, planned_at in runs:
        db.session.execute(
            update(JobRun).where(JobRun.job == job, JobRun.planned_at == planned_at).values(taken_at=now)
        )


def describe(jobs: list[tuple[str, str, str]]) -> None:
    """Write down (name, cron, purpose) of every job the clock knows, and forget those it knows no more."""
    db.session.execute(delete(JobRow).where(JobRow.name.not_in([name for name, _, _ in jobs])))
    for name, cron, purpose in jobs:
        statement = insert(JobRow).values(name=name, cron=cron, purpose=purpose)
        db.session.execute(
            statement.on_conflict_do_update(index_elements=["name"], set_={"cron": cron, "purpose": purpose})
        )


def list_states() -> list[JobState]:
    """Every job with its newest run, by name."""
    newest = (
        select(JobRun).where(JobRun.job == JobRow.name).order_by(JobRun.planned_at.desc()).limit(1).lateral("newest")
    )
    columns = (newest.c.planned_at, newest.c.outcome, newest.c.done, newest.c.detail)
    query = select(JobRow.name, JobRow.cron, JobRow.purpose, *columns).outerjoin(newest, true()).order_by(JobRow.name)
    with reading() as connection:
        rows = connection.execute(query).all()
    return [JobState(**{**row._mapping, "done": row.done or 0}) for row in rows]
