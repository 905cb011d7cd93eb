"""Every scheduled job: name, minutes, operation, purpose. `docs/jobs.md` shows this list; a test compares.

Times are the brand's (Asia/Shanghai). Missed times are made up once: after a pause only the newest missed time runs, since
every operation here does whatever is due by then.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.triggers.cron import CronTrigger

from app.kernel import request_keys
from app.kernel.clock import BRAND_ZONE


@dataclass(frozen=True)
class Job:
    """`step(now=…, limit=…)` does at most `limit` items in one transaction and says how many; 0 means nothing is left."""

    name: str
    cron: str
    step: Callable[..., int]
    purpose: str
    batch: int = 500

    @property
    def trigger(self) -> CronTrigger:
        """When it is due, as APScheduler computes it."""
        return CronTrigger.from_crontab(self.cron, timezone=BRAND_ZONE)


JOBS: tuple[Job, ...] = (
    Job(
        "request_keys.forget", "7 * * * *", request_keys.forget_old_answers, "drop request answers older than 24 hours"
    ),
)


def find_job(name: str) -> Job:
    """The job of that name. Raises KeyError."""
    return {job.name: job for job in JOBS}[name]
