"""What is said in each channel: kept only when it can be sent to everybody it is for."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.kernel.facts import ask
from app.outreach.materials.facts import WordsChangeProposed
from app.outreach.materials.models import PlatformTemplate, Words, WordsChange
from app.outreach.materials.queries import seen
from app.outreach.materials.queries.history import Change, TemplateView, list_changes, list_templates
from app.outreach.materials.queries.seen import list_words
from app.outreach.materials.refusals import WordsFixed, WordsInvalid, WordsUnknown
from app.outreach.materials.rules import checking, saying
from app.outreach.materials.rules.checking import Problem
from app.outreach.materials.rules.saying import WordsView

__all__ = [
    "Change",
    "Problem",
    "TemplateView",
    "WordsView",
    "check_words",
    "list_changes",
    "list_templates",
    "list_words",
    "reset_words",
    "save_words",
]
SAID = ("template_id", "fields", "body", "link", "page")


def check_words(words: WordsView) -> list[Problem]:
    """What stands against these words: types and lengths of each field, missing fields, unknown variables, 禁用语."""
    known = db.session.execute(
        select(PlatformTemplate.fields).where(
            PlatformTemplate.account == words.account,
            PlatformTemplate.template_id == words.template_id,
            PlatformTemplate.gone_at.is_(None),
        )
    ).scalar_one_or_none()
    return checking.problems(words, seen.get(words.purpose_id), known)


def save_words(words: WordsView, *, now: dt.datetime, staff_id: int | None = None) -> None:
    """Keep what a purpose says in a channel of an account, and who said so. Raises WordsInvalid with every problem,
    WordsFixed where somebody relies on them as they are."""
    if problems := check_words(words):
        raise WordsInvalid(problems=[{"place": each.place, "why": each.why} for each in problems])
    _hear(words.purpose_id)
    _keep(words, act="saved", now=now, staff_id=staff_id)


def _hear(purpose_id: int) -> None:
    if objections := ask(WordsChangeProposed(purpose_id)):
        raise WordsFixed(reasons=[objection.code for objection in objections])


def reset_words(purpose_id: int, *, channel: str, account: str, now: dt.datetime, staff_id: int | None = None) -> None:
    """Put back what ships; the platform's template stays the brand's. Raises WordsUnknown where nothing ships."""
    row = db.session.get(Words, (purpose_id, channel, account), populate_existing=True)
    if row is None or row.shipped is None:
        raise WordsUnknown
    said: dict[str, Any] = {name: row.shipped.get(name) for name in SAID if name != "template_id"}
    words = WordsView(purpose_id, channel, account, template_id=row.template_id, **said)
    _hear(purpose_id)
    _keep(words, act="reset", now=now, staff_id=staff_id)


def _keep(words: WordsView, *, act: str, now: dt.datetime, staff_id: int | None) -> None:
    where = {"purpose_id": words.purpose_id, "channel": words.channel, "account": words.account}
    row = db.session.get(Words, tuple(where.values()), populate_existing=True, with_for_update=True)
    columns: dict[str, Any] = {name: getattr(words, name) or None for name in SAID} | {"fields": dict(words.fields)}
    before = {name: getattr(row, name) for name in SAID} if row else {}
    changed = saying.differences(before, columns)
    if not changed:
        return
    stamped = columns | {"changed_at": now, "changed_by": staff_id}
    written = insert(Words).values(**where, **stamped, shipped=None)
    db.session.execute(written.on_conflict_do_update(index_elements=list(where), set_=stamped))
    db.session.add(WordsChange(**where, act=act, changed=changed, said=columns, staff_id=staff_id, at=now))
    db.session.flush()
    seen.forget()
