"""Somebody opened what a message leads to: counted once for each message, whoever taps how often."""

import datetime as dt
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.knowledge import tracking
from app.outreach import materials
from app.outreach.messaging.operations.counting import count

# A message that never left cannot be opened; one whose answer is still awaited can.
_OPEN = Statement(
    lambda: text(
        "UPDATE delivery SET opened_at = :now WHERE id = :id AND opened_at IS NULL AND attempts > 0"
        " AND (CAST(:customer_id AS bigint) IS NULL OR customer_id = :customer_id)"
        " RETURNING id, dispatch_id, purpose_id, customer_id, born_customer_id, channel, account"
    )
)
_SENT = Statement(
    lambda: text(
        "SELECT purpose_id, channel, account, customer_id, values FROM delivery WHERE id = :id AND attempts > 0"
    )
)


def open(delivery_id: int, *, now: dt.datetime, customer_id: int | None = None) -> bool:
    """Count a tap, the first of this message; whether it was. With `customer_id` only where the message is theirs."""
    row = _OPEN.row(db.session(), id=delivery_id, now=now, customer_id=customer_id)
    if row is None:
        return False
    if row["customer_id"] is not None:
        _tell(row, now=now)
    count(Counter({(row["dispatch_id"], "opened", ""): 1}), now=now)
    return True


def _tell(row: dict[str, Any], *, now: dt.datetime) -> None:
    purpose = materials.purposes.get(row["purpose_id"])
    data = {"delivery_id": row["id"], "purpose": purpose.code, "channel": row["channel"]}
    told = tracking.Occurrence(
        "message_opened",
        row["customer_id"],
        str(row["id"]),
        now,
        data,
        "messaging",
        born_customer_id=row["born_customer_id"],
    )
    tracking.record([told], now=now)


def is_of(delivery_id: int, *, customer_id: int) -> bool:
    """Whether this message was sent to them."""
    row = _SENT.row(db.session(), id=delivery_id)
    return row is not None and row["customer_id"] == customer_id


def find_address(delivery_id: int, *, now: dt.datetime) -> str | None:
    """Where the link of a message leads, by the words as they are now; None where they lead nowhere on the web."""
    row = _SENT.row(db.session(), id=delivery_id)
    if row is None:
        return None
    words = materials.words.list_words([row["purpose_id"]])
    place = (row["purpose_id"], row["channel"], row["account"])
    found = words.get(place) or words.get((row["purpose_id"], row["channel"], ""))
    if found is None or found.compiled.link is None:
        return None
    values = {name: str(said) for name, said in row["values"].items()}
    wanted = {variable.name for variable in found.compiled.link.variables} - set(values)
    if wanted and row["customer_id"] is not None:
        profile = materials.rendering.values_of([row["customer_id"]], wanted=wanted, now=now)
        values = {**profile.get(row["customer_id"], {}), **values}
    address = materials.rendering.address_of(found, values)
    return address if address and urlsplit(address).scheme in ("https", "http") else None
