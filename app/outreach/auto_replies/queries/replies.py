"""The replies as those see them who write them: lists, one, and what would be answered to a sentence."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.kernel import policy
from app.kernel.clock import BRAND_ZONE
from app.kernel.database import db
from app.outreach.auto_replies.models import ReplyRule
from app.outreach.auto_replies.queries import books
from app.outreach.auto_replies.refusals import RuleUnknown
from app.outreach.auto_replies.rules import answers, contents, hearing, hours, showing
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.matching import Rule
from app.outreach.auto_replies.rules.variables import COMPOSED, SAMPLES

SAID = ("name", "occasion", "matching", "words", "content", "priority", "enabled")
# How the list is grouped, by what it is answered to.
GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "keyword": ("关键词", ("keyword",)),
    "welcome": ("欢迎语", ("welcome", "welcome_again", "scan")),
    "other": ("其他时候", ("location", "default", "after_hours", "menu")),
}
_LIVE = {*COMPOSED, "coupon_list", "orders", "birthday", "stores"} - {"life"}


@dataclass(frozen=True)
class RuleView:
    """A reply as its writers see it. `is_live`: it says what is so at the moment; `is_changed`: not as it shipped."""

    id: int
    account: str
    name: str
    occasion: str
    matching: str
    words: tuple[str, ...]
    content: Mapping[str, Any]
    priority: int
    enabled: bool
    is_builtin: bool
    is_changed: bool
    changed_at: dt.datetime

    @property
    def kind(self) -> str:
        """What it is made of."""
        return str(self.content["kind"])

    @property
    def is_live(self) -> bool:
        """It is answered with what is so at that moment."""
        return bool(books.understand(self.content).needs & _LIVE)

    @property
    def excerpt(self) -> str:
        """The beginning of what it says, without links and braces."""
        said = str(self.content.get("body") or self.content.get("title") or contents.KINDS[self.kind][0])
        return showing.plain(said)[:60]


def _view(row: ReplyRule) -> RuleView:
    values = {name: getattr(row, name) for name in SAID}
    changed = row.shipped is not None and any(row.shipped[name] != values[name] for name in SAID)
    return RuleView(
        id=row.id,
        account=row.account,
        **values | {"words": tuple(row.words)},
        is_builtin=row.shipped is not None,
        is_changed=changed,
        changed_at=row.changed_at,
    )


def list_rules(*, group: str = "keyword", wanted: str = "") -> list[RuleView]:
    """Replies of a group, in the order in which they answer; with `wanted`, those in whose words or texts it stands."""
    occasions = GROUPS.get(group, GROUPS["keyword"])[1]
    rows = db.session.scalars(
        select(ReplyRule)
        .where(ReplyRule.occasion.in_(occasions))
        .order_by(ReplyRule.priority, ReplyRule.id)
        .execution_options(populate_existing=True)
    )
    return [_view(row) for row in rows if wanted in _told(row)]


def _told(row: ReplyRule) -> str:
    return "\n".join([row.name, *row.words, *(str(part) for part in row.content.values())])


def get_rule(rule_id: int) -> RuleView:
    """One reply. Raises RuleUnknown."""
    row = db.session.get(ReplyRule, rule_id, populate_existing=True)
    if row is None:
        raise RuleUnknown
    return _view(row)


@dataclass(frozen=True)
class Tried:
    """What a sentence would be answered. `texts`: title → what is said, with samples where a person's values go.

    `rule_id` empty: nothing answers.
    """

    rule_id: int | None
    rule_name: str
    occasion: str
    how: str
    texts: Mapping[str, str]
    kind: str


def try_out(words: str, *, account: str, now: dt.datetime) -> Tried:
    """What would be answered now, to anybody, in this account; nothing is written."""
    book, local = books.book_of(account), now.astimezone(BRAND_ZONE)
    heard = hearing.normalise(words)
    rule = book.find("keyword", heard)
    if rule is None and not hours.is_open(policy.current(AutoReplyPolicy), local=local):
        rule = book.find("after_hours")
    rule = rule or book.find("default")
    if rule is None:
        return Tried(None, "", "", "没有规则会回答", {}, "silent")
    values = {**SAMPLES, **_now(local), **answers.of_guesses(book.guess(heard))}
    return Tried(
        rule.id, rule.name, rule.occasion, _how(rule, heard), preview(rule.content, values), rule.content["kind"]
    )


def _how(rule: Rule, heard: str) -> str:
    if rule.matching == "any":
        return contents.OCCASIONS[rule.occasion]
    words = [word for word in rule.words if rule.matching == "pattern" or hearing.normalise(word) in heard]
    return f"{contents.MATCHINGS[rule.matching]}「{'、'.join(words[:3])}」"


def _now(local: dt.datetime) -> dict[str, str]:
    present = policy.current(AutoReplyPolicy)
    back = hours.next_opening(present, local=local)
    said = {"服务时间": hours.span_said(present)}
    return said | ({"下次上班": hours.said(back, local=local)} if back else {})


def preview(content: Mapping[str, Any], values: Mapping[str, str] = SAMPLES) -> dict[str, str]:
    """What a reply says with these values, by the part's title. Raises what `books.understand` raises."""
    saying = books.understand(content)
    return {contents.title_of(part): said.say(values) for part, said in saying.texts.items()}
