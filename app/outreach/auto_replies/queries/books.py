"""The rules, remembered in this process: one row says whether they still hold, and is looked at every two seconds."""

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.kernel import policy
from app.kernel.database import Statement, reading
from app.kernel.settings import settings
from app.outreach import materials
from app.outreach.auto_replies.rules import wording
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.outreach.auto_replies.rules.matching import Book, Rule
from app.outreach.auto_replies.rules.variables import needs_of

LOOK_EVERY_SECONDS = 2.0
TEXTS = ("body", "guest", "away")


@dataclass(frozen=True)
class Saying:
    """What a rule says, understood. `texts`: by the name of the part (body; guest: to who has no card; away: after hours).

    `needs`: the reads that give its variables.
    """

    kind: str
    texts: Mapping[str, wording.Saying] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()


_STAMP = Statement(lambda: text("SELECT stamp FROM reply_stamp WHERE id = 1"))
_RULES = Statement(
    lambda: text(
        "SELECT id, name, account, occasion, matching, words, priority, content FROM reply_rule"
        " WHERE enabled AND account IN ('', :account)"
    )
)
_lock = threading.Lock()
_looked_at = float("-inf")
_stamp: uuid.UUID | None = None
_books: dict[str, tuple[uuid.UUID | None, Book]] = {}


def book_of(account: str) -> Book:
    """The rules of an account. A change is seen after two seconds at most, without a restart."""
    present = _present_stamp()
    known = _books.get(account)
    if known is None or known[0] != present:
        known = (present, _load(account))
        _books[account] = known
    return known[1]


def forget() -> None:
    """Look again at once; for whoever changed something, and for tests."""
    global _looked_at
    _looked_at = float("-inf")


def _present_stamp() -> uuid.UUID | None:
    global _looked_at, _stamp
    if time.monotonic() - _looked_at > LOOK_EVERY_SECONDS:
        with _lock:
            if time.monotonic() - _looked_at > LOOK_EVERY_SECONDS:
                with reading() as connection:
                    row = _STAMP.row(connection)
                _stamp = row["stamp"] if row else None
                _looked_at = time.monotonic()
    return _stamp


def _load(account: str) -> Book:
    with reading() as connection:
        rows = _RULES.rows(connection, account=account)
    return Book(_rule(row) for row in rows)


def _rule(row: Mapping[str, Any]) -> Rule:
    plain = {name: row[name] for name in ("id", "name", "account", "occasion", "matching", "priority", "content")}
    return Rule(**plain, words=tuple(row["words"]), saying=understand(row["content"]))


def understand(content: Mapping[str, Any]) -> Saying:
    """What a content says. Raises WordingInvalid, and materials' TextInvalid, for a text that is not of the language."""
    links = wording.Links(settings().miniprogram_appid, policy.current(AutoReplyPolicy).links_instead)
    texts = {
        part: wording.understand(content[part], compile_line=materials.language.understand, links=links)
        for part in TEXTS
        if content.get(part)
    }
    names = {name for said in texts.values() for name in said.variables}
    needs = needs_of(names) | ({"life", "card"} if "guest" in texts else set())
    return Saying(content["kind"], texts, frozenset(needs))
