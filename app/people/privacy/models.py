"""Consents and looks."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class Consent(Base):
    """One answer to one purpose; never changed, the newest counts. `place`: the door where it was given."""

    __tablename__ = "consent"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    purpose: Mapped[str]
    granted: Mapped[bool]
    version: Mapped[str]
    place: Mapped[str]
    given_at: Mapped[dt.datetime]


class Look(Base):
    """A staff member or a machine saw what is personal."""

    __tablename__ = "look"
    __table_args__ = (CheckConstraint("(staff_id IS NULL) <> (machine IS NULL)", name="one_looker"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    machine: Mapped[str | None]
    field: Mapped[str]
    reason: Mapped[str]
    looked_at: Mapped[dt.datetime]
