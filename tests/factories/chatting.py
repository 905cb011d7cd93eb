"""What the platform pushes when somebody follows, writes, taps or sends a place. Plain functions."""

import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any

from app.outreach import auto_replies
from app.outreach.auto_replies.queries import books
from app.people import identity

OA = "wxfedcba9876543210"
_numbers = itertools.count(7_000_000_001)


def an_openid() -> str:
    """An openid of the official account that nobody has yet."""
    return f"oA{next(_numbers):026d}"


def push(openid: str, kind: str, **more: Any) -> dict[str, Any]:
    """A push of the platform, as its fields."""
    return {
        "ToUserName": "gh_0123456789ab",
        "FromUserName": openid,
        "CreateTime": "1779249600",
        "MsgType": kind,
        **more,
    }


def text(openid: str, words: str) -> dict[str, Any]:
    """Somebody writes."""
    return push(openid, "text", Content=words, MsgId=str(next(_numbers)))


def event(openid: str, name: str, key: str = "") -> dict[str, Any]:
    """Something happens."""
    return push(openid, "event", Event=name, EventKey=key)


def place(openid: str, latitude: float, longitude: float) -> dict[str, Any]:
    """Somebody sends where they are."""
    more = {"Location_X": str(latitude), "Location_Y": str(longitude), "Scale": "15", "Label": "西湖"}
    return push(openid, "location", **more, MsgId=str(next(_numbers)))


def ask(fields: Mapping[str, Any], now: dt.datetime, *, account: str = OA) -> auto_replies.Reply | None:
    """The bot's answer, with the rules as they are now."""
    books.forget()
    return auto_replies.answer(fields, account=account, now=now)


def said(fields: Mapping[str, Any], now: dt.datetime, *, account: str = OA) -> str:
    """The text that the bot answers; empty for silence."""
    reply = ask(fields, now, account=account)
    return str(reply.fields.get("Content", "")) if reply else ""


def writes_as(customer_id: int, now: dt.datetime) -> str:
    """An openid of the official account that belongs to this customer."""
    openid = an_openid()
    known = identity.identifier("openid", openid, scope=OA)
    identity.attach(customer_id=customer_id, identifier=known, proof="proven", now=now)
    return openid
