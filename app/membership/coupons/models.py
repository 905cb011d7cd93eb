"""Tables of coupons.

What a template promises stands still (`coupon_template`); what everybody counts on is a narrow row of its own
(`coupon_stock`), so that a rush for one template updates as few bytes as possible.
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base

ALARM_PERCENT = 80


class TemplateRow(Base):
    """One sort of coupon. `code` names shipped ones, `occasion` says when the product grants one by itself."""

    __tablename__ = "coupon_template"
    __table_args__ = (
        CheckConstraint("kind IN ('cash', 'discount', 'exchange', 'freight')", name="kind_known"),
        CheckConstraint("level IN ('product', 'order', 'freight')", name="level_known"),
        CheckConstraint("state IN ('draft', 'open', 'taking_stopped', 'use_stopped')", name="state_known"),
        CheckConstraint("(kind = 'discount') = (percent IS NOT NULL)", name="percent_of_discount"),
        CheckConstraint("(valid_days IS NULL) <> (ends_before IS NULL)", name="one_validity"),
        CheckConstraint("per_customer > 0 AND value_fen >= 0 AND threshold_fen >= 0", name="sums_whole"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str]
    value_fen: Mapped[int]
    percent: Mapped[int | None]
    cap_fen: Mapped[int | None]
    threshold_fen: Mapped[int]
    scope: Mapped[dict[str, Any]]
    with_member_price: Mapped[bool]
    with_points: Mapped[bool]
    valid_days: Mapped[int | None]
    starts_at: Mapped[dt.datetime | None]
    ends_before: Mapped[dt.datetime | None]
    extends_days: Mapped[int]
    words: Mapped[str]
    take_from: Mapped[dt.datetime | None]
    take_before: Mapped[dt.datetime | None]
    per_customer: Mapped[int]
    public: Mapped[bool]
    occasion: Mapped[str | None] = mapped_column(index=True)
    from_pool: Mapped[bool]
    state: Mapped[str]
    approved_by: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    built_in: Mapped[bool]
    created_at: Mapped[dt.datetime]


class StockRow(Base):
    """The counters of a limited template; both limits are kept here, by CHECK and by the condition of the update."""

    __tablename__ = "coupon_stock"
    __table_args__ = (
        CheckConstraint("taken >= 0 AND (total IS NULL OR taken <= total)", name="within_total"),
        CheckConstraint(
            "promised_fen >= 0 AND (budget_fen IS NULL OR promised_fen <= budget_fen)", name="within_budget"
        ),
    )
    template_id: Mapped[int] = mapped_column(ForeignKey("coupon_template.id"), primary_key=True, autoincrement=False)
    total: Mapped[int | None]
    budget_fen: Mapped[int | None]
    taken: Mapped[int]
    promised_fen: Mapped[int]
    alarmed_at: Mapped[dt.datetime | None]


class HoldingRow(Base):
    """How many coupons of a template somebody took (grants are not counted: each has a cause of its own).

    It follows from the coupons: there is a row where one was ever taken, `taken` counts those not withdrawn.
    """

    __tablename__ = "coupon_holding"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "template_id"), CheckConstraint("taken >= 0", name="no_debt"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    template_id: Mapped[int]
    taken: Mapped[int]


class CouponRow(Base):
    """One person's coupon; what happened to it is told by `coupon_use`. `locked_by`: the former self who keeps it for an
    order. A cause gives one coupon a person: two who were merged may have brought one each, hence the self in the key."""

    __tablename__ = "coupon"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "id"),
        Index("uq_coupon_customer_id_cause", "customer_id", "cause", "born_customer_id", unique=True),
        Index("ix_coupon_ends_before", "ends_before", postgresql_where=text("state = 'usable'")),
        Index("ix_coupon_locked_until", "locked_until", postgresql_where=text("state = 'locked'")),
        CheckConstraint("state IN ('usable', 'locked', 'redeemed', 'expired', 'void')", name="state_known"),
        CheckConstraint("(state = 'locked') = (locked_until IS NOT NULL)", name="locked_until_when"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    born_customer_id: Mapped[int]
    template_id: Mapped[int]
    code: Mapped[str]
    cause: Mapped[str]
    taken: Mapped[bool]
    state: Mapped[str]
    taken_at: Mapped[dt.datetime]
    starts_at: Mapped[dt.datetime]
    ends_before: Mapped[dt.datetime]
    locked_until: Mapped[dt.datetime | None]
    locked_for: Mapped[str | None]
    locked_by: Mapped[int | None]
    redeemed_at: Mapped[dt.datetime | None]
    redeemed_store_id: Mapped[int | None]
    ended_at: Mapped[dt.datetime | None]


class CodeRow(Base):
    """Whose coupon a code is: a registry, because a till knows nothing but the code."""

    __tablename__ = "coupon_code"
    code: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    coupon_id: Mapped[int]


class PoolCodeRow(Base):
    """A code that came from outside and is given out once."""

    __tablename__ = "coupon_pool_code"
    __table_args__ = (
        Index("ix_coupon_pool_code_template_id_code", "template_id", "code", postgresql_where=text("given_at IS NULL")),
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("coupon_template.id"))
    given_at: Mapped[dt.datetime | None]


class UseRow(Base):
    """One use of a coupon: for which order or at which till, and when it was given back. `cause` is order:<channel>/<number>,
    or the till's or clerk's own act. `carried_by`: the former self whose order or card it was used with; where it was
    shown by itself or in an order of somebody else, the self it was born to."""

    __tablename__ = "coupon_use"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "coupon_id", "cause"),
        # Deferrable: merging re-points coupons and their uses one table after the other.
        ForeignKeyConstraint(
            ["customer_id", "coupon_id"], ["coupon.customer_id", "coupon.id"], deferrable=True, initially="IMMEDIATE"
        ),
        # One use at a time: the second till loses here even if everything else failed.
        Index(
            "uq_coupon_use_standing", "customer_id", "coupon_id", unique=True,
            postgresql_where=text("given_back_at IS NULL"),
        ),
        Index("ix_coupon_use_order_id", "order_id", postgresql_where=text("order_id IS NOT NULL")),
    )  # fmt: skip
    customer_id: Mapped[int]
    coupon_id: Mapped[int]
    born_customer_id: Mapped[int]
    carried_by: Mapped[int]
    cause: Mapped[str]
    order_id: Mapped[int | None]
    used_at: Mapped[dt.datetime]
    store_id: Mapped[int | None]
    staff_id: Mapped[int | None]
    till: Mapped[str | None]
    given_back_at: Mapped[dt.datetime | None]
    given_back_why: Mapped[str | None]


class BatchRow(Base):
    """A grant in bulk and how far it has come: wanted = granted + left_out once it is done."""

    __tablename__ = "coupon_batch"
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("coupon_template.id"))
    cause: Mapped[str] = mapped_column(unique=True)
    wanted: Mapped[int]
    granted: Mapped[int]
    left_out: Mapped[int]
    created_at: Mapped[dt.datetime]
