"""Mass sends of accounts: what was accepted, and how it ended."""

from dataclasses import dataclass, field

from sandbox.world.clock import beijing_month

SAME_SECONDS = 24 * 3600
A_MONTH = 4
GOOD, FAILED = "send success", "send fail"


@dataclass(slots=True)
class MassJob:
    """One accepted job. `client_id` was given or made of range and content; `ends_at` is when its result is told."""

    msg_id: int
    client_id: str
    status: str
    sent_at: float
    ends_at: float
    total: int = 0
    filtered: int = 0
    sent: int = 0
    errors: int = 0
    deleted: bool = False

    def state(self, now: float) -> str:
        if self.deleted:
            return "DELETE"
        if now < self.ends_at:
            return "SENDING"
        return "SEND_SUCCESS" if self.status == GOOD else "SEND_FAIL"


@dataclass(slots=True)
class MassJobs:
    """The jobs of all accounts, and how many each person got of each account this month."""

    _jobs: dict[tuple[str, int], MassJob] = field(default_factory=dict)
    _by_client_id: dict[tuple[str, str], MassJob] = field(default_factory=dict)
    _months: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def get(self, appid: str, *, msg_id: int) -> MassJob | None:
        return self._jobs.get((appid, msg_id))

    def same(self, appid: str, *, client_id: str, now: float) -> MassJob | None:
        """The job that was accepted under this id in the last 24 hours."""
        job = self._by_client_id.get((appid, client_id))
        return job if job is not None and now - job.sent_at < SAME_SECONDS else None

    def keep(self, appid: str, *, job: MassJob) -> None:
        self._jobs[appid, job.msg_id] = job
        self._by_client_id[appid, job.client_id] = job

    def takes_one(self, appid: str, *, openid: str, now: float) -> bool:
        """Counts one for this person and month; False when they already had four."""
        key = (appid, openid, beijing_month(now))
        if self._months.get(key, 0) >= A_MONTH:
            return False
        self._months[key] = self._months.get(key, 0) + 1
        return True
