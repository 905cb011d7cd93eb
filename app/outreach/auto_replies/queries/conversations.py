"""Conversations that wait for a person, or that one has taken over."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel.crypto import decrypt
from app.kernel.database import Statement, reading
from app.membership import members
from app.outreach.auto_replies.refusals import ConversationUnknown
from app.people import teams


@dataclass(frozen=True)
class Line:
    """Something that was said. `by`: the staff member's name, empty for the customer."""

    id: int
    words: str
    by: str
    said_at: dt.datetime


@dataclass(frozen=True)
class TalkView:
    """A conversation. `name`: what to call the customer; `last_words`: what was said last, whoever said it.

    `staff_name` empty: nobody has taken it over. `can_answer`: the platform still takes what we say (48 hours after they
    wrote last).
    """

    id: int
    customer_id: int
    account: str
    name: str
    tier: str | None
    asked_at: dt.datetime
    said_at: dt.datetime
    taken_at: dt.datetime | None
    staff_id: int | None
    staff_name: str
    last_words: str
    can_answer: bool
    lines: tuple[Line, ...] = ()


ANSWERABLE = dt.timedelta(hours=48)
_COLUMNS = (
    "talk.id, talk.customer_id, talk.born_customer_id, talk.account, asked_at, talk.said_at, taken_at, talk.staff_id"
)
_OPEN = Statement(
    lambda: text(
        f"SELECT {_COLUMNS}, line.words FROM reply_conversation AS talk LEFT JOIN LATERAL"  # noqa: S608  (constants)
        " (SELECT words FROM reply_conversation_line WHERE conversation_id = talk.id ORDER BY id DESC LIMIT 1) AS line"
        " ON true WHERE closed_at IS NULL ORDER BY taken_at IS NOT NULL, asked_at, talk.id LIMIT :limit"
    )
)
_ONE = Statement(
    lambda: text(f"SELECT {_COLUMNS} FROM reply_conversation AS talk WHERE closed_at IS NULL AND talk.id = :id")  # noqa: S608
)
_LINES = Statement(
    lambda: text(
        "SELECT id, words, staff_id, said_at FROM (SELECT id, words, staff_id, said_at FROM reply_conversation_line"
        " WHERE conversation_id = :id ORDER BY id DESC LIMIT :limit) AS latest ORDER BY id"
    )
)
_COUNT = Statement(
    lambda: text(
        "SELECT count(*) FILTER (WHERE taken_at IS NULL) AS waiting, count(*) FILTER (WHERE taken_at IS NOT NULL) AS taken,"
        " min(asked_at) FILTER (WHERE taken_at IS NULL) AS since FROM reply_conversation WHERE closed_at IS NULL"
    )
)


@dataclass(frozen=True)
class Queue:
    """How many wait, since when the first of them does, and how many are being answered."""

    waiting: int
    taken: int
    since: dt.datetime | None


def count_open() -> Queue:
    """How busy the desk is."""
    with reading() as connection:
        row = _COUNT.row(connection) or {}
    return Queue(row["waiting"], row["taken"], row["since"])


def list_open(*, now: dt.datetime, limit: int = 100) -> list[TalkView]:
    """Conversations that are open: who waits first, the longest wait first; then those that somebody answers."""
    with reading() as connection:
        rows = _OPEN.rows(connection, limit=limit)
    return _views(rows, now)


def get_open(conversation_id: int, *, now: dt.datetime, limit: int = 200) -> TalkView:
    """An open conversation with its latest lines, oldest first. Raises ConversationUnknown."""
    with reading() as connection:
        row = _ONE.row(connection, id=conversation_id)
        lines = _LINES.rows(connection, id=conversation_id, limit=limit)
    if row is None:
        raise ConversationUnknown
    names = teams.names_of([line["staff_id"] for line in lines if line["staff_id"]])
    said = tuple(
        Line(line["id"], decrypt(bytes(line["words"])), names.get(line["staff_id"], ""), line["said_at"])
        for line in lines
    )
    (view,) = _views([row | {"words": None}], now, said)
    return view


def _views(rows: Collection[Mapping[str, Any]], now: dt.datetime, lines: tuple[Line, ...] = ()) -> list[TalkView]:
    cards = members.listing.members_of([row["customer_id"] for row in rows])
    names = teams.names_of([row["staff_id"] for row in rows if row["staff_id"]])
    return [_view(row, cards.get(row["customer_id"]), names.get(row["staff_id"], ""), now, lines) for row in rows]


def _view(
    row: Mapping[str, Any], card: members.MemberView | None, staff_name: str, now: dt.datetime, lines: tuple[Line, ...]
) -> TalkView:
    columns = ("id", "customer_id", "account", "asked_at", "said_at", "taken_at", "staff_id")
    name = (card.full_name or f"会员 {card.card_number[-4:]}") if card else "未入会的客户"
    return TalkView(
        **{column: row[column] for column in columns},
        name=name,
        tier=card.tier.name if card else None,
        staff_name=staff_name,
        last_words=decrypt(bytes(row["words"])) if row["words"] else "",
        can_answer=now < row["said_at"] + ANSWERABLE,
        lines=lines,
    )
