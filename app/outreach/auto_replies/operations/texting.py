"""Working out what the cloud tells of texts and calls: what arrived, and what people text back."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from app.kernel import carrier, inbox
from app.knowledge import tracking
from app.outreach import messaging
from app.people import identity

_ACCOUNTS = {"text": "sms", "call": "voice"}


@inbox.handles("telecom")
def digest(messages: Sequence[inbox.Message], *, now: dt.datetime) -> None:
    """Receipts end deliveries; who texts R, T or TD gets no more marketing by text, from now on (R02)."""
    receipts = [_receipt(message) for message in messages if message.payload["what"] in _ACCOUNTS]
    if receipts:
        messaging.receipts.take(receipts, now=now)
    for message in messages:
        if message.payload["what"] == "reply":
            _hear(message, now=now)


def _at(message: inbox.Message) -> dt.datetime:
    told = message.payload.get("at")
    return min(dt.datetime.fromisoformat(told), message.received_at) if told else message.received_at


def _phone(payload: dict[str, Any]) -> identity.Identifier | None:
    try:
        return identity.identifier("phone", payload["phone"])
    except identity.IdentifierInvalid:
        return None


def _receipt(message: inbox.Message) -> messaging.Receipt:
    told, phone = message.payload, _phone(message.payload)
    arrived = told["delivered"] if told["what"] == "text" else told["answered"]
    return messaging.Receipt(
        account=_ACCOUNTS[told["what"]],
        outcome="delivered" if arrived else "failed",
        at=_at(message),
        platform_id=told["msgid"] or None,
        phone=phone.value if phone else None,
        code=told["code"] or None,
    )


def _hear(message: inbox.Message, *, now: dt.datetime) -> None:
    """What they text is an event of whose number it is; nobody's number is nobody's word."""
    phone = _phone(message.payload)
    holder = identity.find_holders([phone.key]).get(phone.key) if phone else None
    if holder is None:
        return
    words = str(message.payload["words"]).replace("\0", "")[:500]
    cause, born = f"inbox/{message.id}", holder.born_customer_id
    if message.payload.get("refuses"):
        # Whose number it is refuses: whoever is set apart from them later keeps their own answer, and they theirs.
        with carrier.carried_by({holder.customer_id: born}):
            messaging.refusing.refuse(holder.customer_id, channel="sms", source="sms", now=now)
    told = tracking.Occurrence(
        "sms_reply", holder.customer_id, cause, _at(message), {"text": words}, "sms", born_customer_id=born
    )
    tracking.record([told], now=now)
