"""By which way a message can reach one person: the channels of its purpose in their order, and why not by each."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.kernel.settings import settings
from app.outreach.materials import WordsView
from app.outreach.messaging.queries.standing import Standing, templates_of

# (channel, account) → words
Worded = Mapping[tuple[str, str], WordsView]


@dataclass(frozen=True)
class Way:
    """One way that is open. `openid_token`: of the openid it goes to, where it goes to one. `grant`: it uses one up;
    `window`: by whose opening it goes."""

    channel: str
    account: str
    words: WordsView
    stored: Callable[[], str]
    openid_token: uuid.UUID | None = None
    grant: tuple[int, str] | None = None
    window: tuple[int, str] | None = None
    open_from: dt.datetime | None = None

    @property
    def address(self) -> str:
        """The openid or the phone number in full."""
        return self.stored()


@dataclass(frozen=True)
class Person:
    """Whom a message is to reach, and by what."""

    customer_id: int
    marketing: bool
    standing: Standing
    worded: Worded
    now: dt.datetime
    why: dict[str, str] = field(default_factory=dict)

    def accounts(self, channel: str) -> list[str]:
        """The accounts that have words for a channel, as the environment names them."""
        order = list(settings().wechat_accounts)
        found = [account for its_channel, account in self.worded if its_channel == channel]
        return sorted(found, key=lambda account: order.index(account) if account in order else len(order))


def _template_there(words: WordsView) -> bool:
    known = templates_of(words.account, words.channel)
    return bool(words.template_id) and (not known.fetched or words.template_id in known.known)


def _by_template(person: Person, channel: str) -> Way | str:
    if person.marketing:
        return "service_only"  # R01
    why = "no_words"
    for account in person.accounts(channel):
        words = person.worded[channel, account]
        if not _template_there(words):
            why = "template_gone"
            continue
        why = "not_following"
        for openid in person.standing.openids(person.customer_id, account):
            return Way(channel, account, words, lambda openid=openid: openid.value, openid.token)  # type: ignore[misc]
    return why


def _by_window(person: Person, channel: str) -> Way | str:
    why = "no_words"
    for account in person.accounts(channel):
        why = "window_closed"
        openids = {one.token: one for one in person.standing.openids(person.customer_id, account)}
        for window in person.standing.windows.get(person.customer_id, ()):
            if openid := openids.get(window["openid_token"]):
                return Way(
                    channel,
                    account,
                    person.worded[channel, account],
                    lambda openid=openid: openid.value,  # type: ignore[misc]
                    openid.token,
                    window=(window["born_customer_id"], window["opened_by"]),
                )
    return why


FINDERS: Mapping[str, Callable[[Person, str], Way | str]] = {
    "oa_template": _by_template,
    "oa_service": _by_window,
}
