"""Deliveries and every attempt at them; dispatches, by which they are let go, paused and stopped; what limits them."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    PrimaryKeyConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.personal import personal
from app.kernel.policy import policy
from app.outreach.messaging.rules.sending import SendingPolicy

policy("sending")(SendingPolicy)

# planned → sending → sent → delivered; or one of the other ends. Only `planned`, `sending`, `sent` and `in_doubt` go on.
STATES = ("planned", "sending", "sent", "delivered", "failed", "held_back", "in_doubt", "cancelled")
_STATES = "state IN ('planned', 'sending', 'sent', 'delivered', 'failed', 'held_back', 'in_doubt', 'cancelled')"


@policy("messaging")
@dataclass(frozen=True)
class MessagingPolicy:
    """When and how often people are written to (R02, R03). Hours are those where the person is, as `from-until`.

    `quiet_hours` hold for everything that is not pressing, `sms_hours` and `call_hours` for these channels besides (calls:
    pressing ones too). Marketing: so many a day and a month over all channels, by channel besides where it is named.
    `calls`: how often one message is called out. `peace_days`: how long a refund or complaint stops marketing.
    `virtual_prefixes`: of mainland numbers that are never written to or called. `calls_a_second`: what a forecast reckons with
    where the accounts would take more.
    """

    quiet_hours: str = "21:30-08:30"
    sms_hours: str = "09:00-20:30"
    call_hours: str = "10:00-12:00,14:00-19:30"
    marketing_a_day: int = 1
    marketing_a_month: int = 8
    marketing_a_day_by: dict[str, int] = field(default_factory=dict)
    marketing_a_month_by: dict[str, int] = field(default_factory=dict)
    calls: int = 2
    peace_days: int = 7
    virtual_prefixes: str = "162,165,167,170,171"
    calls_a_second: int = 200


class Dispatch(Base):
    """Deliveries of one purpose that go, pause and stop together: a wave of a campaign, or all of a notice (`code`).

    `control_percent`: of the people, by a hash over `control_salt` and who they are, so many are held back as control group.
    """

    __tablename__ = "dispatch"
    __table_args__ = (
        Index("uq_dispatch_code", "code", unique=True),
        Index("ix_dispatch_running", "priority", "id", postgresql_where=text("state = 'running'")),
        CheckConstraint("state IN ('running', 'paused', 'stopped')", name="state"),
        CheckConstraint("control_percent BETWEEN 0 AND 100", name="control"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    code: Mapped[str]
    purpose_id: Mapped[int] = mapped_column(ForeignKey("message_purpose.id"), index=True)
    name: Mapped[str]
    state: Mapped[str]
    priority: Mapped[int]
    control_percent: Mapped[int] = mapped_column(default=0)
    control_salt: Mapped[str] = mapped_column(default="")
    opened_at: Mapped[dt.datetime]
    changed_at: Mapped[dt.datetime]


class Delivery(Base):
    """One message to one person, customer or staff, for one occasion; whatever becomes of it stays in this row.

    `values`: what the occasion brings (the purpose's variables). `reason`: why it was held back, failed or is in doubt;
    `detail`: where it could be reached by no channel, why not by each.
    `channel`, `account`: by which it went last. `platform_id`: the platform's id of the message, that receipts name.
    `leased_until`: while `sending`, how long its worker is believed to live.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "uq_delivery_customer", "customer_id", "purpose_id", "occasion", "born_customer_id",
            unique=True, postgresql_where=text("customer_id IS NOT NULL"),
        ),
        Index(
            "uq_delivery_staff", "staff_id", "purpose_id", "occasion",
            unique=True, postgresql_where=text("staff_id IS NOT NULL"),
        ),
        # The platform refuses two messages to one person at the same time (43108), and caps are counted one by one. By
        # former self, since two whose messages are just under way may become one person.
        Index(
            "uq_delivery_one_at_a_time", "customer_id", "born_customer_id",
            unique=True, postgresql_where=text("state = 'sending'"),
        ),
        Index("ix_delivery_due", "dispatch_id", "due_at", "id", postgresql_where=text("state = 'planned'")),
        Index("ix_delivery_leased", "leased_until", postgresql_where=text("state = 'sending'")),
        Index("ix_delivery_in_doubt", "sent_at", postgresql_where=text("state = 'in_doubt'")),
        Index("ix_delivery_platform_id", "platform_id", postgresql_where=text("platform_id IS NOT NULL")),
        CheckConstraint(_STATES, name="state"),
        CheckConstraint("(customer_id IS NULL) <> (staff_id IS NULL)", name="one_recipient"),
        CheckConstraint("(customer_id IS NULL) = (born_customer_id IS NULL)", name="born"),
        CheckConstraint("(state = 'sending') = (leased_until IS NOT NULL)", name="leased"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    purpose_id: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    occasion: Mapped[str]
    values: Mapped[dict[str, Any]] = mapped_column(info=personal("say what happened", "contract", "two years"))
    state: Mapped[str]
    reason: Mapped[str | None]
    detail: Mapped[dict[str, Any] | None]
    due_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[dt.datetime | None]
    channel: Mapped[str | None]
    account: Mapped[str | None]
    platform_id: Mapped[str | None]
    planned_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    opened_at: Mapped[dt.datetime | None]


class Attempt(Base):
    """One call for one delivery, written down before it is made and again when its answer is there.

    `outcome`: empty while the answer is awaited; accepted, refused, invalid, later (busy, quota, rate), lost. `code`: the
    platform's. `reserved`: what was used up for it (grant, window, caps), to give back what was not needed.
    """

    __tablename__ = "delivery_attempt"
    __table_args__ = (
        PrimaryKeyConstraint("delivery_id", "number"),
        Index("ix_delivery_attempt_started_at", "account", "channel", "started_at"),
        CheckConstraint("outcome IN ('accepted', 'refused', 'invalid', 'later', 'lost')", name="outcome"),
    )
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"))
    number: Mapped[int]
    channel: Mapped[str]
    account: Mapped[str]
    template_id: Mapped[str | None]
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]
    outcome: Mapped[str | None]
    code: Mapped[str | None]
    platform_id: Mapped[str | None]
    reserved: Mapped[dict[str, Any]]


