"""What the bot says to one message or event, in the request: rules from memory, one statement for what is asked of a person.

Nobody's data are said to anybody else: what is read hangs on the openid that the platform itself named.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.kernel import carrier, policy
from app.kernel.clock import BRAND_ZONE
from app.kernel.settings import settings
from app.outreach import messaging
from app.outreach.auto_replies.operations import desk, scenes
from app.outreach.auto_replies.queries import books, live
from app.outreach.auto_replies.rules import answers, hearing, hours
from app.outreach.auto_replies.rules.hearing import Heard
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.matching import Book, Rule
from app.people import contacts, identity

Fields = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What goes back at once. `fields`: the platform's, without who and when; `rule_id`, `rule_name`: what answered."""

    fields: Mapping[str, Any]
    rule_id: int | None = None
    rule_name: str = ""

    def addressed(self, push: Mapping[str, Any], *, now: dt.datetime) -> Fields:
        """The whole answer to whoever sent `push`, ready to be written and sealed."""
        way = {"ToUserName": str(push["FromUserName"]), "FromUserName": str(push["ToUserName"])}
        return {**way, "CreateTime": int(now.timestamp()), **self.fields}


@dataclass(frozen=True)
class Asking:
    """Somebody who says or does something now. `openid`: theirs, as an id."""

    heard: Heard
    account: str
    openid: identity.Identifier
    now: dt.datetime

    @property
    def local(self) -> dt.datetime:
        """Now by the brand's clock."""
        return self.now.astimezone(BRAND_ZONE)


def answer(fields: Mapping[str, Any], *, account: str, now: dt.datetime) -> Reply | None:
    """The answer to a push of the platform; None where there is none, and where people of the brand are answering.

    Within the caller's unit of work. What it writes: who asks for a person and what they say then, who wants no more.
    """
    asking = _asking(fields, account=account, now=now)
    if asking is None:
        return None
    book = books.book_of(account)
    rule = _rule(book, asking)
    needs = rule.saying.needs if rule else frozenset()
    row = live.read(asking.openid.token, needs, talk=asking.heard.is_message, now=now)
    with carrier.carried_by(_carried(row)):
        if _people_answer(row, now) and not (rule and rule.content["kind"] in ("refuse", "allow")):
            return _meanwhile(asking, row)
        return _SAY[rule.content["kind"]](rule, asking, book, row) if rule else None


def _asking(fields: Mapping[str, Any], *, account: str, now: dt.datetime) -> Asking | None:
    known = settings().wechat_accounts.get(account)
    heard = hearing.listen(fields)
    if heard is None or known is None or known.kind != "official_account":  # a mini-program's chat has no such answers
        return None
    try:
        openid = identity.identifier("openid", heard.openid, scope=account)
    except identity.IdentifierInvalid:
        return None
    return Asking(heard, account, openid, now)


def _rule(book: Book, asking: Asking) -> Rule | None:
    heard = asking.heard
    if heard.occasion == "welcome":
        again = contacts.followers.ever_followed(asking.openid.token)
        return book.find("welcome_again" if again else "welcome", heard.words)
    if heard.occasion == "scan":
        return book.find("scan", heard.words)
    found = book.find(heard.occasion, heard.words)
    if heard.occasion == "menu":  # a key that has no answer of its own is what it says
        found = found or book.find("keyword", hearing.normalise(heard.words))
    if found is None and not hours.is_open(policy.current(AutoReplyPolicy), local=asking.local):
        found = book.find("after_hours")
    return found or book.find("default")


def _carried(row: Mapping[str, Any]) -> dict[int, int]:
    customer_id = row.get("customer_id")
    return {customer_id: row["born_customer_id"]} if customer_id else {}


def _people_answer(row: Mapping[str, Any], now: dt.datetime) -> bool:
    until = row.get("silent_until")
    return until is not None and until > now


