"""The desk where people answer: who asked for one, who takes it over, what is said."""

import datetime as dt

from sqlalchemy import text

from app.kernel import carrier, crypto, policy
from app.kernel.database import Statement, db
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


def ask(
    openid: identity.Identifier, *, account: str, words: str, silent: dt.timedelta, now: dt.datetime
) -> dict[str, str]:
    """Somebody wants a person. Gives how many wait before them and for how long, as variables.

    Asked again while it is open, they keep their place. `silent`: how long the bot leaves the talk to people.
    """
    life = identity.who.find_by_token(openid)
    customer_id = life.customer_id if life else identity.recognise([openid], source="official_account", now=now)
    born = life.born_customer_id if life else carrier.born(customer_id)
    asked = {"customer_id": customer_id, "born_id": born, "account": account, "token": str(openid.token)}
    row = _ASK.row(db.session(), **asked, now=now, silent_until=now + silent)
    assert row is not None  # noqa: S101  (it is written or it was there)
    hear(row["id"], customer_id=row["customer_id"], words=words, now=now)
    return _waiting(row["id"], asked_at=row["asked_at"], now=now)


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
