"""The desk where people answer: who asked for one, who takes it over, what is said."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.kernel import carrier, crypto, policy
from app.kernel.database import Statement, db
from app.outreach import materials, messaging
from app.outreach.auto_replies.queries.conversations import ANSWERABLE
from app.outreach.auto_replies.queries.conversations import TalkView as TalkView
from app.outreach.auto_replies.queries.conversations import count_open as count_open
from app.outreach.auto_replies.queries.conversations import get_open as get_open
from app.outreach.auto_replies.queries.conversations import list_open as list_open
from app.outreach.auto_replies.refusals import ConversationClosed, ConversationTaken
from app.outreach.auto_replies.rules import answers, waiting
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy
from app.people import identity

# One open conversation for each openid. Where people had not come back to an old one, it begins anew.
_ASK = Statement(
    lambda: text(
        "INSERT INTO reply_conversation AS it"
        " (customer_id, born_customer_id, account, openid_token, asked_at, said_at, silent_until)"
        " VALUES (:customer_id, :born_id, :account, CAST(:token AS uuid), :now, :now, :silent_until)"
        " ON CONFLICT (openid_token) WHERE closed_at IS NULL DO UPDATE SET said_at = :now,"
        " asked_at = CASE WHEN it.silent_until <= :now THEN :now ELSE it.asked_at END,"
        " taken_at = CASE WHEN it.silent_until <= :now THEN NULL ELSE it.taken_at END,"
        " staff_id = CASE WHEN it.silent_until <= :now THEN NULL ELSE it.staff_id END,"
        " silent_until = greatest(it.silent_until, :silent_until)"
        " RETURNING id, customer_id, asked_at"
    )
)
_HEAR = Statement(
    lambda: text(
        "WITH talk AS (UPDATE reply_conversation SET said_at = :now"
        " WHERE customer_id = :customer_id AND id = :id AND closed_at IS NULL"
        " RETURNING id, customer_id, born_customer_id)"
        " INSERT INTO reply_conversation_line (customer_id, born_customer_id, conversation_id, words, said_at)"
        " SELECT customer_id, born_customer_id, id, :words, :now FROM talk"
    )
)
_QUEUE = Statement(
    lambda: text(
        "SELECT (SELECT count(*) FROM reply_conversation WHERE closed_at IS NULL AND taken_at IS NULL"
        " AND (asked_at, id) < (:asked_at, :id)) AS ahead,"
        " (SELECT array_agg(EXTRACT(EPOCH FROM taken_at - asked_at)) FROM (SELECT taken_at, asked_at"
        " FROM reply_conversation WHERE taken_at > :since ORDER BY taken_at DESC LIMIT 20) AS lately) AS waits"
    )
)


@dataclass(frozen=True)
class Asked:
    """Somebody waits for a person. `waiting`: how many wait before them and for how long, as variables."""

    conversation_id: int
    customer_id: int
    born_customer_id: int
    asked_at: dt.datetime
    waiting: Mapping[str, str]


def ask(openid: identity.Identifier, *, account: str, words: str, silent: dt.timedelta, now: dt.datetime) -> Asked:
    """Somebody wants a person. Asked again while it is open, they keep their place.

    `silent`: how long the bot leaves the talk to people.
    """
    customer_id, born = holder(openid, now=now)
    asked = {"customer_id": customer_id, "born_id": born, "account": account, "token": str(openid.token)}
    row = _ASK.row(db.session(), **asked, now=now, silent_until=now + silent)
    assert row is not None  # noqa: S101  (it is written or it was there)
    hear(row["id"], customer_id=row["customer_id"], words=words, now=now)
    waits = _waiting(row["id"], asked_at=row["asked_at"], now=now)
    return Asked(row["id"], customer_id, born, row["asked_at"], waits)


def holder(openid: identity.Identifier, *, now: dt.datetime) -> tuple[int, int]:
    """Whose openid this is, and to which self of theirs it was given; who is new becomes a customer."""
    if life := identity.who.find_by_token(openid):
        return life.customer_id, life.born_customer_id
    customer_id = identity.recognise([openid], source="official_account", now=now)
    return customer_id, carrier.born(customer_id)


def tell_waiting(asked: Asked, *, openid: identity.Identifier, words: str, now: dt.datetime) -> bool:
    """Say how long it takes beside handing the message to the platform's customer service, which is an answer already.

    False where the brand has no such message. They wrote just now: that opens the window by which it goes.
    """
    try:
        materials.purposes.find(HANDED_OVER)
    except materials.PurposeUnknown:
        return False
    messaging.windows.open(openid.scope, openid=openid.value, opened_by="message", now=now)
    wish = messaging.Wish(
        HANDED_OVER,
        f"asked:{asked.conversation_id}:{asked.asked_at.isoformat()}",
        {"内容": words},
        customer_id=asked.customer_id,
        born_customer_id=asked.born_customer_id,
    )
    messaging.wanting.want([wish], now=now)
    return True


def _waiting(conversation_id: int, *, asked_at: dt.datetime, now: dt.datetime) -> dict[str, str]:
    since = now - dt.timedelta(days=1)
    row = _QUEUE.row(db.session(), id=conversation_id, asked_at=asked_at, since=since) or {}
    each = policy.current(AutoReplyPolicy).minutes_each
    lately = [float(wait) for wait in row.get("waits") or ()]
    minutes = waiting.minutes(ahead=row["ahead"], lately=lately, each=each)
    return answers.of_waiting(row["ahead"], minutes=minutes)


def hear(conversation_id: int, *, customer_id: int, words: str, now: dt.datetime) -> None:
    """What the customer says while people answer; whoever answers sees it."""
    _HEAR.rows(db.session(), id=conversation_id, customer_id=customer_id, words=crypto.encrypt(words), now=now)


_LOCK = Statement(
    lambda: text(
        "SELECT id, customer_id, born_customer_id, staff_id FROM reply_conversation"
        " WHERE id = :id AND closed_at IS NULL FOR UPDATE"
    )
)
_TAKE = Statement(
    lambda: text(
        "UPDATE reply_conversation SET taken_at = coalesce(taken_at, :now), staff_id = :staff_id,"
        " silent_until = greatest(silent_until, :silent_until) WHERE customer_id = :customer_id AND id = :id"
    )
)
_SAY = Statement(
    lambda: text(
        "INSERT INTO reply_conversation_line (customer_id, born_customer_id, conversation_id, staff_id, words, said_at)"
        " VALUES (:customer_id, :born_id, :id, :staff_id, :words, :now) RETURNING id"
    )
)
_CLOSE = Statement(
    lambda: text(
        "UPDATE reply_conversation SET closed_at = :now, closed_why = 'staff', silent_until = :now"
        " WHERE customer_id = :customer_id AND id = :id"
    )
)
_CLOSE_DUE = Statement(
    lambda: text(
        "WITH due AS (SELECT customer_id, id FROM reply_conversation WHERE closed_at IS NULL AND said_at < :before"
        " ORDER BY asked_at, id LIMIT :limit FOR UPDATE SKIP LOCKED),"
        " closed AS (UPDATE reply_conversation AS it SET closed_at = :now, closed_why = 'time' FROM due"
        " WHERE (it.customer_id, it.id) = (due.customer_id, due.id) RETURNING 1) SELECT count(*) AS count FROM closed"
    )
)
# What a person of the brand says goes out through the one pipeline, as customer service to who wrote.
ANSWER, HANDED_OVER = "desk_answer", "hand_over"


def take_over(conversation_id: int, *, staff_id: int, now: dt.datetime) -> None:
    """This member of the staff answers from now on. Raises ConversationClosed, ConversationTaken where somebody else does."""
    row = _lock(conversation_id)
    if row["staff_id"] not in (None, staff_id):
        raise ConversationTaken(staff_id=row["staff_id"])
    _take(row, staff_id, now)


def say(conversation_id: int, *, words: str, staff_id: int, now: dt.datetime) -> None:
    """Answer, and take it over with that. It leaves as a customer-service message; the bot stays silent for some hours more.

    Raises ConversationClosed, ConversationTaken.
    """
    row = _lock(conversation_id)
    if row["staff_id"] not in (None, staff_id):
        raise ConversationTaken(staff_id=row["staff_id"])
    _take(row, staff_id, now)
    said = {
        "id": row["id"],
        "customer_id": row["customer_id"],
        "born_id": row["born_customer_id"],
        "staff_id": staff_id,
    }
    line = _SAY.row(db.session(), **said, words=crypto.encrypt(words), now=now)
    assert line is not None  # noqa: S101  (it is written)
    wish = messaging.Wish(
        ANSWER,
        f"line:{line['id']}",
        {"内容": words},
        customer_id=row["customer_id"],
        born_customer_id=row["born_customer_id"],
    )
    messaging.wanting.want([wish], now=now)


def close(conversation_id: int, *, now: dt.datetime) -> None:
    """It is settled: the bot answers again. Raises ConversationClosed."""
    row = _lock(conversation_id)
    _CLOSE.rows(db.session(), customer_id=row["customer_id"], id=row["id"], now=now)


def close_due(*, now: dt.datetime, limit: int = 500) -> int:
    """End conversations in which nobody wrote for so long that the platform takes no answer any more; how many."""
    row = _CLOSE_DUE.row(db.session(), before=now - ANSWERABLE, limit=limit, now=now) or {}
    return int(row["count"])


def _lock(conversation_id: int) -> Mapping[str, Any]:
    row = _LOCK.row(db.session(), id=conversation_id)
    if row is None:
        raise ConversationClosed
    return row


def _take(row: Mapping[str, Any], staff_id: int, now: dt.datetime) -> None:
    silent_until = now + dt.timedelta(hours=policy.current(AutoReplyPolicy).silent_hours)
    who = {"customer_id": row["customer_id"], "id": row["id"], "staff_id": staff_id}
    _TAKE.rows(db.session(), **who, silent_until=silent_until, now=now)
