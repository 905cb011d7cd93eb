"""Keeping the replies: written by the brand, shipped with the product, put back."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from app.kernel import policy
from app.kernel.database import db
from app.outreach import materials
from app.outreach.auto_replies.models import ReplyRule
from app.outreach.auto_replies.queries import books
from app.outreach.auto_replies.queries.replies import GROUPS as GROUPS
from app.outreach.auto_replies.queries.replies import SAID
from app.outreach.auto_replies.queries.replies import RuleView as RuleView
from app.outreach.auto_replies.queries.replies import get_rule as get_rule
from app.outreach.auto_replies.queries.replies import list_rules as list_rules
from app.outreach.auto_replies.queries.replies import preview as preview
from app.outreach.auto_replies.queries.replies import try_out as try_out
from app.outreach.auto_replies.refusals import NothingShipped, RuleInvalid, RuleUnknown
from app.outreach.auto_replies.rules import contents, hours, stock
from app.outreach.auto_replies.rules.contents import KINDS as KINDS
from app.outreach.auto_replies.rules.contents import MATCHINGS as MATCHINGS
from app.outreach.auto_replies.rules.contents import OCCASIONS as OCCASIONS
from app.outreach.auto_replies.rules.contents import Draft as Draft
from app.outreach.auto_replies.rules.contents import Problem as Problem
from app.outreach.auto_replies.rules.contents import ways_of as ways_of
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.showing import pieces as pieces
from app.outreach.auto_replies.rules.variables import SAMPLES as SAMPLES
from app.outreach.auto_replies.rules.wording import WordingInvalid


def check(draft: Draft) -> list[Problem]:
    """Everything that stands against a reply: where it goes, its words, its texts, forbidden claims."""
    found = contents.problems(draft)
    for part in books.TEXTS:
        if draft.content.get(part):
            found += _wrong_in(part, draft.content)
    return found


def _wrong_in(part: str, content: Mapping[str, Any]) -> list[Problem]:
    try:
        said = books.understand({"kind": "text", part: content[part]}).texts[part]
    except (WordingInvalid, materials.language.TextInvalid) as error:
        return [Problem(contents.title_of(part), str(error))]
    flagged = [
        Problem(contents.title_of(part), f"“{flag.word}”不能用：{flag.reason}")
        for flag in materials.wording.flags(content[part])
    ]
    return [*contents.wrong_in(part, said, full=SAMPLES), *flagged]


def save(draft: Draft, *, now: dt.datetime, staff_id: int | None = None, rule_id: int | None = None) -> int:
    """Keep a reply, new or changed; its id. Every process answers by it within seconds.

    Raises RuleInvalid with every problem, RuleUnknown.
    """
    if problems := check(draft):
        raise RuleInvalid(problems=[asdict(problem) for problem in problems])
    row = ReplyRule() if rule_id is None else _locked(rule_id)
    for name, value in asdict(draft).items():
        setattr(row, name, list(value) if name == "words" else value)
    row.changed_at, row.changed_by = now, staff_id
    db.session.add(row)
    db.session.flush()
    _stamp()
    return row.id


def switch(rule_id: int, *, enabled: bool, now: dt.datetime, staff_id: int | None = None) -> None:
    """Let a reply answer, or not. Raises RuleUnknown."""
    row = _locked(rule_id)
    row.enabled, row.changed_at, row.changed_by = enabled, now, staff_id
    db.session.flush()
    _stamp()


def remove(rule_id: int) -> None:
    """Take a reply of the brand's away; what ships is switched off instead. Raises RuleUnknown."""
    row = _locked(rule_id)
    if row.shipped is not None:
        row.enabled = False
    else:
        db.session.execute(delete(ReplyRule).where(ReplyRule.id == rule_id))
    db.session.flush()
    _stamp()


def reset(rule_id: int, *, now: dt.datetime, staff_id: int | None = None) -> None:
    """Put back what ships. Raises RuleUnknown, and NothingShipped for a reply of the brand's own."""
    row = _locked(rule_id)
    if row.shipped is None:
        raise NothingShipped
    for name in SAID:
        setattr(row, name, row.shipped[name])
    row.changed_at, row.changed_by = now, staff_id
    db.session.flush()
    _stamp()


def ship_stock(*, now: dt.datetime) -> int:
    """Add the replies that ship and are not there yet, for all accounts; how many. What the brand changed stays."""
    known = set(db.session.scalars(select(ReplyRule.code).where(ReplyRule.code.is_not(None), ReplyRule.account == "")))
    added = 0
    for code, shipped in stock.RULES.items():
        if code in known:
            continue
        said = {name: getattr(shipped, name) for name in ("name", "occasion", "matching", "priority")}
        said |= {"words": list(shipped.words), "content": dict(shipped.content), "enabled": True}
        db.session.execute(insert(ReplyRule).values(code=code, account="", **said, shipped=said, changed_at=now))
        added += 1
    if added:
        _stamp()
    return added


def _locked(rule_id: int) -> ReplyRule:
    row = db.session.get(ReplyRule, rule_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RuleUnknown
    return row


def set_hours(*, opens: str, closes: str, weekdays: str) -> None:
    """When people answer. Raises RuleInvalid with what is wrong."""
    if wrong := hours.wrong_in(opens=opens, closes=closes, weekdays=weekdays):
        raise RuleInvalid(problems=[{"place": "服务时间", "why": why} for why in wrong])
    policy.change(AutoReplyPolicy, opens=opens, closes=closes, weekdays=weekdays)


def _stamp() -> None:
    """Say that what processes remember no longer holds."""
    db.session.execute(
        text(
            "INSERT INTO reply_stamp (id, stamp) VALUES (1, :stamp)"
            " ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp"
        ),
        {"stamp": uuid.uuid4()},
    )
    books.forget()
