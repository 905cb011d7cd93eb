"""Members, their growth and the tiers they had."""

import datetime as dt
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText
from app.kernel.database import Base
from app.kernel.personal import not_personal, personal
from app.kernel.policy import policy
from app.membership.members.rules.joining import MembersPolicy

policy("members")(MembersPolicy)


class Tier(Base):
    """A tier of the brand, level 0 first. `rate_percent`: what points are multiplied with."""

    __tablename__ = "tier"
    __table_args__ = (CheckConstraint("threshold >= keep AND keep >= 0 AND rate_percent > 0", name="lines"),)
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    threshold: Mapped[int]
    keep: Mapped[int]
    rate_percent: Mapped[int]
    benefits: Mapped[list[str]] = mapped_column(JSONB)
    built_in: Mapped[bool]


class MemberTask(Base):
    """Something a member is invited to do (任务); what it is worth is decided where it is done."""

    __tablename__ = "member_task"
    code: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int]
    name: Mapped[str]
    rewarded: Mapped[bool]
    built_in: Mapped[bool]


class _Card:
    """The columns of a card and where its holder stands.

    `base_*` and `counts_from` anchor the counting year, `earned_*`, `growth` and `kept` follow from the growth entries since
    then (rules.tiers); the entries are the truth, `recount` proves it. A given tier has its own source and end (M10).
    `review_at`: when something ends.
    """

    card_number: Mapped[str] = mapped_column(info=personal("show the card", "contract", "membership"))
    joined_at: Mapped[dt.datetime]
    member_since: Mapped[dt.date]
    earns_since: Mapped[dt.datetime]
    gift: Mapped[str | None]
    is_staff: Mapped[bool]
    notice_version: Mapped[str]
    full_name: Mapped[str | None] = mapped_column(
        EncryptedText, info=personal("address the person", "consent", "membership")
    )
    birthday: Mapped[dt.date | None] = mapped_column(info=personal("birthday gift, age", "consent", "membership"))
    birthday_set_at: Mapped[dt.datetime | None] = mapped_column(info=not_personal("when it was typed in"))
    birthday_corrected_at: Mapped[dt.datetime | None] = mapped_column(info=not_personal("when a lead corrected it"))
    base_level: Mapped[int]
    counts_from: Mapped[dt.datetime]
    base_until: Mapped[dt.datetime]
    base_why: Mapped[str]
    earned_level: Mapped[int]
    earned_since: Mapped[dt.datetime]
    earned_until: Mapped[dt.datetime]
    earned_why: Mapped[str]
    growth: Mapped[int]
    kept: Mapped[int]
    given_level: Mapped[int | None]
    given_until: Mapped[dt.datetime | None]
    given_source: Mapped[str | None]
    review_at: Mapped[dt.datetime]


