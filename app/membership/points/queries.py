"""Questions about points, and the locking reads of the ledger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import DateTime, and_, bindparam, func, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel.database import Statement, reading
from app.membership.points.models import PointsAccount, PointsLot
from app.membership.points.rules import Account, Lot

SOON = dt.timedelta(days=30)


@dataclass(frozen=True)
class Balance:
    """What a member has. `expiring`: how much of `spendable` ends within 30 days, the first of it before `expires_at`."""

    spendable: int = 0
    pending: int = 0
    held: int = 0
    owed: int = 0
    expiring: int = 0
    expires_at: dt.datetime | None = None


@dataclass(frozen=True)
class Movement:
    """One cause that moved points once."""

    id: int
    customer_id: int
    cause: str
    kind: str
    amount: int
    at: dt.datetime


LOCK = Statement(
    lambda: text(
        "SELECT spendable, pending, held, owed, earns_since FROM points_account"
        " WHERE customer_id = :customer_id FOR NO KEY UPDATE"
    )
)
FIND = Statement(
    lambda: text(
        "SELECT id, customer_id, cause, kind, amount, at FROM points_movement"
        " WHERE customer_id = :customer_id AND cause = :cause"
    )
)
_OPEN_ACCOUNTS = Statement(
    lambda: text(
        "INSERT INTO points_account (customer_id)"
        " SELECT id FROM unnest(CAST(:customer_ids AS bigint[])) AS wanted(id) ORDER BY id ON CONFLICT DO NOTHING"
    )
)


def lock_account(session: Session, customer_id: int) -> dict[str, Any]:
    """Lock one account until the transaction ends; it is opened where there is none yet."""
    account = LOCK.row(session, customer_id=customer_id)
    if account is None:
        _OPEN_ACCOUNTS.rows(session, customer_ids=[customer_id])
        account = LOCK.row(session, customer_id=customer_id)
    assert account is not None  # noqa: S101  (opened in the line above)
    return account


def find_movement(session: Session, *, customer_id: int, cause: str) -> Movement | None:
    """What this cause moved, or None. Ask under the account's lock: a twin has committed by then."""
    row = FIND.row(session, customer_id=customer_id, cause=cause)
    return Movement(**row) if row else None


_LOCK_MANY = Statement(
    lambda: text(
        "SELECT customer_id, owed, earns_since FROM points_account"
        " WHERE customer_id = ANY(:customer_ids) ORDER BY customer_id FOR NO KEY UPDATE"
    )
)
_LOT_FIELDS = ("id", "amount", "remaining", "earned_at", "expires_at", "state", "opens_at", "order_id")
_LOT = "lot.customer_id, " + ", ".join(f"lot.{name}" for name in _LOT_FIELDS)
_LOTS_LEFT = Statement(
    lambda: text(f"SELECT {_LOT} FROM points_lot AS lot WHERE customer_id = ANY(:customer_ids) AND remaining > 0")  # noqa: S608
)
_LOTS_USED = Statement(
    lambda: text(
        f"SELECT {_LOT}, use.amount AS used"  # noqa: S608  (columns of our own)
        " FROM points_lot_use AS use JOIN points_lot AS lot USING (customer_id)"
        " WHERE use.customer_id = :customer_id AND use.movement_id = :movement_id AND lot.id = use.lot_id"
    )
)


@dataclass
class Locked:
    """Accounts that are locked until the transaction ends, and since when each one's orders earn."""

    accounts: dict[int, Account] = field(default_factory=dict)
    earns_since: dict[int, dt.datetime | None] = field(default_factory=dict)


def lock_accounts(session: Session, customer_ids: Collection[int]) -> Locked:
    """Lock many accounts, always in the order of their ids, so that two batches never wait for each other in a ring."""
    wanted = sorted(set(customer_ids))
    _OPEN_ACCOUNTS.rows(session, customer_ids=wanted)
    rows = _LOCK_MANY.rows(session, customer_ids=wanted)
    return Locked(
        accounts={row["customer_id"]: Account(row["customer_id"], owed=row["owed"]) for row in rows},
        earns_since={row["customer_id"]: row["earns_since"] for row in rows},
    )


def load_lots(session: Session, accounts: Iterable[Account]) -> None:
    """Put the lots that still hold something into locked accounts."""
    by_customer = {account.customer_id: account for account in accounts}
    found: dict[int, list[Lot]] = defaultdict(list)
    for row in _LOTS_LEFT.rows(session, customer_ids=sorted(by_customer)):
        found[row["customer_id"]].append(lot_of(row))
    for customer_id, account in by_customer.items():
        account.lots = found[customer_id]


def lots_used(session: Session, *, customer_id: int, movement_id: int) -> list[tuple[Lot, int]]:
    """The lots a movement took from, with how much."""
    rows = _LOTS_USED.rows(session, customer_id=customer_id, movement_id=movement_id)
    return [(lot_of(row), row["used"]) for row in rows]


def lot_of(row: dict[str, Any]) -> Lot:
    """A lot from a row that has its columns."""
    return Lot(**{name: row[name] for name in _LOT_FIELDS})


NOW: ColumnElement[dt.datetime] = bindparam("now", type_=DateTime(timezone=True))


def summary_of(customer_id: ColumnElement[int], *, now: ColumnElement[dt.datetime] = NOW) -> LateralFromClause:
    """A member's balance as a lateral subquery of one row, to be joined into a statement of others' rows.

    Columns: spendable, pending, held, owed, expiring, expires_at. What has ended but was not yet cleared is not counted.
    `now` is by default the statement's own parameter `now`.
    """
    account, lot = PointsAccount.__table__.c, PointsLot.__table__.c
    usable = and_(lot.state == "open", lot.remaining > 0)
    soon = and_(lot.expires_at > now, lot.expires_at <= now + SOON)
    lots = (
        select(
            func.coalesce(func.sum(lot.remaining).filter(lot.expires_at <= now), 0).label("ended"),
            func.coalesce(func.sum(lot.remaining).filter(soon), 0).label("expiring"),
            func.min(lot.expires_at).filter(soon).label("expires_at"),
        )
        .where(lot.customer_id == customer_id, usable, lot.expires_at <= now + SOON)
        .subquery("points_ending")
    )
    balances = (
        select(
            *(
                func.coalesce(func.max(account[name]), 0).label(name)
                for name in ("spendable", "pending", "held", "owed")
            )
        )
        .where(account.customer_id == customer_id)
        .subquery("points_balance")
    )
    return (
        select(
            (balances.c.spendable - lots.c.ended).label("spendable"),
            balances.c.pending,
            balances.c.held,
            balances.c.owed,
            lots.c.expiring,
            lots.c.expires_at,
        )
        .select_from(balances.join(lots, text("true")))
        .lateral("points")
    )


def _balance() -> Any:
    points = summary_of(bindparam("customer_id", type_=PointsAccount.__table__.c.customer_id.type))
    return select(points)


_BALANCE = Statement(_balance)


def get_balance(customer_id: int, *, now: dt.datetime) -> Balance:
    """What a customer has at this moment; all zero for somebody who never earned anything."""
    with reading() as connection:
        row = _BALANCE.row(connection, customer_id=customer_id, now=now)
    assert row is not None  # noqa: S101  (aggregates give one row)
    ends = row.pop("expires_at")
    return Balance(**{name: int(value) for name, value in row.items()}, expires_at=ends)
