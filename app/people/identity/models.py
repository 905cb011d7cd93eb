"""Customers and the ids by which channels know them."""

import datetime as dt
import functools
from dataclasses import dataclass

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy import Identity as Numbered
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText, blind_index
from app.kernel.database import Base
from app.kernel.personal import personal


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
    def key(self) -> tuple[str, str, bytes]:
        """What is unique among living ids."""
        return (self.kind, self.scope, self.index)


class Customer(Base):
    """A person, recognised. `source`: the door or channel through which they first became known."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    source: Mapped[str]
    created_at: Mapped[dt.datetime]


class IdentityRow(Base):
    """One id of one customer, from `since` until `until`; a registry of outside ids, its key is its own."""

    __tablename__ = "identity"
    __table_args__ = (
        Index(
            "uq_identity_living", "kind", "scope", "value_index", unique=True, postgresql_where=text("until IS NULL")
        ),
        Index("ix_identity_customer_id", "customer_id"),
        CheckConstraint("proof IN ('stated', 'picked', 'proven')", name="proof"),
        CheckConstraint("(until IS NULL) = (why_ended IS NULL)", name="ended"),
    )
    id: Mapped[int] = mapped_column(Numbered(always=True), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
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


class IdentityConflict(Base):
    """Two customers named in one breath: ids that arrived together belong to both. Nothing is merged; people decide.

    `customer_id` is whom we went on with, `other_customer_id` holds the id that did not fit.
    """

    __tablename__ = "identity_conflict"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    other_customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    value_index: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, info=personal("find the person by an id", "contract", "until reviewed")
    )
    source: Mapped[str]
    found_at: Mapped[dt.datetime]
    reviewed_at: Mapped[dt.datetime | None]
