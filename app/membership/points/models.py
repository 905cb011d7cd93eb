"""Tables of the points ledger.

A movement is one cause; its entries sum to zero over the pots; lots say when points end and what used them. Movements,
entries and uses are append-only: a trigger refuses every change but the customer a row belongs to (merging, undo), and
that undoing a merge allots anew which lots its time's movements used.
"""

import datetime as dt
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.database import Base
from app.kernel.policy import policy
from app.membership.points.rules import POTS, PointsPolicy

policy("points")(PointsPolicy)

# Merging moves rows from one customer to another, table by table: it defers these keys to the end of its transaction.
MOVABLE: dict[str, Any] = {"deferrable": True, "initially": "IMMEDIATE"}


class PointsAccount(Base):
    """A customer's balances: a convenience kept beside the entries, which are the truth.

    `owed` is what refunds could not take back (M03); nothing can be spent while it is there. `earns_since` is set when
    the customer becomes a member: orders paid earlier earn nothing, and without it no order does. It is the earliest of
    the dates of their former selves (points_earner).
    """

    __tablename__ = "points_account"
    __table_args__ = (
        CheckConstraint("spendable >= 0", name="spendable"),
        CheckConstraint("pending >= 0", name="pending"),
        CheckConstraint("held >= 0", name="held"),
        CheckConstraint("owed >= 0", name="owed"),
        CheckConstraint("owed = 0 OR spendable = 0", name="debt_first"),
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, autoincrement=False)
    spendable: Mapped[int] = mapped_column(server_default="0")
    pending: Mapped[int] = mapped_column(server_default="0")
    held: Mapped[int] = mapped_column(server_default="0")
    owed: Mapped[int] = mapped_column(server_default="0")
    earns_since: Mapped[dt.datetime | None]


class PointsMovement(Base):
    """One cause moved points once. `amount` is how many, `kind` which way; `explain` holds what the lines show."""

    __tablename__ = "points_movement"
    __table_args__ = (
        # Two who were merged may have the same cause from before: once a former self. Once a person is kept by the
        # look-up of (customer, cause) under the account's lock, which this index serves by its first two columns.
        UniqueConstraint("customer_id", "cause", "born_customer_id"),
        CheckConstraint("amount > 0", name="amount"),
    )
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True, autoincrement=False
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    cause: Mapped[str]
    kind: Mapped[str]
    amount: Mapped[int]
    at: Mapped[dt.datetime]
    rule_version: Mapped[int | None]
    gives_back: Mapped[int | None]
    explain: Mapped[dict[str, Any]]


class PointsEntry(Base):
    """What a movement did to one pot; over a movement the amounts sum to zero."""

    __tablename__ = "points_entry"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "movement_id"],
            ["points_movement.customer_id", "points_movement.id"],
            **MOVABLE,
        ),
        CheckConstraint(f"pot IN ({', '.join(map(repr, POTS))})", name="pot"),
        CheckConstraint("amount <> 0", name="amount"),
    )
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    movement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    pot: Mapped[str] = mapped_column(primary_key=True)
    amount: Mapped[int]
    born_customer_id: Mapped[int]


class PointsLot(Base):
    """Points that came together and end together. `opens_at` is set while they are pending and the date is known."""

    __tablename__ = "points_lot"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "movement_id"],
            ["points_movement.customer_id", "points_movement.id"],
            **MOVABLE,
        ),
        CheckConstraint("remaining BETWEEN 0 AND amount", name="remaining"),
        CheckConstraint("state IN ('pending', 'open')", name="state"),
        Index("ix_points_lot_open", "customer_id", "expires_at", postgresql_where=text("remaining > 0")),
        Index("ix_points_lot_expires_at", "expires_at", postgresql_where=text("remaining > 0 AND state = 'open'")),
        Index("ix_points_lot_opens_at", "opens_at", postgresql_where=text("remaining > 0 AND state = 'pending'")),
        Index("ix_points_lot_movement", "customer_id", "movement_id"),
    )
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    born_customer_id: Mapped[int]
    movement_id: Mapped[int]
    order_id: Mapped[int | None]
    earned_at: Mapped[dt.datetime]
    opens_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime]
    amount: Mapped[int]
    remaining: Mapped[int]
    state: Mapped[str]


