"""By which ways a message can reach one person: the channels of its purpose in their order, and why not by each."""

import datetime as dt
import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.kernel.settings import settings
from app.outreach.materials import PurposeView, WordsView
from app.outreach.messaging.models import MessagingPolicy
from app.outreach.messaging.queries.standing import Standing, templates_of
from app.outreach.messaging.rules import moments, numbers
from app.people.identity import who


@dataclass(frozen=True)
class Way:
    """One way that is open from `open_from` on. `uses`: what it uses up, as it stands in the attempt's `reserved`."""

    channel: str
    account: str
    words: WordsView
    address: Callable[[], str]
    open_from: dt.datetime
    uses: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Person:
    """Whom a message of a purpose is to reach, and what stands. Exactly one of the two ids is there.

    `worded`: the purpose's words by channel and account.
    """

    delivery_id: int
    customer_id: int | None
    staff_id: int | None
    purpose: PurposeView
    standing: Standing
    worded: dict[tuple[str, str], WordsView]
    policy: MessagingPolicy
    now: dt.datetime

    @property
    def marketing(self) -> bool:
        """Whether it is to be kept apart from service (R01)."""
        return self.purpose.kind == "marketing"

    @property
    def pressing(self) -> bool:
        """Whether it is worth being told at night. Marketing never is."""
        return self.purpose.pressing and not self.marketing

    @functools.cached_property
    def phone(self) -> str | None:
        """Their number in full."""
        if self.staff_id is not None:
            return self.standing.staff_phones.get(self.staff_id)
        return self.standing.phone(self.customer_id or 0)

    @functools.cached_property
    def zones(self) -> moments.Zones:
        """Where they may be."""
        return moments.zones_of(self.phone)

    @functools.cached_property
    def quiet_until(self) -> dt.datetime:
        """When they may be written to: now, or when their quiet hours end."""
        quiet = () if self.pressing else spans(self.policy.quiet_hours)
        return moments.open_from(self.now, self.zones, quiet=quiet)

    def open_in(self, hours: str) -> dt.datetime:
        """When they may be written to in a channel that has hours of its own."""
        quiet = () if self.pressing else spans(self.policy.quiet_hours)
        return moments.open_from(self.now, self.zones, quiet=quiet, open_in=spans(hours))

    def accounts(self, channel: str) -> list[str]:
        """The accounts that have words for a channel, in the order of the environment; SMS and calls have none."""
        return [account for account in (*settings().wechat_accounts, "") if (channel, account) in self.worded]


@functools.cache
def spans(words: str) -> tuple[moments.Span, ...]:
    """Hours as the policy writes them, several apart by commas."""
    return tuple(moments.span(one) for one in words.split(",") if one.strip())


@functools.cache
def _prefixes(words: str) -> frozenset[str]:
    return frozenset(one.strip() for one in words.split(",") if one.strip())


def list_ways(person: Person, *, channel: str) -> list[Way] | str:
    """The ways of one channel, the best first; or why there is none."""
    if person.staff_id is not None and channel not in ("sms", "voice"):
        return "not_offered"
    if person.marketing and channel in person.standing.refused.get(person.customer_id or 0, ()):
        return "refused"
    why = "no_words"
    found: list[Way] = []
    for account in person.accounts(channel):
        words = person.worded[channel, account]
        if channel != "oa_service" and not _template_there(words):
            why = "template_gone"
            continue
        ways = _FINDERS[channel](person, words)
        if isinstance(ways, str):
            why = ways
        else:
            found += ways
    return found or why


def _template_there(words: WordsView) -> bool:
    known = templates_of(words.account, words.channel)
    return bool(words.template_id) and (not known.fetched or words.template_id in known.known)


def _by_template(person: Person, words: WordsView) -> list[Way] | str:
    if person.marketing:
        return "service_only"  # R01
    followed = person.standing.followed(person.customer_id or 0, words.account)
    return [_to(openid, person, words) for openid in followed] or "not_following"


def _by_grant(person: Person, words: WordsView) -> list[Way] | str:
    openids = {one.token: one for one in person.standing.openids(person.customer_id or 0, words.account)}
    if not openids:
        return "no_openid"
    return [
        _to(openids[grant["openid_token"]], person, words, grant=_use(grant, "template_id"))
        for grant in person.standing.grants.get(person.customer_id or 0, ())
        if grant["template_id"] == words.template_id and grant["openid_token"] in openids
    ] or "not_granted"


def _by_window(person: Person, words: WordsView) -> list[Way] | str:
    openids = {one.token: one for one in person.standing.followed(person.customer_id or 0, words.account)}
    return [
        _to(openids[window["openid_token"]], person, words, window=_use(window, "opened_by"))
        for window in person.standing.windows.get(person.customer_id or 0, ())
        if window["openid_token"] in openids
    ] or "window_closed"


def _use(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {"token": str(row["openid_token"]), name: row[name], "born": row["born_customer_id"]}


def _to(openid: who.Address, person: Person, words: WordsView, **uses: Any) -> Way:
    return Way(words.channel, words.account, words, lambda: openid.value, person.quiet_until, uses)


def _by_sms(person: Person, words: WordsView) -> list[Way] | str:
    # Something pressing is told by text at any hour; marketing never is pressing.
    return _by_phone(person, words, lambda: person.now if person.pressing else person.open_in(person.policy.sms_hours))


def _by_call(person: Person, words: WordsView) -> list[Way] | str:
    if person.standing.calls.get(person.delivery_id, 0) >= person.policy.calls:
        return "called_already"
    return _by_phone(person, words, lambda: person.open_in(person.policy.call_hours))


def _by_phone(person: Person, words: WordsView, when: Callable[[], dt.datetime]) -> list[Way] | str:
    phone = person.phone
    if phone is None:
        return "no_phone"
    if why := numbers.why_not(phone, virtual_prefixes=_prefixes(person.policy.virtual_prefixes)):
        return why
    return [Way(words.channel, words.account, words, lambda: phone, when())]


_FINDERS: Mapping[str, Callable[[Person, WordsView], list[Way] | str]] = {
    "oa_template": _by_template,
    "oa_subscription": _by_grant,
    "mp_subscription": _by_grant,
    "oa_service": _by_window,
    "sms": _by_sms,
    "voice": _by_call,
}


def walk(person: Person, *, channels: Iterator[str], why: dict[str, str]) -> Iterator[Way]:
    """The ways one after the other, as long as they are asked for; why there was none is written down by channel."""
    for channel in channels:
        ways = list_ways(person, channel=channel)
        if isinstance(ways, str):
            why[channel] = ways
        else:
            yield from ways
