"""Customers, the ids by which channels know them, what was seen together, and what was made of it.

Evidence and decisions are the truth: who is one person follows from them (rules.resolving), and `identity.customer_id` says
what followed. Ids are named across these tables by their `token`, 16 bytes that lead back to nobody.
"""

import datetime as dt
import functools
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, text
from sqlalchemy import Identity as Numbered
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText, blind_index
from app.kernel.database import Base
from app.kernel.personal import personal

Key = tuple[str, str, bytes]


def token_of(key: Key) -> uuid.UUID:
    """The short name of an id: 16 bytes of a hash over kind, scope and blind index."""
    kind, scope, index = key
    return uuid.UUID(bytes=hashlib.blake2b(b"\0".join((kind.encode(), scope.encode(), index)), digest_size=16).digest())


def tokens_of(kind: str, scope: str, indexes: Iterable[bytes]) -> list[bytes]:
    """The tokens of many ids of one kind and scope, by their blind indexes, as bytes."""
    begun = hashlib.blake2b(b"\0".join((kind.encode(), scope.encode(), b"")), digest_size=16)
    found = []
    for index in indexes:
        whole = begun.copy()
        whole.update(index)
        found.append(whole.digest())
    return found


@dataclass(frozen=True)
class Identifier:
    """An id in its one form: make it with `identifier(...)`. `scope` is the app, corp, shop or channel, or empty."""

    kind: str
    scope: str
    value: str

    @functools.cached_property
    def index(self) -> bytes:
        """The blind index of the value."""
        return blind_index(self.kind, self.value)

    @property
    def key(self) -> Key:
        """What is unique among living ids."""
        return (self.kind, self.scope, self.index)

    @functools.cached_property
    def token(self) -> uuid.UUID:
        """The short name of the id in our tables."""
        return token_of(self.key)


class Customer(Base):
    """A person, recognised. `source`: the door or channel through which they first became known.

    Who was merged into another has no row here any more: foreign keys to it prove that nothing was left behind.
    """

    __tablename__ = "customer"
    __table_args__ = {"info": {"rows_go": True}}  # noqa: RUF012  (as SQLAlchemy wants it)
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    source: Mapped[str]
    created_at: Mapped[dt.datetime]


class FormerCustomer(Base):
    """A former self: an id that was merged away and who it is now. `merge_id`: the merge by which it went."""

    __tablename__ = "former_customer"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), index=True)
    merge_id: Mapped[int] = mapped_column(ForeignKey("identity_merge.id"))


class IdentityRow(Base):
    """One life of an id: whose it is, from `since` until `until`; a registry of outside ids, its key is its own.

    `born_customer_id`: to which former self it was given; what is done by this id is born to that self.
    """

    __tablename__ = "identity"
    __table_args__ = (
        Index("uq_identity_living_token", "token", unique=True, postgresql_where=text("until IS NULL")),
        Index("ix_identity_ended", "token", postgresql_where=text("until IS NOT NULL")),
        Index("ix_identity_customer_id", "customer_id"),
        CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
        CheckConstraint("(until IS NULL) = (why_ended IS NULL)", name="ended"),
    )
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    token: Mapped[uuid.UUID]
    kind: Mapped[str]
    scope: Mapped[str]
    value: Mapped[str] = mapped_column(EncryptedText, info=personal("recognise the person", "contract", "membership"))
    value_index: Mapped[bytes] = mapped_column(
        LargeBinary, info=personal("find the person by an id", "contract", "membership")
    )
    proof: Mapped[str]
    since: Mapped[dt.datetime]
    until: Mapped[dt.datetime | None]
    why_ended: Mapped[str | None]


class Evidence(Base):
    """Two ids were seen together, by this source, first and last at these times. `low` < `high`."""

    __tablename__ = "identity_evidence"
    __table_args__ = (
        PrimaryKeyConstraint("low", "high", "source", "proof"),
        Index("ix_identity_evidence_high", "high"),
        CheckConstraint("low < high", name="one_way"),
        CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
        CheckConstraint("first_seen <= last_seen", name="seen"),
    )
    low: Mapped[uuid.UUID]
    high: Mapped[uuid.UUID]
    source: Mapped[str]
    proof: Mapped[str]
    first_seen: Mapped[dt.datetime]
    last_seen: Mapped[dt.datetime]


class BlockedId(Base):
    """A value that names nobody: the shop's own phone, a test number. Whoever it joined was set apart again."""

    __tablename__ = "identity_blocked"
    token: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    value: Mapped[str] = mapped_column(
        EncryptedText, info=personal("keep it from joining people", "contract", "always")
    )
    why: Mapped[str]
    staff_id: Mapped[int | None]
    blocked_at: Mapped[dt.datetime]


class Decision(Base):
    """What somebody decided about two people: the same, or apart for ever. Withdrawn by a later one, never changed."""

    __tablename__ = "identity_decision"
    __table_args__ = (CheckConstraint("verdict IN ('same', 'apart')", name="verdict"),)
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    verdict: Mapped[str]
    why: Mapped[str]
    staff_id: Mapped[int | None]
    made_at: Mapped[dt.datetime]
    withdrawn_at: Mapped[dt.datetime | None]


