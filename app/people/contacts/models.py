"""Followers of official accounts, and how far the platform's list of them is read."""

import datetime as dt
import uuid

from sqlalchemy import ARRAY, CheckConstraint, DateTime, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText
from app.kernel.database import Base
from app.kernel.personal import personal


class Follower(Base):
    """One openid that follows, or followed, an account; a registry of outside ids, its key is its own.

    `since`: when they followed last; `times`: how often in all; `follows`: the last of these times, so that what is told
    twice counts once. `scene`: of the code they scanned; `way`: how they came (qr_code, paid, search …). `left_exactly`:
    the platform told when they left, else it is when we found out. `learned_at`: as of when the platform's own record of
    them is known, empty after each following; `asked_at`: when it was asked for last; `listed_at`: when they were last in
    its list.
    """

    __tablename__ = "follower"
    __table_args__ = (
        Index("ix_follower_customer_id", "customer_id", "account"),
        Index("ix_follower_to_learn", "since", postgresql_where=text("state = 'following' AND learned_at IS NULL")),
        Index("ix_follower_account", "account", "openid_token", postgresql_where=text("state = 'following'")),
        CheckConstraint("state IN ('following', 'left')", name="state"),
        CheckConstraint("times >= 0", name="times"),
    )
    openid_token: Mapped[uuid.UUID] = mapped_column(
        primary_key=True, info=personal("know who follows which account", "contract", "membership")
    )
    account: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    state: Mapped[str]
    since: Mapped[dt.datetime | None]
    follows: Mapped[list[dt.datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))
    times: Mapped[int]
    left_at: Mapped[dt.datetime | None]
    left_exactly: Mapped[bool]
    scene: Mapped[str]
    way: Mapped[str]
    learned_at: Mapped[dt.datetime | None]
    asked_at: Mapped[dt.datetime | None]
    listed_at: Mapped[dt.datetime | None]


class FollowerList(Base):
    """How far the platform's list of an account's followers is read. `cursor`: the openid after which it goes on;
    `read_at`: when its end was reached; `ended_at`: when whoever was not in it was asked about too."""

    __tablename__ = "follower_list"
    account: Mapped[str] = mapped_column(primary_key=True)
    begun_at: Mapped[dt.datetime]
    cursor: Mapped[str] = mapped_column(
        EncryptedText, info=personal("go on with the list where it was left", "contract", "one day")
    )
    listed: Mapped[int]
    read_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