class ReceiptAside(Base):
    """What a platform said of a message that nobody knew yet: it may be told before our own answer is written.

    `born_customer_id`: to whose self the openid or number belongs, for messages whose answer, and with it their id, was lost.
    """

    __tablename__ = "message_receipt"
    __table_args__ = (
        Index("uq_message_receipt_platform_id", "account", "platform_id", unique=True,
              postgresql_where=text("platform_id IS NOT NULL")),
        Index("uq_message_receipt_told", "account", "born_customer_id", "template_id", "at", unique=True,
              postgresql_where=text("platform_id IS NULL")),
        Index("ix_message_receipt_taken_at", "taken_at"),
        CheckConstraint("outcome IN ('delivered', 'failed')", name="outcome"),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    account: Mapped[str]
    platform_id: Mapped[str | None]
    born_customer_id: Mapped[int | None]
    template_id: Mapped[str]
    outcome: Mapped[str]
    code: Mapped[str | None]
    at: Mapped[dt.datetime]
    taken_at: Mapped[dt.datetime]


class DispatchMinute(Base):
    """How many deliveries of a dispatch came to what in a minute: the curve of a running campaign, without counting rows.

    `what`: planned (by the thousand; single wishes are not counted), sent, delivered, failed, held_back, in_doubt, cancelled,
    opened; `reason`: empty where there is none. Who leaves a state for another counts one down in it, so that the sums stand.
    """

    __tablename__ = "dispatch_minute"
    __table_args__ = (PrimaryKeyConstraint("dispatch_id", "minute", "what", "reason"),)
    dispatch_id: Mapped[int] = mapped_column(ForeignKey("dispatch.id"))
    minute: Mapped[dt.datetime]
    what: Mapped[str]
    reason: Mapped[str]
    number: Mapped[int]


class Grant(Base):
    """How often a person let one template of one account write to them, and how often it did (R01). Never used above given.

    `openid_token`: of the openid it was given by. `refused_at`: they said no, or switched it off; a later yes counts again.
    """

    __tablename__ = "message_grant"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "openid_token", "template_id", "born_customer_id"),
        CheckConstraint("used <= given", name="enough"),
        CheckConstraint("used >= 0", name="used"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    openid_token: Mapped[uuid.UUID] = mapped_column(
        info=personal("know which account was allowed to write", "contract", "membership")
    )
    account: Mapped[str]
    template_id: Mapped[str]
    given: Mapped[int]
    used: Mapped[int]
    refused_at: Mapped[dt.datetime | None]
    changed_at: Mapped[dt.datetime]


class ServiceWindow(Base):
    """What a person's own act allows: so many customer-service messages until then. `opened_by`: message, menu, follow, scan."""

    __tablename__ = "service_window"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "openid_token", "opened_by", "born_customer_id"),
        CheckConstraint("remaining >= 0", name="remaining"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    openid_token: Mapped[uuid.UUID] = mapped_column(
        info=personal("know which account may answer", "contract", "membership")
    )
    account: Mapped[str]
    opened_by: Mapped[str]
    opened_at: Mapped[dt.datetime]
    closes_at: Mapped[dt.datetime]
    remaining: Mapped[int]


class ReachCount(Base):
    """How many messages a person got in a period: the caps' counters. `period`: d2026-05-20 or m2026-05 in the person's zone;
    `scope`: marketing, or a channel."""

    __tablename__ = "reach_count"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "period", "scope"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    period: Mapped[str]
    scope: Mapped[str]
    number: Mapped[int]


class Refusal(Base):
    """A person wants no marketing by a channel, or by any (`channel` empty): 退订, R by SMS. `source`: where they said so last.

    One row for each of their former selves, and the newest answer of all counts: who takes a refusal back after a merge
    takes it back for the self by which they came, and undoing leaves the other's refusal standing.
    """

    __tablename__ = "channel_refusal"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "born_customer_id", "channel"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    channel: Mapped[str]
    source: Mapped[str]
    refused_at: Mapped[dt.datetime | None]
    allowed_at: Mapped[dt.datetime | None]


class Peace(Base):
    """Until then marketing leaves a person alone: an open complaint or refund (R03), by its cause."""

    __tablename__ = "reach_peace"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "born_customer_id", "cause"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    cause: Mapped[str]
    until: Mapped[dt.datetime]


class AccountLimit(Base):
    """How many sends an account has, by channel: a minute and a day (Asia/Shanghai). `kept_for_notices`: percent of the day's
    that campaigns leave alone."""

    __tablename__ = "account_limit"
    __table_args__ = (PrimaryKeyConstraint("account", "channel"),)
    account: Mapped[str]
    channel: Mapped[str]
    a_minute: Mapped[int]
    a_day: Mapped[int]
    kept_for_notices: Mapped[int] = mapped_column(default=10)
    changed_at: Mapped[dt.datetime]