class Member(_Card, Base):
    """A customer who took the card, and where they stand.

    `born_customer_id`: the self whose card it is. Of who was merged with others that had the card it shows what they come
    to together (rules.merging).
    """

    __tablename__ = "member"
    __table_args__ = (
        UniqueConstraint("card_number"),
        Index("ix_member_review_at", "review_at", "customer_id"),
        Index(
            "ix_member_birthday",
            text("EXTRACT(month FROM birthday)"),
            text("EXTRACT(day FROM birthday)"),
            "customer_id",
            postgresql_where=text("birthday IS NOT NULL"),
        ),
        CheckConstraint("(given_level IS NULL) = (given_until IS NULL)", name="given_whole"),
        CheckConstraint("gift IN ('new_customer', 'binding')", name="gift"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, autoincrement=False)
    born_customer_id: Mapped[int]


class MemberSelf(_Card, Base):
    """A former self's own membership, kept since they were first merged, so that they can be set apart again.

    Its standing is the one they had then; where they stand by themselves follows from it and the growth born to them. What
    they themselves change while they are one with others is changed here too. `merge_ids`, `merged_at`: by which merges
    they came to others, oldest first, undone ones too.
    """

    __tablename__ = "member_self"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "born_customer_id"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    merge_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    merged_at: Mapped[list[dt.datetime]] = mapped_column(ARRAY(DateTime(timezone=True)))


CARD_COLUMNS = [c.name for c in Member.__table__.columns if c.name not in {"customer_id", "born_customer_id"}]


class GrowthEntry(Base):
    """Growth moves only by these; never changed, corrected by further entries. Once per cause and
    person, which the look-up under the lock keeps; the key keeps it for each former self.

    `page_customer_id`: the former self on whose page it is written, the one it was born to if they have the card;
    `counts_at`: from when it counts (rules.tiers); `of_at`: for a refund, from when its order counted;
    `lift_*`: a tier an old card brought along.
    """

    __tablename__ = "growth_entry"
    __table_args__ = (
        UniqueConstraint("customer_id", "born_customer_id", "cause"),
        Index("ix_growth_entry_counts_at", "customer_id", "counts_at"),
        Index("ix_growth_entry_order_id", "customer_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
        CheckConstraint("(lift_level IS NULL) = (lift_until IS NULL)", name="lift_whole"),
        CheckConstraint("why IN ('order', 'refund', 'old_card', 'task', 'correction')", name="why"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    page_customer_id: Mapped[int]
    cause: Mapped[str]
    why: Mapped[str]
    amount: Mapped[int]
    order_id: Mapped[int | None]
    counts_at: Mapped[dt.datetime]
    of_at: Mapped[dt.datetime | None]
    happened_at: Mapped[dt.datetime]
    lift_level: Mapped[int | None]
    lift_until: Mapped[dt.datetime | None]


class TierPeriod(Base):
    """A tier a member had, from `since` (excluded) until `ended_at` (included; empty while it runs).

    `source`: earned or given. A period that a refund made as if it had never been is voided, not deleted (M09).
    """

    __tablename__ = "tier_period"
    __table_args__ = (
        Index("ix_tier_period_since", "customer_id", "since"),
        CheckConstraint("source IN ('earned', 'given')", name="source"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    source: Mapped[str]
    level: Mapped[int]
    why: Mapped[str]
    since: Mapped[dt.datetime]
    valid_until: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    voided_at: Mapped[dt.datetime | None]


class JoiningGiftClaim(Base):
    """Who had a joining gift, by keyed hashes of phone and unionid, closed accounts included (C10, L04)."""

    __tablename__ = "joining_gift_claim"
    person_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    customer_id: Mapped[int]
    born_customer_id: Mapped[int]
    claimed_at: Mapped[dt.datetime]


class OldCard(Base):
    """A card of the brand's former system, waiting for its holder or bound. A registry: it belongs to nobody at first."""

    __tablename__ = "old_card"
    __table_args__ = (
        Index("ix_old_card_phone_index", "phone_index", postgresql_where=text("bound_customer_id IS NULL")),
        CheckConstraint("(bound_customer_id IS NULL) = (bound_at IS NULL)", name="bound_whole"),
    )
    number_index: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, info=personal("find the card", "contract", "membership")
    )
    number: Mapped[str] = mapped_column(EncryptedText, info=personal("show the card", "contract", "membership"))
    phone_index: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=personal("recognise the holder", "contract", "until bound")
    )
    name_hash: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=personal("prove the holder", "contract", "until bound")
    )
    tier_level: Mapped[int]
    tier_until: Mapped[dt.datetime | None]
    growth: Mapped[int]
    lots: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    joined_on: Mapped[dt.date | None]
    cut_over_at: Mapped[dt.datetime]
    imported_at: Mapped[dt.datetime]
    bound_customer_id: Mapped[int | None] = mapped_column(index=True)
    bound_born_customer_id: Mapped[int | None]
    bound_at: Mapped[dt.datetime | None]


class OldCardAttempts(Base):
    """How often a customer tried to bind an old card on a day and failed (C09)."""

    __tablename__ = "old_card_attempts"
    __table_args__ = (CheckConstraint("failures >= 0", name="counted"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    born_customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    failures: Mapped[int]
