"""Consents and looks."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity
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
    """A staff member saw a personal value in full."""

    __tablename__ = "look"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    field: Mapped[str]
    reason: Mapped[str]
    looked_at: Mapped[dt.datetime]
