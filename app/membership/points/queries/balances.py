"""What members see of their points, and the brand of all."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, DateTime, and_, bindparam, cast, func, select, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import LateralFromClause

from app.kernel import policy
from app.kernel.database import Statement, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.points.models import PointsAccount, PointsLot
from app.membership.points.rules import PointsPolicy, words_for

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
