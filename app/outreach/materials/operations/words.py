"""What is said in each channel: kept only when it can be sent to everybody it is for."""

import datetime as dt
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.kernel.database import db
from app.outreach.materials.models import PlatformTemplate, Words
from app.outreach.materials.queries import seen
from app.outreach.materials.queries.seen import list_words as list_words
from app.outreach.materials.refusals import WordsInvalid, WordsUnknown
from app.outreach.materials.rules import checking
from app.outreach.materials.rules.checking import Problem as Problem
from app.outreach.materials.rules.saying import WordsView as WordsView

__all__ = ["Problem", "WordsView", "check_words", "list_words", "reset_words", "save_words"]
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
    """Keep what a purpose says in a channel of an account. Raises WordsInvalid with every problem."""
    if problems := check_words(words):
        raise WordsInvalid(problems=[{"place": each.place, "why": each.why} for each in problems])
    keep(words, now=now, staff_id=staff_id)


def keep(words: WordsView, *, now: dt.datetime, staff_id: int | None) -> None:
    """Write words that were checked."""
    columns: dict[str, Any] = {name: getattr(words, name) or None for name in SAID}
    columns |= {"fields": dict(words.fields), "changed_at": now, "changed_by": staff_id}
    where = {"purpose_id": words.purpose_id, "channel": words.channel, "account": words.account}
    row = insert(Words).values(**where, **columns, shipped=None)
    db.session.execute(row.on_conflict_do_update(index_elements=list(where), set_=columns))
    seen.forget()


def reset_words(purpose_id: int, *, channel: str, account: str, now: dt.datetime, staff_id: int | None = None) -> None:
    """Put back what ships; the platform's template stays the brand's. Raises WordsUnknown where nothing ships."""
    row = db.session.get(Words, (purpose_id, channel, account), populate_existing=True)
    if row is None or row.shipped is None:
        raise WordsUnknown
    said: dict[str, Any] = {name: row.shipped.get(name) for name in SAID if name != "template_id"}
    words = WordsView(purpose_id, channel, account, template_id=row.template_id, **said)
    keep(words, now=now, staff_id=staff_id)
