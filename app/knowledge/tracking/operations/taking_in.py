"""Taking in what phones tell: each item is judged by itself, whose it is follows from who calls and what they agreed to."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.kernel import carrier, policy
from app.kernel.database import db, in_one_trip
from app.knowledge.tracking import queries
from app.knowledge.tracking.operations import months
from app.knowledge.tracking.operations.writing import SIGNED_IN, VISITED
from app.knowledge.tracking.rules import items as rules
from app.knowledge.tracking.rules.kinds import TrackingPolicy, half_key
from app.knowledge.tracking.rules.months import months_between, name_of
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
class Call:
    """Who tells: a phone by its own random id, who is signed in on it if anybody, and its clock as it sent the call."""

    visitor: uuid.UUID
    customer_id: int | None
    sent_at: dt.datetime | None
    source: str


def take_in(items: Sequence[Any], *, call: Call, now: dt.datetime) -> Intake:
    """Take in a phone's events.

    Signing in ends an anonymous stretch of this phone: with a yes to profiling it becomes the person's, without one it
    is nobody's, and so are the events of the call itself (L01, L02).
    """
    settings = policy.current(TrackingPolicy)
    clock = rules.PhoneClock.seen(
        now, sent_at=call.sent_at, skew_minutes=settings.skew_minutes, late_days=settings.late_days
    )
    read = _read(items, clock=clock, visitor=str(call.visitor))
    wanted = months_between(read.first, read.last)
    values: dict[str, Any] = {
        "rows": json.dumps(list(read.rows.values())),
        "source": call.source,
        "now": now,
        "forget_at": now + KEYS_LAST * dt.timedelta(days=settings.late_days),
    }
    if call.customer_id is None:
        values |= {"customer_id": None, "born_id": None, "visitor": call.visitor}
        missing, statement = queries.missing_months(wanted), VISITED
    else:
        owner, missing = _owner(call.customer_id, wanted=wanted)
        values |= owner | {"phone": call.visitor, "since": now - dt.timedelta(days=settings.attach_days)}
        statement = SIGNED_IN
    months.make(missing)
    doubles = {row["key"] for row in statement.rows(db.session(), **values)}
    return Intake(_outcomes(read.keys, doubles), read.refused)


@dataclass
class _Read:
    """The key of each item (None for a refused one), a row for each key, what was refused, the first and last moment."""

    first: dt.datetime
    last: dt.datetime
    keys: list[str | None] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused: list[RefusedItem] = field(default_factory=list)


def _read(items: Sequence[Any], *, clock: rules.PhoneClock, visitor: str) -> _Read:
    found = _Read(first=clock.received_at, last=clock.earliest)
    keys, rows, phone = found.keys, found.rows, half_key(visitor)
    for position, item in enumerate(items):
        try:
            told = rules.read(item, clock)
        except rules.NotAnEvent as wrong:
            keys.append(None)
            found.refused.append(RefusedItem(position, wrong.code, wrong.field, rules.REASONS[wrong.code]))
            continue
        key = phone + half_key(told.client_id)
        keys.append(key)
        if key not in rows:
            rows[key] = {"key": key, "kind": told.kind, "at": told.at.isoformat(), "data": told.data}
            if told.at < found.first:
                found.first = told.at
            if told.at > found.last:
                found.last = told.at
    return found


def _outcomes(keys: Sequence[str | None], doubles: set[str]) -> list[str]:
    if not doubles and len(set(keys)) == len(keys) and None not in keys:
        return ["accepted"] * len(keys)
    seen = set(doubles)
    outcomes = []
    for key in keys:
        outcomes.append("refused" if key is None else "double" if key in seen else "accepted")
        if key is not None:
            seen.add(key)
    return outcomes


def _owner(customer_id: int, *, wanted: Sequence[dt.date]) -> tuple[dict[str, Any], set[dt.date]]:
    """Whose the events are: a person's who said yes to profiling, else nobody's; and which months are missing. One trip."""
    born_id = carrier.born(customer_id)
    hold = (identity.merging.HOLD_PRESENT, {"selves": [born_id]})
    first, held, agreed, missing = in_one_trip(
        db.session(),
        hold,
        hold,
        (privacy.AGREED, {"customer_ids": [customer_id], "purpose": "profiling"}),
        (queries.MISSING, {"names": [name_of(month) for month in wanted]}),
    )
    present: int | None = held[0]["customer_id"] if held else None
    yes = bool(agreed)
    if first != held or present != customer_id:  # merged or set apart at this moment
        present = identity.merging.hold_present([born_id]).get(born_id)
        yes = present is not None and bool(privacy.who_agreed([present], "profiling"))
    owner = {"customer_id": present, "born_id": born_id} if yes else {"customer_id": None, "born_id": None}
    return owner | {"visitor": None}, queries.months_in(missing)
