"""Campaigns, the lists they go to, and the orders that followed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.policy import policy

STATES = ("draft", "scheduled", "planning", "running", "paused", "stopped", "ended")


@policy("campaigns")
@dataclass(frozen=True)
class CampaignsPolicy:
    """`second_person_above`: more people than this need a second person's release (R04). `goal_days`: within how many days
    an order counts. `longest_goal_days`: how far back an order looks for a campaign."""

    second_person_above: int = 10_000
    goal_days: int = 7
    longest_goal_days: int = 60


class RecipientList(Base):
    """A list that was brought as a file: so many lines, of which so many named somebody, nobody, or somebody twice."""

    __tablename__ = "recipient_list"
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    lines: Mapped[int]
    found: Mapped[int]
    unknown: Mapped[int]
    repeated: Mapped[int]
    imported_by: Mapped[int | None]
    imported_at: Mapped[dt.datetime]


class Recipient(Base):
    """Somebody on a list. `left_at`: they were taken off; nothing more goes to them because of it."""

    __tablename__ = "recipient"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "list_id", "born_customer_id"),
        Index("ix_recipient_list_id", "list_id", "customer_id"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    list_id: Mapped[int] = mapped_column(ForeignKey("recipient_list.id"))
    born_customer_id: Mapped[int]
    left_at: Mapped[dt.datetime | None]


class Campaign(Base):
    """One message to many. `list_id` empty: to everybody. `starts_at` empty: at once.

    `waves`: [{percent, after_minutes}], percents of the people summing to 100. `dispatch_ids`: one for each wave, opened when
    planning begins. `planned_after_id`: everybody up to this customer is planned. `tested_at`: of the words as they are.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        Index("ix_campaign_open", "state", "starts_at", postgresql_where=text("state NOT IN ('stopped', 'ended')")),
        Index("uq_campaign_purpose_id", "purpose_id", unique=True),
        CheckConstraint(
            "state IN ('draft', 'scheduled', 'planning', 'running', 'paused', 'stopped', 'ended')", name="state"
        ),
        CheckConstraint("control_percent BETWEEN 0 AND 50", name="control"),
        CheckConstraint("goal_days BETWEEN 1 AND 60", name="goal"),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    name: Mapped[str]
    purpose_id: Mapped[int] = mapped_column(ForeignKey("message_purpose.id"))
    list_id: Mapped[int | None] = mapped_column(ForeignKey("recipient_list.id"))
    state: Mapped[str]
    starts_at: Mapped[dt.datetime | None]
    waves: Mapped[list[Any]] = mapped_column(JSONB)
    control_percent: Mapped[int]
    goal_days: Mapped[int]
    dispatch_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    planned_after_id: Mapped[int]
    planned: Mapped[int]
    made_by: Mapped[int]
    made_at: Mapped[dt.datetime]
    tested_at: Mapped[dt.datetime | None]
    released_by: Mapped[int | None]
    released_at: Mapped[dt.datetime | None]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]


class CampaignOrder(Base):
    """An order that followed a campaign within its days, by somebody who got it (`treated`) or was held back as control."""

    __tablename__ = "campaign_order"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "campaign_id", "order_id"),
        Index("ix_campaign_order_campaign_id", "campaign_id", "arm", "customer_id"),
        Index("ix_campaign_order_order_id", "order_id"),
        CheckConstraint("arm IN ('treated', 'control')", name="arm"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int]
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    order_id: Mapped[int]
    arm: Mapped[str]
    base_fen: Mapped[int]
    refunded_fen: Mapped[int]
    paid_at: Mapped[dt.datetime]
