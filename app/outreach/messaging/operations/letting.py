"""The last step of judgement: quotas, grants, windows and caps are used up, or another way is taken."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence

from app.kernel.ids import seal
from app.kernel.settings import settings
from app.outreach import materials
from app.outreach.materials import Rendered
from app.outreach.messaging.operations import dispatching, limits, reserving
from app.outreach.messaging.operations.cases import Case
from app.outreach.messaging.operations.reserving import Asked
from app.outreach.messaging.operations.verdicts import Go
from app.outreach.messaging.rules import moments

# The scope of the caps over all channels; every other scope is a channel.
MARKETING = "marketing"


def let_go(cases: Sequence[Case], *, now: dt.datetime) -> None:
    """A verdict for each of these, which have a way that is open. Who finds a limit reached tries the next way."""
    limits.hold({(account, channel) for case in cases for channel, account in case.person.worded}, now=now)
    left = list(cases)
    while left:
        _take_the_rest(_take_quota(left, now), now)
        for case in left:
            if case.verdict is None:
                case.wait_for_hours()
        left = [case for case in left if case.verdict is None]


def _is_campaign(case: Case) -> bool:
    """Everything but what stands in a purpose's own dispatch leaves a part of the day to notices."""
    dispatch = case.person.standing.dispatches.get(case.one.dispatch_id)
    return dispatch is None or dispatch["code"] != dispatching.standing_code(case.one.purpose.code)


def _take_quota(cases: Sequence[Case], now: dt.datetime) -> list[Case]:
    """Those for whom there is room; the others wait, or go on to their next way."""
    asking: defaultdict[tuple[limits.Key, bool], list[Case]] = defaultdict(list)
    for case in cases:
        if case.way:
            asking[(case.way.account, case.way.channel), _is_campaign(case)].append(case)
    rooms = limits.reserve({key: len(found) for key, found in asking.items()}, now=now)
    for key, found in asking.items():
        for case in found[rooms[key].granted :]:
            case.wait(rooms[key].until, f"quota_{rooms[key].why}")
    return [case for key, found in asking.items() for case in found[: rooms[key].granted]]


def _take_the_rest(cases: Sequence[Case], now: dt.datetime) -> None:
    asked = {case.one.delivery_id: _asked(case) for case in cases}
    failed = reserving.take([one for one in asked.values() if one.reserved], caps=_caps(cases), now=now)
    unused: Counter[limits.Key] = Counter()
    for case in cases:
        if case.way is None or case.rendered is None:
            continue
        if why := failed.get(case.one.delivery_id):
            unused[case.way.account, case.way.channel] += 1
            _fail(case, why)
            continue
        case.verdict = Go(
            case.one.delivery_id,
            case.way.channel,
            case.way.account,
            case.way.address(),
            _tracked(case.rendered, case.one.delivery_id),
            asked[case.one.delivery_id].reserved,
        )
    limits.return_unused(unused.elements(), now=now)


def _tracked(rendered: Rendered, delivery_id: int) -> Rendered:
    if not (rendered.link or rendered.page):
        return rendered
    return materials.rendering.tracked(rendered, mark=seal("delivery", delivery_id), through=settings().public_base)


def _fail(case: Case, why: str) -> None:
    if why == f"counts:{MARKETING}:m":
        case.hold("capped_month")
    elif why == f"counts:{MARKETING}:d":
        case.hold("capped_day")
    else:
        case.give_up_way({"grant": "not_granted", "window": "window_closed"}.get(why, "capped_channel"))


def _asked(case: Case) -> Asked:
    counts: list[tuple[str, str]] = []
    if case.person.marketing and case.way:
        policy = case.person.policy
        day, month = moments.periods(case.person.now, case.person.zones[0])
        if case.way.channel in policy.marketing_a_month_by:
            counts.append((month, case.way.channel))
        if case.way.channel in policy.marketing_a_day_by:
            counts.append((day, case.way.channel))
        counts += [(day, MARKETING), (month, MARKETING)]
    uses = case.way.uses if case.way else {}
    return Asked(case.one.delivery_id, case.one.customer_id or 0, tuple(counts), uses)


def _caps(cases: Sequence[Case]) -> dict[str, int]:
    if not cases:
        return {}
    policy = cases[0].person.policy
    caps = {f"d{MARKETING}": policy.marketing_a_day, f"m{MARKETING}": policy.marketing_a_month}
    caps |= {f"d{channel}": number for channel, number in policy.marketing_a_day_by.items()}
    return caps | {f"m{channel}": number for channel, number in policy.marketing_a_month_by.items()}
