"""What a message to many will come to, before it is sent: whom it reaches by which channel, how long it takes, how much of
today's quota it needs."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.kernel.policy import current
from app.outreach import materials
from app.outreach.materials import PurposeView
from app.outreach.messaging.models import MessagingPolicy
from app.outreach.messaging.operations import judging, limits
from app.outreach.messaging.operations.verdicts import Candidate, Hold
from app.outreach.messaging.operations.ways import spans
from app.outreach.messaging.rules import lasting

# Of so many people chosen by chance a share is known to two percent.
SAMPLE = 500


@dataclass(frozen=True)
class Leg:
    """The part of it that goes by one channel of one account. `share_of_today`: of the day's limit, above 1 where it takes
    several days; `left_today`: what campaigns may still send there; `ends_at`: empty where it would take over a year."""

    channel: str
    account: str
    people: int
    left_today: int
    share_of_today: float
    ends_at: dt.datetime | None


@dataclass(frozen=True)
class Forecast:
    """`people` in all, `reached` of them, by whom it goes, and why the others would be held back. From `sampled` people."""

    people: int
    reached: int
    sampled: int
    legs: tuple[Leg, ...]
    held_back: dict[str, int]
    starts_at: dt.datetime

    @property
    def ends_at(self) -> dt.datetime | None:
        """When the last has gone."""
        moments_ = [leg.ends_at for leg in self.legs]
        return None if None in moments_ else max((one for one in moments_ if one), default=self.starts_at)

    @property
    def duration(self) -> dt.timedelta | None:
        """From its start to the last; empty where it would take over a year."""
        return self.ends_at - self.starts_at if self.ends_at else None

    @property
    def share_of_day_quota(self) -> float:
        """Of today's quota, in the account that it needs most of."""
        return max((leg.share_of_today for leg in self.legs), default=0.0)


def forecast(
    purpose: str,
    *,
    sample: Sequence[int],
    people: int,
    now: dt.datetime,
    starts_at: dt.datetime | None = None,
    control_percent: int = 0,
) -> Forecast:
    """What a campaign of this purpose to `people` will come to, as things stand now. Nothing is used up.

    `sample`: customers chosen by chance among them, all where they are few (SAMPLE). Hours are the brand's. Raises
    PurposeUnknown.
    """
    found = materials.purposes.find(purpose)
    begins = max(starts_at or now, now)
    cases = judging.consider(
        [_candidate(number, who, found, begins) for number, who in enumerate(sample, 1)], now=begins
    )
    each = people / len(cases) if cases else 0.0
    going: Counter[limits.Key] = Counter()
    held: Counter[str] = Counter()
    for case in cases:
        if isinstance(case.verdict, Hold) or case.way is None:
            held[case.verdict.reason if isinstance(case.verdict, Hold) else "unreachable"] += 1
        else:
            going[case.way.account, case.way.channel] += 1
    treated = (100 - control_percent) / 100
    reached = {key: round(number * each * treated) for key, number in going.items()}
    reasons = {reason: round(number * each) for reason, number in held.items()}
    if control := people - sum(reached.values()) - sum(reasons.values()) if control_percent else 0:
        reasons["control"] = max(control, 0)
    legs = _legs(found, reached, begins)
    return Forecast(people, sum(reached.values()), len(cases), legs, reasons, begins)


def _candidate(number: int, customer_id: int, purpose: PurposeView, at: dt.datetime) -> Candidate:
    """As if it were due now, with the samples of its variables."""
    values = {name: each.get("sample", "") for name, each in purpose.variables.items()}
    expires_at = at + dt.timedelta(minutes=purpose.valid_minutes)
    return Candidate(-number, customer_id, customer_id, purpose, 0, 0, "", "", values, at, expires_at)


def _legs(purpose: PurposeView, reached: dict[limits.Key, int], at: dt.datetime) -> tuple[Leg, ...]:
    if not reached:
        return ()
    used = {(one.account, one.channel): one for one in limits.usage_of(list(reached), now=at)}
    policy = current(MessagingPolicy)
    hours = {"sms": policy.sms_hours, "voice": policy.call_hours}
    quiet = () if purpose.pressing and purpose.kind != "marketing" else spans(policy.quiet_hours)
    legs = []
    for (account, channel), number in sorted(reached.items(), key=lambda one: purpose.channels.index(one[0][1])):
        usage = used[account, channel]
        begins = max(at, usage.closed_until) if usage.closed_until else at
        a_day = usage.limit.a_day_for(campaign=True)
        ends_at = lasting.ends_at(
            number,
            now=begins,
            a_minute=min(usage.limit.a_minute, policy.calls_a_second * 60),
            left_today=usage.left_today(campaign=True),
            a_day=a_day,
            quiet=quiet,
            open_in=spans(hours.get(channel, "")),
        )
        share = number / usage.limit.a_day if usage.limit.a_day else float(number > 0)
        legs.append(Leg(channel, account, number, usage.left_today(campaign=True), share, ends_at))
    return tuple(legs)


__all__ = ["SAMPLE", "Forecast", "Leg", "forecast"]
