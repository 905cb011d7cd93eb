"""The list of jobs: shown as it is, each with a name of its own, each harmless when nothing is due."""

import datetime as dt

import pytest

from app.kernel.database import db
from app.knowledge import tracking
from app.membership import members
from jobs import recounting, schedule
from tests.conftest import REPOSITORY
from tests.factories.points import someone_with


def test_the_page_of_jobs_is_this_list() -> None:
    page = (REPOSITORY / "docs/jobs.md").read_text()
    assert page == schedule.table(), "run `python -m jobs.schedule > docs/jobs.md`"


def test_every_job_has_a_name_of_its_own() -> None:
    names = [job.name for job in schedule.JOBS]
    assert len(set(names)) == len(names)


# Jobs that ask the platform always have something to ask: their own rooms' tests play them.
INSIDE = [job for job in schedule.JOBS if not job.outside]


@pytest.mark.parametrize("job", INSIDE, ids=lambda job: job.name)
def test_a_job_with_nothing_due_does_nothing(database: object, now: dt.datetime, job: schedule.Job) -> None:
    members.ship_stock(now=now)
    tracking.prepare_months_due(now=now, limit=10)
    assert job.step(now=now, limit=10) == 0


def test_the_nightly_recount_fails_for_a_balance_that_its_entries_do_not_prove(
    database: object, now: dt.datetime
) -> None:
    someone_with(100, now)
    assert recounting.recount_all(now=now, limit=1) == 0
    db.session.connection().exec_driver_sql("UPDATE points_account SET spendable = spendable + 1")

    with pytest.raises(recounting.LedgersDiffer, match="spendable"):
        recounting.recount_all(now=now, limit=1)
