"""Taking in what phones tell: each item is judged by itself, whose it is follows from who calls and what they agreed to."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from app.kernel import carrier, policy
from app.kernel.database import Statement, db
from app.knowledge.tracking.operations.writing import Row, write
from app.knowledge.tracking.rules import items as rules
from app.knowledge.tracking.rules.kinds import TrackingPolicy, key_of
from app.people import identity, privacy

# A phone's key is kept for this many times as long as late events are accepted: until a resend would be too late anyway.
KEYS_LAST = 2


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that is not in the stream: its place in the call, a stable code, the field, and the reason in words."""

    position: int
    code: str
    field: str
    title: str


@dataclass(frozen=True)
class Intake:
    """What became of a call's items, in their order: accepted, double or refused; and why for the refused ones."""

    outcomes: list[str]
    refused: list[RefusedItem] = field(default_factory=list)


@dataclass(frozen=True)
class _Owner:
    """Whose the events of a call are: a person's, an unknown visitor's, or nobody's."""

    customer_id: int | None = None
    born_id: int | None = None
    visitor: str | None = None


def take_in(
    items: Sequence[Any],
    *,
    visitor: uuid.UUID,
    customer_id: int | None,
    sent_at: dt.datetime | None,
    source: str,
    now: dt.datetime,
) -> Intake:
    """Take in a phone's events; `visitor` is its own random id, `customer_id` who is signed in on it, if anybody.

    Signing in ends an anonymous stretch of this phone: with a yes to profiling it becomes the person's, without one it
    is nobody's, and so are the events of the call itself (L01, L02). `sent_at`: the phone's own clock as it sent the call.
    """
    settings = policy.current(TrackingPolicy)
    clock = rules.PhoneClock.seen(
        now, sent_at=sent_at, skew_minutes=settings.skew_minutes, late_days=settings.late_days
    )
    owner = _owner(visitor=str(visitor), customer_id=customer_id)
    if customer_id is not None:
        _end_stretch(visitor=visitor, owner=owner, since=now - dt.timedelta(days=settings.attach_days), now=now)
    keys, rows, refused = _read(items, clock=clock, visitor=str(visitor))
    forget_at = (now + KEYS_LAST * dt.timedelta(days=settings.late_days)).isoformat()
    more = {
        "customer_id": owner.customer_id,
        "born_id": owner.born_id,
        "visitor": owner.visitor,
        "source": source,
        "forget_at": forget_at,
    }
    doubles = write(rows=[row | more for row in rows.values()], now=now)
    return Intake(_outcomes(keys, doubles), refused)


def _read(
    items: Sequence[Any], *, clock: rules.PhoneClock, visitor: str
) -> tuple[list[str | None], dict[str, Row], list[RefusedItem]]:
    """The key of each item (None for a refused one), a row for each key, and what was refused."""
    keys: list[str | None] = []
    rows: dict[str, Row] = {}
    refused = []
    for position, item in enumerate(items):
        try:
            told = rules.read(item, clock)
        except rules.NotAnEvent as wrong:
            keys.append(None)
            refused.append(RefusedItem(position, wrong.code, wrong.field, rules.REASONS[wrong.code]))
            continue
        key = key_of("phone", visitor, told.client_id)
        keys.append(key)
        if key not in rows:
            rows[key] = {"key": key, "kind": told.kind, "at": told.at.isoformat(), "data": told.data}
    return keys, rows, refused


def _outcomes(keys: Sequence[str | None], doubles: set[str]) -> list[str]:
    seen = set(doubles)
    outcomes = []
    for key in keys:
        outcomes.append("refused" if key is None else "double" if key in seen else "accepted")
        if key is not None:
            seen.add(key)
    return outcomes


def _owner(*, visitor: str, customer_id: int | None) -> _Owner:
    if customer_id is None:
        return _Owner(visitor=visitor)
    born_id = carrier.born(customer_id)
    present = identity.merging.hold_present([born_id]).get(born_id)
    if present is None or present not in privacy.who_agreed([present], "profiling"):
        return _Owner()
    return _Owner(present, born_id)


# Whose visitor is known needs no visitor; whose is cut loose must not have one.
_END_STRETCH = Statement(
    lambda: text(
        """
        UPDATE event SET customer_id = CAST(:customer_id AS bigint), born_customer_id = CAST(:born_id AS bigint),
            visitor = NULL
        WHERE visitor = CAST(:visitor AS uuid) AND customer_id IS NULL AND at BETWEEN :since AND :now
        """
    )
)


def _end_stretch(*, visitor: uuid.UUID, owner: _Owner, since: dt.datetime, now: dt.datetime) -> None:
    """What this phone told while nobody was known becomes the person's, or nobody's for ever."""
    _END_STRETCH.rows(
        db.session(), customer_id=owner.customer_id, born_id=owner.born_id, visitor=visitor, since=since, now=now
    )