class PointsLotUse(Base):
    """How many points of a lot a movement took, or with a minus gave back."""

    __tablename__ = "points_lot_use"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "movement_id"],
            ["points_movement.customer_id", "points_movement.id"],
            **MOVABLE,
        ),
        ForeignKeyConstraint(["customer_id", "lot_id"], ["points_lot.customer_id", "points_lot.id"], **MOVABLE),
        CheckConstraint("amount <> 0", name="amount"),
        Index("ix_points_lot_use_movement", "customer_id", "movement_id"),
    )
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    movement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    amount: Mapped[int]
    born_customer_id: Mapped[int]


class PointsHold(Base):
    """Points set aside for something under way: neither spendable nor spent until settled, released or past its end."""

    __tablename__ = "points_hold"
    __table_args__ = (
        ForeignKeyConstraint(
            ["customer_id", "movement_id"],
            ["points_movement.customer_id", "points_movement.id"],
            **MOVABLE,
        ),
        CheckConstraint("state IN ('open', 'settled', 'released')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_points_hold_expires_at", "expires_at", postgresql_where=text("state = 'open'")),
    )
    customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    movement_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    born_customer_id: Mapped[int]
    amount: Mapped[int]
    expires_at: Mapped[dt.datetime]
    state: Mapped[str]


class PointsOrder(Base):
    """What is known of an order, whatever its facts' order of arrival; the movements follow from it.

    An order earns once ever, whoever it is announced for (M05): hence the key. `earned` is None until its payment is
    known, `reversed` counts what refunds have taken back of it.
    """

    __tablename__ = "points_order"
    __table_args__ = (
        CheckConstraint("reversed >= 0 AND reversed <= coalesce(earned, 0)", name="reversed"),
        Index("ix_points_order_customer_id", "customer_id"),
    )
    order_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[int] = mapped_column(ForeignKey("points_account.customer_id"))
    born_customer_id: Mapped[int]
    number: Mapped[str | None]
    earned: Mapped[int | None]
    reversed: Mapped[int] = mapped_column(server_default="0")
    base_fen: Mapped[int | None]
    refunded_fen: Mapped[int] = mapped_column(server_default="0")
    received_at: Mapped[dt.datetime | None]
    lot_id: Mapped[int | None]


class PointsEarner(Base):
    """Since when the orders of one former self earn: there from the day that self became a member."""

    __tablename__ = "points_earner"
    customer_id: Mapped[int] = mapped_column(
        ForeignKey("points_account.customer_id"), primary_key=True, autoincrement=False
    )
    born_customer_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    earns_since: Mapped[dt.datetime]


class PointsMerge(Base):
    """Since which movement two former selves share one account; gone when the merge is undone.

    `born_customer_id` is the one who went, so that the row goes wherever their rows go: a trigger sees by it to whom a new
    movement may be born. Movements with a higher id than `last_movement_id` were made by the two together. `parting` is
    true only within the transaction that undoes the merge.
    """

    __tablename__ = "points_merge"
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id"), primary_key=True, autoincrement=False)
    merge_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    survivor_id: Mapped[int]
    born_customer_id: Mapped[int]
    last_movement_id: Mapped[int]
    merged_at: Mapped[dt.datetime]
    parting: Mapped[bool] = mapped_column(server_default="false")


class PointsRules(Base):
    """One version of the earning rules, never edited: a change is a new version (M07)."""

    __tablename__ = "points_rules"
    version: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    valid_from: Mapped[dt.datetime] = mapped_column(index=True)
    announced_at: Mapped[dt.datetime]
    built_in: Mapped[bool]
    rules: Mapped[dict[str, Any]]
