"""Orders as rows.

An order is one row: what its channel told about it. Lines and refunds live inside it because they are told, merged and
shown with their order and never apart from it; importing a year of history writes one row an order.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.personal import personal
from app.kernel.policy import policy


@policy("orders")
@dataclass(frozen=True)
class OrdersPolicy:
    """More orders in a calendar month than `busy_orders_a_month` under one buyer id go to review instead of to a person (O02).

    A receipt may be claimed so many days after it was paid; so many failed claims lock for the day (M05).
    """

    busy_orders_a_month: int = 30
    claim_days: int = 30
    claim_failures_a_day: int = 5


class OrderRow(Base):
    """One order of one channel: a registry of outside numbers. `customer_id` is empty while the buyer is unknown.

    `born_customer_id`: the former self whose id named the buyer, or who brought the receipt.

    `ordered_at` is empty while only refunds are known (O03). `reported_at` is when the newest part was told, `versions` says
    it for the parts that were told before. `base_fen` and `refunded_fen` follow from amounts, lines and refunds (M01).
    `told_*`: the facts that were announced.
    """

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("channel", "number"),
        CheckConstraint("(customer_id IS NULL) = (born_customer_id IS NULL)", name="born"),
        Index(
            "ix_sales_order_customer", "customer_id", "ordered_at", "id", postgresql_where=text("customer_id IS NOT NULL")
        ),
        Index(
            "ix_sales_order_waiting", "buyers", postgresql_using="gin", postgresql_where=text("customer_id IS NULL")
        ),
    )  # fmt: skip
    id: Mapped[int] = mapped_column(Identity(always=False), primary_key=True)
    channel: Mapped[str]
    number: Mapped[str]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id"))
    born_customer_id: Mapped[int | None]
    store_code: Mapped[str | None]
    in_store: Mapped[bool | None] = mapped_column(Boolean)
    earns: Mapped[bool | None] = mapped_column(Boolean)
    ordered_at: Mapped[dt.datetime | None]
    placed_at: Mapped[dt.datetime | None]
    paid_at: Mapped[dt.datetime | None]
    shipped_at: Mapped[dt.datetime | None]
    received_at: Mapped[dt.datetime | None]
    reported_at: Mapped[dt.datetime]
    versions: Mapped[dict[str, Any] | None]
    goods_fen: Mapped[int | None]
    discount_fen: Mapped[int | None]
    coupon_fen: Mapped[int | None]
    points_fen: Mapped[int | None]
    freight_fen: Mapped[int | None]
    paid_fen: Mapped[int | None]
    base_fen: Mapped[int]
    refunded_fen: Mapped[int]
    lines: Mapped[list[Any] | None] = mapped_column(JSONB)
    refunds: Mapped[list[Any] | None] = mapped_column(JSONB)
    coupon_codes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    buyers: Mapped[list[uuid.UUID] | None] = mapped_column(
        ARRAY(Uuid), info=personal("find the orders of a person who becomes known", "contract", "as the order")
    )
    told_paid: Mapped[bool]
    told_shipped: Mapped[bool] = mapped_column(server_default=false())
    told_received: Mapped[bool]
    told_refunds: Mapped[list[str] | None] = mapped_column(ARRAY(Text))


class ClaimAttempts(Base):
    """How often a customer tried to claim a receipt on a day and failed (M05)."""

    __tablename__ = "order_claim_attempts"
    __table_args__ = (CheckConstraint("failures >= 0", name="counted"),)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    born_customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    failures: Mapped[int]


class UnknownCodeRow(Base):
    """A store or product code that an order names and nobody has told us: kept with a list, never dropped (O05)."""

    __tablename__ = "order_unknown_code"
    kind: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    first_seen_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
