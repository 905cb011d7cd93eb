"""Whether a message may go now, by which channel, or why not: asked right before it goes, for some dozens at once.

Runs within the transaction that leased the deliveries. What it takes from a limit (grants, windows, caps, quotas) is in
`Go.reserved`; `give_back` returns it when the call was surely not carried out.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.kernel.facts import ask
from app.outreach import materials
from app.outreach.materials import PurposeView, Rendered, WordsView
from app.outreach.messaging.facts import ProposedDelivery, SendingProposed
from app.outreach.messaging.operations import ways
from app.outreach.messaging.queries import standing
from app.outreach.messaging.queries.standing import Standing
from app.outreach.messaging.rules import control


@dataclass(frozen=True)
class Candidate:
    """A delivery that is due and leased. `tried`: channels by which it finally failed, not to be tried again."""

    delivery_id: int
    customer_id: int | None
    born_customer_id: int | None
    purpose: PurposeView
    dispatch_id: int
    control_percent: int
    control_salt: str
    occasion: str
    values: Mapping[str, Any]
    due_at: dt.datetime
    expires_at: dt.datetime
    tried: tuple[str, ...] = ()
    staff_id: int | None = None

    @property
    def marketing(self) -> bool:
        """Whether consent, caps and quiet are asked for (R03)."""
        return self.purpose.kind == "marketing"


@dataclass(frozen=True)
class Go:
    """It may go: by this channel and account, to this openid or phone number, with these words."""

    delivery_id: int
    channel: str
    account: str
    address: str
    rendered: Rendered
    reserved: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hold:
    """It stays, for good. `data`: with `unreachable`, why not by each channel."""

    delivery_id: int
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Not before then."""

    delivery_id: int
    until: dt.datetime
    reason: str


Verdict = Go | Hold | Wait


def judge(candidates: Sequence[Candidate], *, now: dt.datetime) -> list[Verdict]:
    """A verdict for each, in their order. A handful of statements for any number of them."""
    stand = _look(candidates, now)
    verdicts: dict[int, Verdict] = {}
    left = []
    for one in candidates:
        if reason := _why_not(one, stand, now):
            verdicts[one.delivery_id] = Hold(one.delivery_id, reason)
        else:
            left.append(one)
    for delivery_id, code in _objected(left, now).items():
        verdicts[delivery_id] = Hold(delivery_id, f"objected:{code}")
    left = [one for one in left if one.delivery_id not in verdicts]
    worded = _words_of(left)
    for one in left:
        verdicts[one.delivery_id] = _choose(one, stand, worded[one.purpose.id], now)
    return [verdicts[one.delivery_id] for one in candidates]


def _look(candidates: Sequence[Candidate], now: dt.datetime) -> Standing:
    people = {one.customer_id for one in candidates if one.customer_id}
    asking = standing.Asking(
        delivery_ids=[one.delivery_id for one in candidates],
        dispatch_ids={one.dispatch_id for one in candidates},
        people=people,
        marketing={one.customer_id for one in candidates if one.customer_id and one.marketing},
        channels={channel for one in candidates for channel in one.purpose.channels},
        now=now,
    )
    return standing.look(asking)


def _why_not(one: Candidate, stand: Standing, now: dt.datetime) -> str | None:
    """What stands against it whatever the channel; the first of the reasons that hold."""
    person = one.customer_id or 0
    if not one.purpose.enabled:
        return "disabled"
    if now >= one.expires_at:
        return "too_late"
    if one.delivery_id in stand.told:
        return "told_already"
    if one.marketing:
        against = {
            "staff": person in stand.staff or one.staff_id is not None,  # X01
            "no_consent": person not in stand.agreed,  # L01
            "refused": "" in stand.refused.get(person, ()),
            "peace": person in stand.peace,
        }
        if reason := next((reason for reason, holds in against.items() if holds), None):
            return reason
    selves = {person, *stand.selves.get(person, ())}
    return "control" if control.is_control(selves, percent=one.control_percent, salt=one.control_salt) else None


def _objected(candidates: Sequence[Candidate], now: dt.datetime) -> dict[int, str]:
    """Ask those upstairs, once for each purpose: is it still wanted?"""
    by_purpose: defaultdict[str, list[ProposedDelivery]] = defaultdict(list)
    for one in candidates:
        by_purpose[one.purpose.code].append(
            ProposedDelivery(
                one.delivery_id,
                one.dispatch_id,
                one.customer_id,
                one.born_customer_id,
                one.staff_id,
                one.occasion,
                one.values,
            )
        )
    return {
        objection.data["delivery_id"]: objection.code
        for purpose, deliveries in by_purpose.items()
        for objection in ask(SendingProposed(purpose, tuple(deliveries), now))
    }


def _words_of(candidates: Iterable[Candidate]) -> dict[int, dict[tuple[str, str], WordsView]]:
    found: defaultdict[int, dict[tuple[str, str], WordsView]] = defaultdict(dict)
    for (purpose_id, channel, account), words in materials.words.list_words(
        {one.purpose.id for one in candidates}
    ).items():
        found[purpose_id][channel, account] = words
    return found


def _choose(one: Candidate, stand: Standing, worded: ways.Worded, now: dt.datetime) -> Verdict:
    person = ways.Person(one.customer_id or 0, one.marketing, stand, worded, now)
    why: dict[str, str] = dict.fromkeys(one.tried, "tried")
    for channel in one.purpose.channels:
        if channel in one.tried:
            continue
        if channel in stand.refused.get(person.customer_id, ()):
            why[channel] = "refused"
            continue
        finder = ways.FINDERS.get(channel)
        found = finder(person, channel) if finder else "not_offered"
        if isinstance(found, str):
            why[channel] = found
            continue
        try:
            rendered = materials.rendering.render(found.words, one.values)
        except (materials.ValueMissing, materials.FieldInvalid):
            why[channel] = "value_missing"
            continue
        rendered = replace(rendered)
        return Go(one.delivery_id, channel, found.account, found.address, rendered)
    return _unreachable(one, why)


# Where every channel has the same of these to say, it is the whole reason.
_ALONE = {"refused", "not_granted", "window_closed", "value_missing"}


def _unreachable(one: Candidate, why: dict[str, str]) -> Hold:
    reasons = set(why.values())
    whole = next(iter(reasons)) if len(reasons) == 1 else ""
    return Hold(one.delivery_id, whole if whole in _ALONE else "unreachable", why)


def give_back(reserved_by_delivery: Mapping[int, Mapping[str, Any]], *, now: dt.datetime) -> None:
    """What was reserved."""