class DecisionSide(Base):
    """The ids a decision is about, on one of its two sides: all that each was known by. `life`: which of the id's lives, how
    many had ended before; a number that changed hands may stand on both sides."""

    __tablename__ = "identity_decision_side"
    __table_args__ = (
        PrimaryKeyConstraint("decision_id", "token", "life"),
        Index("ix_identity_decision_side_token", "token"),
        CheckConstraint("side IN (0, 1)", name="side"),
    )
    decision_id: Mapped[int] = mapped_column(ForeignKey("identity_decision.id"))
    side: Mapped[int]
    token: Mapped[uuid.UUID]
    life: Mapped[int] = mapped_column(server_default="0")


class HeldEvidence(Base):
    """Evidence that would join two people and must not by itself: it waits for a person with its reason.

    `reason`: limit (both have an id of a kind of which a person has one), apart (somebody decided so), objection (a room
    objects; `data` says why), crowded (too many ids hang on one). Gone again when the evidence joins after all.
    """

    __tablename__ = "identity_held_evidence"
    __table_args__ = (
        PrimaryKeyConstraint("low", "high"),
        Index("ix_identity_held_evidence_high", "high"),
        Index("ix_identity_held_evidence_open", "found_at", postgresql_where=text("settled_at IS NULL")),
        CheckConstraint("reason IN ('limit', 'apart', 'objection', 'crowded')", name="reason"),
    )
    low: Mapped[uuid.UUID]
    high: Mapped[uuid.UUID]
    reason: Mapped[str]
    data: Mapped[dict[str, Any]]
    source: Mapped[str]
    found_at: Mapped[dt.datetime]
    later_until: Mapped[dt.datetime | None]
    settled_at: Mapped[dt.datetime | None]


class Proposal(Base):
    """Two customers whose weak evidence (name, birthday, address, similar phone) is alike; a person decides, never we.

    `low_*` and `high_*`: whose evidence it was when it was found, and who they are now; one person by now where these are
    equal. `levels`: what agrees, by part (rules.matching). `source`: what was matched; `seen_at`: when it was last found.
    """

    __tablename__ = "identity_proposal"
    __table_args__ = (
        PrimaryKeyConstraint("low_born_id", "high_born_id"),
        Index("ix_identity_proposal_low_customer_id", "low_customer_id"),
        Index("ix_identity_proposal_high_customer_id", "high_customer_id"),
        Index(
            "ix_identity_proposal_open",
            text("score DESC"),
            "low_born_id",
            "high_born_id",
            postgresql_where=text("settled_at IS NULL"),
        ),
        CheckConstraint("low_born_id < high_born_id", name="one_way"),
        CheckConstraint("score BETWEEN 0 AND 1", name="probability"),
        CheckConstraint("verdict IN ('same', 'apart', 'unclear')", name="verdict"),
        CheckConstraint("(settled_at IS NULL) = (verdict IS NULL)", name="settled"),
    )
    low_born_id: Mapped[int]
    high_born_id: Mapped[int]
    low_customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    high_customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    score: Mapped[float]
    levels: Mapped[dict[str, Any]]
    source: Mapped[str]
    found_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    settled_at: Mapped[dt.datetime | None]
    verdict: Mapped[str | None]
    staff_id: Mapped[int | None]


class Merge(Base):
    """Two customers became one. `born_ids`: the former selves that came over, `gone_id` first; `why`: by what evidence or
    decision, in data; `before`: both customers and their ids as they were. Undone once, never changed otherwise."""

    __tablename__ = "identity_merge"
    __table_args__ = (
        Index("ix_identity_merge_survivor_id", "survivor_id"),
        Index("ix_identity_merge_gone_id", "gone_id"),
        CheckConstraint("survivor_id <> gone_id", name="two_people"),
    )
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    survivor_id: Mapped[int]
    gone_id: Mapped[int]
    born_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    why: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    staff_id: Mapped[int | None]
    merged_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]
    undone_by: Mapped[int | None]
    undone_why: Mapped[str | None]


class MergeNote(Base):
    """What a room reports of a merge: a limit that the two together exceed, a card that stands behind another."""

    __tablename__ = "identity_merge_note"
    __table_args__ = (PrimaryKeyConstraint("merge_id", "id"),)
    merge_id: Mapped[int] = mapped_column(ForeignKey("identity_merge.id"))
    id: Mapped[int] = mapped_column(Numbered(always=True))
    code: Mapped[str]
    data: Mapped[dict[str, Any]]


class ImportRun(Base):
    """A file of observations and how far it is read: everything before `at_offset` (`at_line`) is in, whole or refused.

    `digest`: of the file and of how it is read; the same again is the same run. Counts are of lines, values and people.
    """

    __tablename__ = "identity_import"
    __table_args__ = (
        Index("uq_identity_import_digest", "digest", unique=True),
        Index("ix_identity_import_waiting", "id", postgresql_where=text("finished_at IS NULL")),
        CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
    )
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    digest: Mapped[bytes]
    path: Mapped[str]
    size: Mapped[int]
    encoding: Mapped[str]
    source: Mapped[str | None]
    proof: Mapped[str]
    by_worker: Mapped[bool]
    at_offset: Mapped[int] = mapped_column(default=0)
    at_line: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)
    blocked: Mapped[int] = mapped_column(default=0)
    new_ids: Mapped[int] = mapped_column(default=0)
    new_people: Mapped[int] = mapped_column(default=0)
    merged: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    trouble: Mapped[str | None]
