"""Every scheduled job: name, minutes, operation, purpose. `docs/jobs.md` shows this list; a test compares.

Times are the brand's (Asia/Shanghai). Missed times are made up once: after a pause only the newest missed time runs, since
every operation here does whatever is due by then.
"""

from collections.abc import Callable
from dataclasses import dataclass

from apscheduler.triggers.cron import CronTrigger

from app.kernel import inbox, request_keys
from app.kernel.clock import BRAND_ZONE
from app.knowledge import tracking
from app.membership import bookings, coupons, members, points
from app.outreach import auto_replies, campaigns, materials
from app.outreach.notices import ahead
from app.people import contacts, identity
from app.people.identity import ObservationImport
from app.web import signatures
from jobs.proposing import propose_same_people
from jobs.recounting import recount_all


@dataclass(frozen=True)
class Job:
    """`step(now=…, limit=…)` does at most `limit` items in one transaction and says how many; 0 means nothing is left.

    `outside`: the step asks an outside company, so it is called in no transaction and opens its own (app.kernel.errands).
    """

    name: str
    cron: str
    step: Callable[..., int]
    purpose: str
    batch: int = 500
    outside: bool = False

    @property
    def trigger(self) -> CronTrigger:
        """When it is due, as APScheduler computes it."""
        return CronTrigger.from_crontab(self.cron, timezone=BRAND_ZONE)


JOBS: tuple[Job, ...] = (
    Job(
        "bookings.no_show", "* * * * *", bookings.no_show_due, "mark visits as missed 30 minutes after their end (K09)"
    ),
    Job(
        "bookings.offer_waiting",
        "* * * * *",
        bookings.waiting.offer_waiting_due,
        "offer free places to who waits (K10)",
        100,
    ),
    Job("bookings.release_holds", "* * * * *", bookings.release_holds_due, "free places held and not confirmed"),
    Job(
        "bot.close_conversations",
        "*/10 * * * *",
        auto_replies.desk.close_due,
        "end conversations that nobody may answer any more, 48 hours after the last word",
    ),
    Job("campaigns.end", "* * * * *", campaigns.running.end_due, "end campaigns of which nothing is left to send"),
    Job(
        "campaigns.plan", "* * * * *", campaigns.running.plan_due, "plan the messages of campaigns that are due", 50_000
    ),
    Job(
        "coupons.birthday",
        "15 9 * * *",
        coupons.due.grant_birthday_due,
        "give 生日券 to members whose birthday is today, once a year (C11)",
    ),
    Job("coupons.expire", "5 0 * * *", coupons.due.expire_due, "end coupons whose last day is over (K04)"),
    Job(
        "coupons.release_locks",
        "* * * * *",
        coupons.due.lock_release_due,
        "give back coupons of orders not paid in time (K04)",
    ),
    Job("events.forget", "40 3 * * *", tracking.forget_due, "delete events whose kind's time is over", 5_000),
    Job("events.months", "30 2 * * *", tracking.prepare_months_due, "make the partitions of the next months", 12),
    Job(
        "followers.learn",
        "* * * * *",
        contacts.errands.learn_due,
        "ask WeChat about new followers who were not asked about at once",
        100,
        outside=True,
    ),
    Job(
        "followers.lists",
        "20 3 * * *",
        contacts.errands.read_lists_due,
        "read the accounts' whole lists of followers, from where it was left",
        1,
        outside=True,
    ),
    Job(
        "identity.imports",
        "* * * * *",
        ObservationImport.advance_due,
        "import files of observations that were left to the workers",
        100_000,
    ),
    Job(
        "identity.propose",
        "30 2 * * sun",
        propose_same_people,
        "propose customers who may be one person by name, birthday and phone, for review",
        5_000,
    ),
    Job(
        "identity.objections",
        "50 3 * * *",
        identity.deciding.hear_objections_due,
        "hear again who objected to one person being made of two; join whom nobody objects to any more",
        50,
    ),
    Job("inbox.forget", "27 3 * * *", inbox.forget_due, "delete messages of outside companies after a week", 5_000),
    Job("ledgers.recount", "30 4 * * *", recount_all, "prove points, growth and coupon counters from their entries"),
    Job(
        "messaging.templates",
        "20 4 * * *",
        materials.errands.sync_due,
        "read templates and quotas of every account from the platform",
        1,
        outside=True,
    ),
    Job(
        "nonces.forget",
        "17 * * * *",
        signatures.forget_nonces_due,
        "drop nonces of signed requests that are too old anyway",
    ),
    Job("notices.bookings", "0 18 * * *", ahead.bookings_due, "remind of tomorrow's bookings"),
    Job("notices.coupons", "0 10 * * *", ahead.coupons_due, "tell of coupons that end in three days"),
    Job("notices.points", "5 10 * * *", ahead.points_due, "tell of points that end in 30, 7 and 1 days (M04)"),
    Job("notices.tiers", "10 10 * * *", ahead.tiers_due, "tell what is missing to keep a tier, 30 days before (M08)"),
    Job("points.expire", "10 * * * *", points.due.expire_due, "end lots and holds whose time is over (M04)"),
    Job(
        "points.release_pending",
        "20 * * * *",
        points.due.release_pending_due,
        "open pending points after the return period (M02)",
    ),
    Job(
        "request_keys.forget", "7 * * * *", request_keys.forget_old_answers, "drop request answers older than 24 hours"
    ),
    Job("tiers.review", "15 0 * * *", members.review_tiers_due, "renew or lower tiers at their end (M08)"),
)


def find_job(name: str) -> Job:
    """The job of that name. Raises KeyError."""
    return {job.name: job for job in JOBS}[name]


def table() -> str:
    """The list as docs/jobs.md shows it: `python -m jobs.schedule > docs/jobs.md`."""
    rows = [f"| `{job.name}` | `{job.cron}` | {job.purpose} |" for job in JOBS]
    head = ["# Scheduled jobs", "", (__doc__ or "").strip().split("\n\n")[1].replace("\n", " "), ""]
    return "\n".join([*head, "| job | when (cron) | purpose |", "| --- | --- | --- |", *rows, ""])


if __name__ == "__main__":
    print(table(), end="")
