"""Questions about points, and the locking reads of the ledger."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, DateTime, and_, bindparam, cast, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel import carrier, policy
from app.kernel.database import Statement, in_one_trip, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.points.models import PointsAccount, PointsLot
from app.membership.points.rules import Account, Lot, PointsPolicy, words_for

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


NOW: ColumnElement[dt.datetime] = bindparam("now", type_=DateTime(timezone=True))


def summary_of(customer_id: ColumnElement[int], *, now: ColumnElement[dt.datetime] = NOW) -> LateralFromClause:
    """A member's balance as a lateral subquery of one row, to be joined into a statement of others' rows.

    Columns: spendable, pending, held, owed, expiring, expires_at. What has ended but was not yet cleared is not counted.
    `now` is by default the statement's own parameter `now`.
    """
    account, lot = PointsAccount.__table__.c, PointsLot.__table__.c
    ends = and_(
        lot.customer_id == account.customer_id, lot.state == "open", lot.remaining > 0, lot.expires_at <= now + SOON
    )
    soon = lot.expires_at > now

    def balance(name: str) -> ColumnElement[int]:
        return func.coalesce(func.max(account[name]), 0)

    def sum_of(which: ColumnElement[bool]) -> ColumnElement[int]:
        return cast(func.coalesce(func.sum(lot.remaining).filter(which), 0), BigInteger)

    # One flat select: a subquery inside it would not see whose row it stands beside.
    return (
        select(
            (balance("spendable") - sum_of(lot.expires_at <= now)).label("spendable"),
            *(balance(name).label(name) for name in ("pending", "held", "owed")),
            sum_of(soon).label("expiring"),
            func.min(lot.expires_at).filter(soon).label("expires_at"),
        )
        .select_from(PointsAccount.__table__.outerjoin(PointsLot.__table__, ends))
        .where(account.customer_id == customer_id)
        .lateral("points")
    )


def _balance() -> Any:
    points = summary_of(bindparam("customer_id", type_=PointsAccount.__table__.c.customer_id.type))
    return select(points)


_BALANCE = Statement(_balance)


def get_balance(customer_id: int, *, now: dt.datetime) -> Balance:
    """What a customer has at this moment; all zero for somebody who never earned anything."""
    with reading() as connection:
        return balance_in(connection, customer_id=customer_id, now=now)


def balance_in(connection: Connection | Session, *, customer_id: int, now: dt.datetime) -> Balance:
    """The same as a transaction sees it that is under way."""
    row = _BALANCE.row(connection, customer_id=customer_id, now=now)
    assert row is not None  # noqa: S101  (aggregates give one row)
    ends = row.pop("expires_at")
    return Balance(**{name: int(value) for name, value in row.items()}, expires_at=ends)


@dataclass(frozen=True)
class Line:
    """One movement as its member reads it: what changed of the spendable, the pending and the owed points, and why.

    `rule_version`: the version of the rules it was made under (M07). `expires_at`: when the points it brought end.
    """

    id: int
    at: dt.datetime
    kind: str
    words: str
    spendable: int
    pending: int
    held: int
    owed: int
    rule_version: int | None
    order_number: str | None
    expires_at: dt.datetime | None


_LINES = Statement(
    lambda: text(
        """
        SELECT movement.id, movement.at, movement.kind, movement.rule_version, movement.explain,
               (SELECT jsonb_object_agg(entry.pot, entry.amount) FROM points_entry AS entry
                WHERE (entry.customer_id, entry.movement_id) = (movement.customer_id, movement.id)) AS pots,
               (SELECT min(lot.expires_at) FROM points_lot AS lot
                WHERE (lot.customer_id, lot.movement_id) = (movement.customer_id, movement.id)) AS expires_at
        FROM points_movement AS movement
        WHERE movement.customer_id = :customer_id AND (CAST(:before AS bigint) IS NULL OR movement.id < :before)
        ORDER BY movement.id DESC LIMIT :limit
        """
    )
)


def explain(customer_id: int, *, cursor: str | None = None, limit: int = 20) -> Page[Line]:
    """A customer's movements line by line, the latest first. Raises CursorInvalid."""
    before = _before(cursor) if cursor else None
    with reading() as connection:
        rows = _LINES.rows(connection, customer_id=customer_id, before=before, limit=limit + 1)
    return page_of([_line(row) for row in rows], limit, lambda line: [line.id])


def _before(cursor: str) -> int:
    match decode_cursor(cursor):
        case [int(movement_id)]:
            return movement_id
        case _:  # a cursor of ours, but of another list
            raise CursorInvalid


def _line(row: dict[str, Any]) -> Line:
    pots, particulars = row["pots"] or {}, row["explain"]
    return Line(
        id=row["id"],
        at=row["at"],
        kind=row["kind"],
        words=words_for(row["kind"], particulars),
        spendable=pots.get("member", 0),
        pending=pots.get("pending", 0),
        held=pots.get("held", 0),
        owed=-pots.get("owed", 0),
        rule_version=row["rule_version"],
        order_number=particulars.get("order_number"),
        expires_at=row["expires_at"],
    )


_LIABILITY = Statement(
    lambda: text(
        """
        SELECT (SELECT coalesce(sum(remaining), 0)::bigint FROM points_lot
                WHERE remaining > 0 AND (state = 'pending' OR expires_at > :now)) AS in_lots,
               (SELECT coalesce(sum(amount), 0)::bigint FROM points_hold WHERE state = 'open') AS held,
               (SELECT coalesce(sum(owed), 0)::bigint FROM points_account WHERE owed > 0) AS owed
        """
    )
)


@dataclass(frozen=True)
class Liability:
    """What the brand's outstanding points are worth in its books (M07); what members owe stands apart."""

    points: int
    worth_fen: int
    owed: int

    @classmethod
    def as_of(cls, now: dt.datetime) -> "Liability":
        """The figure at this moment, over all members: lots that have not ended, pending ones too, and what is held."""
        with reading() as connection:
            row = _LIABILITY.row(connection, now=now) or {}
        points = row["in_lots"] + row["held"]
        return cls(points, points * policy.current(PointsPolicy).book_value_fen // 100, row["owed"])
