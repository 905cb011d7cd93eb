"""Staff, teams, and who works in which store."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText
from app.kernel.database import Base
from app.kernel.personal import personal


class Team(Base):
    """A team of staff; its leads see its rows (R06)."""

    __tablename__ = "team"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class StaffRow(Base):
    """Somebody who works for the brand, from `joined_at` until `left_at`."""

    __tablename__ = "staff"
    __table_args__ = (
        CheckConstraint(
            "role IN ('guide', 'clerk', 'store_manager', 'community', 'lead', 'marketer', 'analyst', 'admin')",
            name="role",
        ),
        CheckConstraint("(left_at IS NULL) = (why_left IS NULL)", name="left"),
        Index("ix_staff_phone_index", "phone_index", postgresql_where=text("left_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(info=personal("know who acts", "employment", "employment"))
    role: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    phone: Mapped[str | None] = mapped_column(
        EncryptedText, info=personal("mark staff who are members (X01)", "employment", "employment")
    )
    phone_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=personal("find staff among members (X01)", "employment", "employment")
    )
    joined_at: Mapped[dt.datetime]
    left_at: Mapped[dt.datetime | None]
    why_left: Mapped[str | None]


class StaffStore(Base):
    """Where somebody works."""

    __tablename__ = "staff_store"
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("store.id"), primary_key=True, index=True)
