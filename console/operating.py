"""What runs by itself: scheduled jobs and what came of them."""

from app.kernel import job_runs
from app.web.guards import Staff
from console.pages import pages, show


@pages.shows("/jobs")
def jobs(caller: Staff) -> str:
    """Every scheduled job, its times and its newest run."""
    return show("jobs.html", caller, heading="定时任务", rows=job_runs.list_states())
