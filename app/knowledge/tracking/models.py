"""The one stream of events, by month; which were told already; how far each kind was forgotten."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.personal import personal
from app.kernel.policy import policy
from app.knowledge.tracking.rules.kinds import TrackingPolicy

policy("tracking")(TrackingPolicy)


class Event(Base):
    """Something that a person did or that happened to them, at a time; never changed but for whose it is.

    Partitioned by the month of `at` (UTC): there is no default partition, a month's is made ahead or when it is first
    needed. `customer_id` is empty while nobody knows who it was; it has no foreign key: whoever writes holds the present
    customer of `born_customer_id` (identity.merging.hold_present), whoever merges waits for them. `visitor` is the
    phone's own random id; empty where the event must never be tied to anybody. `key` tells doubles.
    """

    __tablename__ = "event"
    __table_args__ = (
        PrimaryKeyConstraint("at", "key"),
        Index("ix_event_customer_id", "customer_id", "at", postgresql_where=text("customer_id IS NOT NULL")),
        Index(
            "ix_event_visitor", "visitor", postgresql_where=text("customer_id IS NULL AND visitor IS NOT NULL")
        ),
        {"postgresql_partition_by": "RANGE (at)"},
    )  # fmt: skip
    at: Mapped[dt.datetime]
    key: Mapped[uuid.UUID]
    kind: Mapped[str]
    source: Mapped[str]
    customer_id: Mapped[int | None]
    born_customer_id: Mapped[int | None]
    visitor: Mapped[uuid.UUID | None] = mapped_column(
        info=personal("keep one phone's visit together until the person is known", "consent", "by kind of event")
    )
    received_at: Mapped[dt.datetime]
    data: Mapped[dict[str, Any]] = mapped_column(
        info=personal("know what happened, and what interests the person", "consent", "by kind of event")
    )


class EventKey(Base):
    """An event that was told, by its key: what comes again is dropped, in whatever month its time lies by then.

    A table of its own, since a key that is unique over all months cannot be kept by a partitioned one. A phone's keys are
    needed as long as late events are accepted, those of facts as long as their event.
    """

    __tablename__ = "event_key"
    __table_args__ = (Index("ix_event_key_forget_at", "forget_at"),)
    key: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    forget_at: Mapped[dt.datetime]


class EventForgotten(Base):
    """Of this kind everything before `until` is forgotten: where the next night's deletion goes on."""

    __tablename__ = "event_forgotten"
    kind: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[dt.datetime]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """What a room tells of a known person. `cause` makes it once per kind, however often it is told; `born_customer_id`:
    to which former self, where the teller knows (else the one that carries the present call)."""

    kind: str
    customer_id: int
    cause: str
    at: dt.datetime
    data: dict[str, Any] = field(default_factory=dict)
    source: str = "fact"
    born_customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class EventView:
    """One event of a person's timeline. `title`: the kind in words."""

    at: dt.datetime
    kind: str
    title: str
    source: str
    data: dict[str, Any]
