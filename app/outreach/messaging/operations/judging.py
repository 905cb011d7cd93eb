"""Whether a message may go now, by which channel, or why not: asked right before it goes, for some dozens at once.

Runs within the transaction that leased the deliveries. What it takes from a limit (grants, windows, caps, quotas) is in
`Go.reserved`; `give_back` returns it when the call was surely not carried out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from app.kernel import policy
from app.kernel.facts import ask
from app.outreach import materials
from app.outreach.materials import WordsView
from app.outreach.messaging.facts import ProposedDelivery, SendingProposed
from app.outreach.messaging.models import MessagingPolicy
from app.outreach.messaging.operations import letting, reserving, ways
from app.outreach.messaging.operations.cases import Case
from app.outreach.messaging.operations.letting import MARKETING
from app.outreach.messaging.operations.verdicts import Candidate as Candidate
from app.outreach.messaging.operations.verdicts import Go as Go
from app.outreach.messaging.operations.verdicts import Hold as Hold
from app.outreach.messaging.operations.verdicts import Verdict as Verdict
from app.outreach.messaging.operations.verdicts import Wait as Wait
from app.outreach.messaging.queries import standing
from app.outreach.messaging.queries.standing import Standing
from app.outreach.messaging.rules import control, moments


def judge(candidates: Sequence[Candidate], *, now: dt.datetime) -> list[Verdict]:
    """A verdict for each, in their order. A handful of statements for any number of them.

    Final reasons first, so that nobody waits for a morning to be told no; then the hearing; then hours; quotas, grants,
    windows and caps last, as these are used up by asking.
    """
    cases = consider(candidates, now=now)
    _hear(_open(cases), now)
    for case in _open(cases):
        case.wait_for_hours()
    if left := _open(cases):
        letting.let_go(left, now=now)
    return [case.verdict for case in cases if case.verdict]


def consider(candidates: Sequence[Candidate], *, now: dt.datetime) -> list[Case]:
    """What is judged without asking anybody upstairs and without using anything up: final reasons, or a first way."""
    stand = _look(candidates, now)
    cases = [_case(one, stand, now) for one in candidates]
    _one_at_a_time(cases)
    for case in _open(cases):
        if reason := _why_not(case, stand):
            case.hold(reason)
    _find_ways(_open(cases), now)
    for case in _open(cases):
        if _is_control(case, stand):
            case.hold("control")
    return cases


def give_back(reserved_by_delivery: Collection[int], *, now: dt.datetime) -> None:
    """What the newest attempts of these deliveries used up (grant, window, caps) is free again, once: their calls were surely
    not carried out, or refused. Quota is not: the platform may have counted the call."""
    reserving.give_back(reserved_by_delivery, now=now)


def _open(cases: Sequence[Case]) -> list[Case]:
    return [case for case in cases if case.verdict is None]


def _look(candidates: Sequence[Candidate], now: dt.datetime) -> Standing:
    people = {one.customer_id for one in candidates if one.customer_id}
    asking = standing.Asking(
        delivery_ids=[one.delivery_id for one in candidates],
        dispatch_ids={one.dispatch_id for one in candidates},
        people=people,
        staff={one.staff_id for one in candidates if one.staff_id},
        marketing={one.customer_id for one in candidates if one.customer_id and one.marketing},
        channels={channel for one in candidates for channel in one.purpose.channels},
        now=now,
    )
    return standing.look(asking)


def _case(one: Candidate, stand: Standing, now: dt.datetime) -> Case:
    settings = policy.current(MessagingPolicy)
    person = ways.Person(one.delivery_id, one.customer_id, one.staff_id, one.purpose, stand, {}, settings, now)
    return Case(one, person)


def _one_at_a_time(cases: Sequence[Case]) -> None:
    """The platform refuses two messages to one person at once, and limits are taken person by person."""
    seen: set[int] = set()
    for case in cases:
        if (person := case.one.customer_id) in seen:
            later = case.person.now + dt.timedelta(seconds=1)
            case.verdict = Wait(case.one.delivery_id, later, "one_at_a_time")
        elif person is not None:
            seen.add(person)


def _why_not(case: Case, stand: Standing) -> str | None:
    """What stands against it whatever the channel; the first of the reasons that hold."""
    one, person, now = case.one, case.one.customer_id or 0, case.person.now
    if not one.purpose.enabled:
        return "disabled"
    if now >= one.expires_at:
        return "too_late"
    if one.delivery_id in stand.told:
        return "told_already"
    if not one.marketing:
        return None
    if one.staff_id is not None or person in stand.staff:
        return "staff"  # X01
    if person not in stand.agreed:
        return "no_consent"  # L01
    if "" in stand.refused.get(person, ()):
        return "refused"
    return "peace" if person in stand.peace else _why_not_today(case, stand)


def _why_not_today(case: Case, stand: Standing) -> str | None:
    """R03: so many a day and a month where they are, and of two on one day the better one."""
    person, settings = case.one.customer_id or 0, case.person.policy
    zone = case.person.zones[0]
    day, month = moments.periods(case.person.now, zone)
    if stand.counts.get((person, month, MARKETING), 0) >= settings.marketing_a_month:
        return "capped_month"
    if stand.counts.get((person, day, MARKETING), 0) >= settings.marketing_a_day:
        return "capped_day"
    tonight = moments.end_of_day(case.person.now, zone)
    selves = {person, *stand.selves.get(person, ())}
    better = [
        row
        for row in stand.better.get(case.one.delivery_id, ())
        if row["due_at"] < tonight
        and not control.is_control(selves, percent=row["control_percent"], salt=row["control_salt"])
    ]
    return "outranked" if better else None


def _is_control(case: Case, stand: Standing) -> bool:
    """After everything else, so that the control group is made of those who would have been written to."""
    one, person = case.one, case.one.customer_id
    if person is None:
        return False
    selves = {person, *stand.selves.get(person, ())}
    return control.is_control(selves, percent=one.control_percent, salt=one.control_salt)


def _find_ways(cases: Sequence[Case], now: dt.datetime) -> None:
    words = materials.words.list_words({case.one.purpose.id for case in cases}) if cases else {}
    worded: defaultdict[int, dict[tuple[str, str], WordsView]] = defaultdict(dict)
    for (purpose_id, channel, account), view in words.items():
        worded[purpose_id][channel, account] = view
    profiles = _profiles(cases, list(words.values()), now)
    for case in cases:
        one = case.one
        case.person.worded.update(worded[one.purpose.id])
        case.values = {
            **profiles.get(one.customer_id or 0, {}),
            **{name: str(said) for name, said in one.values.items()},
        }
        case.why |= dict.fromkeys(one.tried, "tried")
        channels = (channel for channel in one.purpose.channels if channel not in one.tried)
        case.left = ways.walk(case.person, channels=channels, why=case.why)
        case.go_on()


def _profiles(cases: Sequence[Case], words: Sequence[WordsView], now: dt.datetime) -> Mapping[int, Mapping[str, str]]:
    """The variables that come from the person, where any words want one."""
    own = {name for case in cases for name in case.one.purpose.variables}
    wanted = {variable.name for view in words for text in view.compiled.texts for variable in text.variables} - own
    people = [case.one.customer_id for case in cases if case.one.customer_id]
    return materials.rendering.values_of(people, wanted=wanted, now=now) if wanted and people else {}


def _hear(cases: Sequence[Case], now: dt.datetime) -> None:
    """Ask those upstairs, once for each purpose: is it still wanted?"""
    by_purpose: defaultdict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_purpose[case.one.purpose.code].append(case)
    for purpose, asked in by_purpose.items():
        proposed = SendingProposed(purpose, tuple(_proposed(case.one) for case in asked), now)
        objections = {objection.data["delivery_id"]: objection.code for objection in ask(proposed)}
        for case in asked:
            if code := objections.get(case.one.delivery_id):
                case.hold(f"objected:{code}")


def _proposed(one: Candidate) -> ProposedDelivery:
    return ProposedDelivery(
        one.delivery_id,
        one.dispatch_id,
        one.customer_id,
        one.born_customer_id,
        one.staff_id,
        one.occasion,
        one.values,
    )
