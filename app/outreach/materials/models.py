"""Purposes, their words per channel, and the templates that the platforms have."""

import datetime as dt
from typing import Any

from sqlalchemy import ARRAY, Boolean, CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base

# In words of ours: official-account template and subscription, mini-program subscription, customer service within 48 hours.
CHANNELS = ("oa_template", "oa_subscription", "mp_subscription", "oa_service", "sms", "voice")


class Purpose(Base):
    """Why people are written to, once: 积分变动, 券到账, or one campaign.

    `kind`: service (they act and want to know) or marketing (R03 holds). `channels`: which are tried, in this order.
    `priority`: the lower goes first. `when_in_doubt`: hold (never sent twice) or retry (only where the platform knows our id
    of the message). `valid_minutes`: how long after it was due it is still worth sending. `variables`: what each occasion
    brings: name → {title, sample}. `pressing`: quiet hours do not hold it back (a place on the waiting list is offered now).
    """

    __tablename__ = "message_purpose"
    __table_args__ = (
        Index("uq_message_purpose_code", "code", unique=True),
        CheckConstraint("kind IN ('service', 'marketing')", name="kind"),
        CheckConstraint("when_in_doubt IN ('hold', 'retry')", name="when_in_doubt"),
        CheckConstraint("valid_minutes > 0", name="valid"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    priority: Mapped[int]
    when_in_doubt: Mapped[str]
    valid_minutes: Mapped[int]
    pressing: Mapped[bool] = mapped_column(Boolean, default=False)
    enabled: Mapped[bool] = mapped_column(Boolean, default=True)
    builtin: Mapped[bool] = mapped_column(Boolean, default=False)
    variables: Mapped[dict[str, Any]]
    changed_at: Mapped[dt.datetime]


class Words(Base):
    """What a purpose says in one channel of one account (`account` is an appid; empty where the channel has none).

    `fields`: the platform template's key → our text with variables; `body`: free text (customer service, SMS, call). `link`:
    a web address, `page`: a page of the mini-program with its query; both may hold variables. `shipped`: what ships, to
    put it back; empty for the brand's own words.
    """

    __tablename__ = "message_words"
    __table_args__ = (PrimaryKeyConstraint("purpose_id", "channel", "account"),)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("message_purpose.id"))
    channel: Mapped[str]
    account: Mapped[str]
    template_id: Mapped[str | None]
    fields: Mapped[dict[str, Any]]
    body: Mapped[str | None]
    link: Mapped[str | None]
    page: Mapped[str | None]
    shipped: Mapped[dict[str, Any] | None]
    changed_at: Mapped[dt.datetime]
    changed_by: Mapped[int | None]


class WordsChange(Base):
    """Who changed a purpose or its words, and to what; never edited. `channel` empty: the purpose itself.

    `act`: saved, reset (put back to what ships), switched. `changed`: the places that became different.
    """

    __tablename__ = "message_words_change"
    __table_args__ = (
        Index("ix_message_words_change_purpose", "purpose_id", "id"),
        CheckConstraint("act IN ('saved', 'reset', 'switched')", name="act"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    purpose_id: Mapped[int] = mapped_column(ForeignKey("message_purpose.id"))
    channel: Mapped[str]
    account: Mapped[str]
    act: Mapped[str]
    changed: Mapped[list[str]] = mapped_column(ARRAY(Text))
    said: Mapped[dict[str, Any]]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    at: Mapped[dt.datetime]


class PlatformTemplate(Base):
    """A template that an account has on the platform, as it was when last asked. `fields`: key → {label, kind, choices?}."""

    __tablename__ = "platform_template"
    __table_args__ = (PrimaryKeyConstraint("account", "template_id"),)
    account: Mapped[str]
    template_id: Mapped[str]
    channel: Mapped[str]
    title: Mapped[str]
    fields: Mapped[dict[str, Any]]
    seen_at: Mapped[dt.datetime]
    gone_at: Mapped[dt.datetime | None]


class BrandAccount(Base):
    """What is known of an official account or mini-program beside its secrets. `name`: what operators call it, may be empty.

    `synced_at`: when the platform was last asked and answered; `tried_at`: when it was last asked; `trouble`: why it did
    not answer, `errcode words`, empty when it did. `quotas`: path → {limit, used, remain} as the platform counted then.
    """

    __tablename__ = "brand_account"
    account: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    synced_at: Mapped[dt.datetime | None]
    tried_at: Mapped[dt.datetime | None]
    trouble: Mapped[str | None]
    quotas: Mapped[dict[str, Any]]
