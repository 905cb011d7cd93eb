"""The locking reads of the ledger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import carrier
from app.kernel.database import Statement, in_one_trip
from app.membership.points.rules import Account, Lot


@dataclass(frozen=True)
class Movement:
    """One cause that moved points once. `born_customer_id`: the former self whose doing it was."""

    id: int
    customer_id: int
    born_customer_id: int
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
        "SELECT id, customer_id, born_customer_id, cause, kind, amount, at FROM points_movement"
        " WHERE customer_id = :customer_id AND cause = :cause"
    )
)
_OPEN_ACCOUNTS = Statement(
    lambda: text(
        "INSERT INTO points_account (customer_id)"
        " SELECT id FROM unnest(CAST(:customer_ids AS bigint[])) AS wanted(id) ORDER BY id ON CONFLICT DO NOTHING"
    )
)


def open_accounts(session: Session, customer_ids: Collection[int]) -> None:
    """Open the accounts that are not there yet."""
    _OPEN_ACCOUNTS.rows(session, customer_ids=sorted(set(customer_ids)))


def lock_account(session: Session, customer_id: int) -> dict[str, Any]:
    """Lock one account until the transaction ends; it is opened where there is none yet."""
    account = LOCK.row(session, customer_id=customer_id)
    if account is None:
        open_accounts(session, [customer_id])
        account = LOCK.row(session, customer_id=customer_id)
    assert account is not None  # noqa: S101  (opened in the line above)
    return account


def lock_and_find(session: Session, *, customer_id: int, cause: str) -> tuple[dict[str, Any], Movement | None]:
    """Lock one account and look up the cause: two statements, the second sees what the lock waited for; one round trip."""
    wanted = {"customer_id": customer_id}
    accounts, found = in_one_trip(session, (LOCK, wanted), (FIND, {**wanted, "cause": cause}))
    if not accounts:
        return lock_account(session, customer_id), find_movement(session, customer_id=customer_id, cause=cause)
    return accounts[0], _own(found, customer_id)


def find_movement(session: Session, *, customer_id: int, cause: str) -> Movement | None:
    """What this cause moved, or None. Ask under the account's lock: a twin has committed by then."""
    return _own(FIND.rows(session, customer_id=customer_id, cause=cause), customer_id)


def _own(found: Sequence[dict[str, Any]], customer_id: int) -> Movement | None:
    """Two who were merged may both have had the cause: then the movement of the self by whom they come, or either."""
    if not found:
        return None
    born = carrier.born(customer_id)
    return Movement(**next((row for row in found if row["born_customer_id"] == born), found[0]))


_LOCK_MANY = Statement(
    lambda: text(
        "SELECT customer_id, owed, earns_since FROM points_account"
        " WHERE customer_id = ANY(:customer_ids) ORDER BY customer_id FOR NO KEY UPDATE"
    )
)
_LOT_FIELDS = (
    "id", "amount", "remaining", "earned_at", "expires_at", "state", "opens_at", "order_id", "born_customer_id",
)  # fmt: skip
_LOT = "lot.customer_id, " + ", ".join(f"lot.{name}" for name in _LOT_FIELDS)
_LOTS_LEFT = Statement(
    lambda: text(
        f"""
        SELECT {_LOT}, coalesce((
            SELECT sum(use.amount) FROM points_lot_use AS use
            JOIN points_movement AS movement ON (movement.customer_id, movement.id) = (use.customer_id, use.movement_id)
            WHERE use.customer_id = lot.customer_id AND use.lot_id = lot.id AND movement.kind = 'expire'
              AND lot.id = ANY(:also)), 0)::bigint AS expired
        FROM points_lot AS lot
        WHERE lot.customer_id = ANY(:customer_ids) AND (lot.remaining > 0 OR lot.id = ANY(:also))
        """  # noqa: S608  (columns of our own)
    )
)
_LOTS_USED = Statement(
    lambda: text(
        f"SELECT {_LOT}, use.amount AS used"  # noqa: S608  (columns of our own)
        " FROM points_lot_use AS use JOIN points_lot AS lot USING (customer_id)"
        " WHERE use.customer_id = :customer_id AND use.movement_id = :movement_id AND lot.id = use.lot_id"
        " ORDER BY lot.expires_at, lot.id"
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
    open_accounts(session, wanted)
    rows = _LOCK_MANY.rows(session, customer_ids=wanted)
    return Locked(
        accounts={row["customer_id"]: Account(row["customer_id"], owed=row["owed"]) for row in rows},
        earns_since={row["customer_id"]: row["earns_since"] for row in rows},
    )


def load_lots(session: Session, accounts: Iterable[Account], *, also: Sequence[int] = ()) -> None:
    """Put the lots that still hold something into locked accounts, and the lots `also` with what of them has expired."""
    by_customer = {account.customer_id: account for account in accounts}
    found: dict[int, list[Lot]] = defaultdict(list)
    for row in _LOTS_LEFT.rows(session, customer_ids=sorted(by_customer), also=list(also)):
        found[row["customer_id"]].append(lot_of(row, expired=row["expired"]))
    for customer_id, account in by_customer.items():
        account.lots = found[customer_id]


def lots_used(session: Session, *, customer_id: int, movement_id: int) -> list[tuple[Lot, int]]:
    """The lots a movement took from, with how much, the first to end first."""
    rows = _LOTS_USED.rows(session, customer_id=customer_id, movement_id=movement_id)
    return [(lot_of(row), row["used"]) for row in rows]


def lot_of(row: dict[str, Any], *, expired: int = 0) -> Lot:
    """A lot from a row that has its columns."""
    return Lot(**{name: row[name] for name in _LOT_FIELDS}, expired=expired)
