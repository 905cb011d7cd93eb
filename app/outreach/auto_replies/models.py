"""What the bot says to what, the menus of accounts, and who waits for a person."""

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ARRAY, Boolean, CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.crypto import EncryptedText
from app.kernel.database import Base
from app.kernel.personal import personal
from app.kernel.policy import policy
from app.outreach.auto_replies.rules.hours import AutoReplyPolicy

policy("auto_replies")(AutoReplyPolicy)


class ReplyRule(Base):
    """What is answered on one occasion: following, a word, a menu key, a place, nothing found.

    `account` is an appid, empty for all of the brand's. `words`: keywords, patterns, scenes or keys, by `matching`.
    The lower `priority` answers first. `code` names what ships; `shipped`: as it shipped, to put it back.
    """

    __tablename__ = "reply_rule"
    __table_args__ = (
        Index("uq_reply_rule_code", "code", "account", unique=True, postgresql_where=text("code IS NOT NULL")),
        CheckConstraint(
            "occasion IN ('welcome', 'welcome_again', 'scan', 'keyword', 'menu', 'location', 'default', 'after_hours')",
            name="occasion",
        ),
        CheckConstraint("matching IN ('exact', 'prefix', 'contains', 'pattern', 'any')", name="matching"),
        CheckConstraint("(code IS NULL) = (shipped IS NULL)", name="shipped"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str | None]
    account: Mapped[str] = mapped_column(default="")
    occasion: Mapped[str]
    matching: Mapped[str]
    words: Mapped[list[str]] = mapped_column(ARRAY(Text))
    name: Mapped[str]
    content: Mapped[dict[str, Any]]
    priority: Mapped[int]
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    shipped: Mapped[dict[str, Any] | None]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[int | None]


class ReplyStamp(Base):
    """Changes with every change of a rule, so that each process sees by one row whether what it remembers still holds."""

    __tablename__ = "reply_stamp"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stamp: Mapped[uuid.UUID]


class AccountMenu(Base):
    """The menu of an account: as it is being edited, and as it was last published.

    `buttons`, `published`: as the platform writes them. `trouble`: what the platform said when it refused the last time.
    """

    __tablename__ = "account_menu"
    account: Mapped[str] = mapped_column(primary_key=True)
    buttons: Mapped[list[Any]] = mapped_column(JSONB)
    published: Mapped[list[Any] | None] = mapped_column(JSONB)
    published_at: Mapped[dt.datetime | None]
    published_by: Mapped[int | None]
    trouble: Mapped[str | None]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[int | None]


class Conversation(Base):
    """Somebody asked for a person. While it is open and until `silent_until` the bot leaves the answers to people.

    `openid_token`: by which of their ids, in which account, they write; one open conversation each. `said_at`: when they
    last wrote. `closed_why`: staff, or time where nobody came back to it.
    """

    __tablename__ = "reply_conversation"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "id"),
        Index("uq_reply_conversation_open", "openid_token", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_reply_conversation_waiting", "asked_at", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_reply_conversation_taken_at", "taken_at", postgresql_where=text("taken_at IS NOT NULL")),
        CheckConstraint("(taken_at IS NULL) = (staff_id IS NULL)", name="taken"),
        CheckConstraint("(closed_at IS NULL) = (closed_why IS NULL)", name="closed"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    account: Mapped[str]
    openid_token: Mapped[uuid.UUID] = mapped_column(info=personal("answer where they wrote", "contract", "two years"))
    asked_at: Mapped[dt.datetime]
    said_at: Mapped[dt.datetime]
    silent_until: Mapped[dt.datetime]
    taken_at: Mapped[dt.datetime | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[dt.datetime | None]
    closed_why: Mapped[str | None]


class ConversationLine(Base):
    """What was said in a conversation, by the customer, or by a member of the staff (`staff_id`)."""

    __tablename__ = "reply_conversation_line"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "id"),
        Index("ix_reply_conversation_line_conversation", "conversation_id", "id"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    conversation_id: Mapped[int]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    words: Mapped[str] = mapped_column(EncryptedText, info=personal("answer what was asked", "contract", "two years"))
    said_at: Mapped[dt.datetime]