def _meanwhile(asking: Asking, row: Mapping[str, Any]) -> Reply | None:
    conversation = {"conversation_id": row["conversation_id"], "customer_id": row["talk_customer_id"]}
    desk.hear(**conversation, words=asking.heard.raw, now=asking.now)
    return Reply(_TRANSFER) if policy.current(AutoReplyPolicy).transfers else None


_TRANSFER = {"MsgType": "transfer_customer_service"}


def _text(rule: Rule, words: str) -> Reply | None:
    return Reply({"MsgType": "text", "Content": words}, rule.id, rule.name) if words else None


def _say_text(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    part = "guest" if "guest" in rule.saying.texts and not row.get("card_number") else "body"
    if part not in rule.saying.texts:
        return None
    return _text(rule, rule.saying.texts[part].say(_values(rule, asking, book, row)))


def _values(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> dict[str, str]:
    needs, heard = rule.saying.needs, asking.heard
    values = answers.of_person(row, zone=BRAND_ZONE)
    if row.get("customer_id"):
        values |= live.more_values(row["customer_id"], needs, now=asking.now)
    if "stores" in needs and heard.place:
        values |= live.nearest_stores(heard.place, now=asking.now)
    if "scene" in needs:
        values |= scenes.values_of(heard.words)
    if "hours" in needs:
        values |= _hours(asking)
    if "guesses" in needs:
        values |= answers.of_guesses(book.guess(heard.words))
    return values


def _hours(asking: Asking) -> dict[str, str]:
    present = policy.current(AutoReplyPolicy)
    back = hours.next_opening(present, local=asking.local)
    values = {"服务时间": hours.span_said(present)}
    return values | ({"下次上班": hours.said(back, local=asking.local)} if back else {})


def _say_image(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    fields = {"MsgType": "image", "Image": {"MediaId": rule.content["media_id"]}}
    return Reply(fields, rule.id, rule.name)


def _say_news(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    content = rule.content
    article = {
        "Title": content["title"],
        "Description": content.get("description", ""),
        "PicUrl": content.get("picture", ""),
        "Url": content["link"],
    }
    return Reply({"MsgType": "news", "ArticleCount": 1, "Articles": {"item": [article]}}, rule.id, rule.name)


def _hand_over(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    present = policy.current(AutoReplyPolicy)
    somebody_is_there = hours.is_open(present, local=asking.local)
    asked = desk.ask(
        asking.openid,
        account=asking.account,
        words=asking.heard.raw,
        silent=dt.timedelta(hours=present.silent_hours if somebody_is_there else 0),
        now=asking.now,
    )
    part = "body" if somebody_is_there else "away"
    if part not in rule.saying.texts:
        return None
    words = rule.saying.texts[part].say({**_values(rule, asking, book, row), **asked.waiting})
    # What is tapped in the menu cannot be handed on, and an answer is one thing only: then it is said in another message.
    transfers = somebody_is_there and present.transfers and asking.heard.is_message
    if transfers and desk.tell_waiting(asked, openid=asking.openid, words=words, now=asking.now):
        return Reply(_TRANSFER, rule.id, rule.name)
    return _text(rule, words)


def _refuse(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    return _consent(messaging.refusing.refuse, rule, asking, book, row)


def _allow(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    return _consent(messaging.refusing.allow, rule, asking, book, row)


def _consent(said: Callable[..., None], rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    """No marketing any more, or again, by any channel; from the next message on."""
    customer_id, born = desk.holder(asking.openid, now=asking.now)
    with carrier.carried_by({customer_id: born}):
        said(customer_id, channel="", source="official_account", now=asking.now)
    return _say_text(rule, asking, book, row)


def _nothing(rule: Rule, asking: Asking, book: Book, row: Mapping[str, Any]) -> Reply | None:
    return None


_SAY: Mapping[str, Callable[[Rule, Asking, Book, Mapping[str, Any]], Reply | None]] = {
    "text": _say_text,
    "image": _say_image,
    "news": _say_news,
    "hand_over": _hand_over,
    "refuse": _refuse,
    "allow": _allow,
    "silent": _nothing,
}
