"""Tables of the points mall."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base


class RewardRow(Base):
    """Something to be had for points. `code` names shipped ones; `taken` is kept within `total` by CHECK and condition."""

    __tablename__ = "reward"
    __table_args__ = (
        CheckConstraint("kind IN ('coupon', 'gift', 'donation')", name="kind_known"),
        CheckConstraint("state IN ('draft', 'open', 'closed')", name="state_known"),
        CheckConstraint("(kind = 'coupon') = (template_id IS NOT NULL)", name="template_of_coupon"),
        CheckConstraint("taken >= 0 AND (total IS NULL OR taken <= total)", name="within_total"),
        CheckConstraint("points > 0", name="not_for_nothing"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    code: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[str]
    points: Mapped[int]
    template_id: Mapped[int | None] = mapped_column(ForeignKey("coupon_template.id"))
    total: Mapped[int | None]
    taken: Mapped[int]
    per_customer: Mapped[int | None]
    words: Mapped[str]
    state: Mapped[str]
    built_in: Mapped[bool]
    created_at: Mapped[dt.datetime]


class RewardHoldingRow(Base):
    """How many of a reward somebody has; a cancelled exchange does not count. It follows from the exchanges."""

    __tablename__ = "reward_holding"
    __table_args__ = (PrimaryKeyConstraint("customer_id", "reward_id"), CheckConstraint("taken >= 0", name="no_debt"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    reward_id: Mapped[int]
    taken: Mapped[int]


class ExchangeRow(Base):
    """One exchange; the points are in the ledger of points under `exchange:<cause>`. A cause gives one exchange a person: two
    who were merged may have brought one each, hence the self in the key."""

    __tablename__ = "reward_exchange"
    __table_args__ = (
        PrimaryKeyConstraint("customer_id", "id"),
        Index("uq_reward_exchange_customer_id_cause", "customer_id", "cause", "born_customer_id", unique=True),
        CheckConstraint("state IN ('done', 'waiting', 'collected', 'cancelled')", name="state_known"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    born_customer_id: Mapped[int]
    reward_id: Mapped[int]
    cause: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    points: Mapped[int]
    state: Mapped[str]
    pickup_code: Mapped[str | None]
    coupon_id: Mapped[int | None]
    exchanged_at: Mapped[dt.datetime]
    collected_at: Mapped[dt.datetime | None]
    collected_store_id: Mapped[int | None]
    collected_by: Mapped[int | None]
    cancelled_at: Mapped[dt.datetime | None]


class PickupCodeRow(Base):
    """Whose exchange a pick-up code is: the clerk knows nothing but the code."""

    __tablename__ = "reward_pickup_code"
    code: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    exchange_id: Mapped[int]
