"""Writing drafts of movements, set-wise: a handful of statements whatever the number of customers.

Every account concerned is locked by the caller; what is written comes from rows read under that lock.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.database import Statement, db
from app.kernel.facts import announce
from app.membership.points.facts import PointsChanged
from app.membership.points.queries import Movement
from app.membership.points.rules import Draft, Lot, words_for

_IDS = Statement(
    lambda: text(
        "SELECT nextval(pg_get_serial_sequence(:of_table, 'id')) AS id FROM generate_series(1, CAST(:count AS bigint))"
    )
)
_MOVEMENTS = Statement(
    lambda: text(
        """
        INSERT INTO points_movement (customer_id, born_customer_id, id, cause, kind, amount, at, rule_version,
                                     gives_back, explain)
        OVERRIDING SYSTEM VALUE
        SELECT customer_id, born_customer_id, id, cause, kind, amount, :now, rule_version, gives_back, explain
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:born_customer_id AS bigint[]), CAST(:id AS bigint[]),
                    CAST(:cause AS text[]), CAST(:kind AS text[]), CAST(:amount AS bigint[]), CAST(:rule_version AS bigint[]),
                    CAST(:gives_back AS bigint[]), CAST(:explain AS jsonb[]))
             AS draft (customer_id, born_customer_id, id, cause, kind, amount, rule_version, gives_back, explain)
        """
    )
)
_ENTRIES = Statement(
    lambda: text(
        """
        INSERT INTO points_entry (customer_id, born_customer_id, movement_id, pot, amount)
        SELECT customer_id, born_customer_id, movement_id, pot, amount
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:born_customer_id AS bigint[]),
                    CAST(:movement_id AS bigint[]), CAST(:pot AS text[]), CAST(:amount AS bigint[]))
             AS draft (customer_id, born_customer_id, movement_id, pot, amount)
        """
    )
)
_NEW_LOTS = Statement(
    lambda: text(
        """
        INSERT INTO points_lot (customer_id, born_customer_id, movement_id, id, order_id, earned_at, opens_at,
                                expires_at, amount, remaining, state)
        OVERRIDING SYSTEM VALUE
        SELECT customer_id, born_customer_id, movement_id, id, order_id, earned_at, opens_at, expires_at, amount,
               remaining, state
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:born_customer_id AS bigint[]), CAST(:movement_id AS bigint[]),
                    CAST(:id AS bigint[]), CAST(:order_id AS bigint[]),
                    CAST(:earned_at AS timestamptz[]), CAST(:opens_at AS timestamptz[]),
                    CAST(:expires_at AS timestamptz[]), CAST(:amount AS bigint[]), CAST(:remaining AS bigint[]),
                    CAST(:state AS text[]))
             AS draft (customer_id, born_customer_id, movement_id, id, order_id, earned_at, opens_at, expires_at,
                       amount, remaining, state)
        """
    )
)
_OLD_LOTS = Statement(
    lambda: text(
        """
        UPDATE points_lot SET remaining = change.remaining, state = change.state, opens_at = change.opens_at
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:id AS bigint[]), CAST(:remaining AS bigint[]),
                    CAST(:state AS text[]), CAST(:opens_at AS timestamptz[]))
             AS change (customer_id, id, remaining, state, opens_at)
        WHERE points_lot.customer_id = change.customer_id AND points_lot.id = change.id
        """
    )
)
_USES = Statement(
    lambda: text(
        """
        INSERT INTO points_lot_use (customer_id, born_customer_id, lot_id, movement_id, amount)
        SELECT customer_id, born_customer_id, lot_id, movement_id, sum(amount)
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:born_customer_id AS bigint[]), CAST(:lot_id AS bigint[]),
                    CAST(:movement_id AS bigint[]), CAST(:amount AS bigint[]))
             AS draft (customer_id, born_customer_id, lot_id, movement_id, amount)
        GROUP BY customer_id, born_customer_id, lot_id, movement_id HAVING sum(amount) <> 0
        """
    )
)
_BALANCES = Statement(
    lambda: text(
        """
        UPDATE points_account AS account
        SET spendable = account.spendable + change.member, pending = account.pending + change.pending,
            held = account.held + change.held, owed = account.owed - change.owed
        FROM unnest(CAST(:customer_id AS bigint[]), CAST(:member AS bigint[]), CAST(:pending AS bigint[]),
                    CAST(:held AS bigint[]), CAST(:owed AS bigint[]))
             AS change (customer_id, member, pending, held, owed)
        WHERE account.customer_id = change.customer_id
        """
    )
)
_BALANCE_POTS = ("member", "pending", "held", "owed")


def write(drafts: Sequence[Draft], *, now: dt.datetime) -> list[Movement]:
    """Write the drafts in their order, change the balances by them, tell whose changed, and give the movements."""
    movements = record(drafts, now=now)
    if drafts:
        _change_balances(db.session(), drafts)
        announce(
            PointsChanged(
                movement.customer_id,
                movement.born_customer_id,
                movement.id,
                movement.kind,
                change,
                words_for(movement.kind, draft.explain),
                now,
            )
            for movement, draft in zip(movements, drafts, strict=True)
            if (change := draft.pots.get("member", 0))
        )
    return movements


def record(drafts: Sequence[Draft], *, now: dt.datetime) -> list[Movement]:
    """Write the drafts and leave the balances to the caller, who counts them anew from the entries."""
    if not drafts:
        return []
    session = db.session()
    ids = _new_ids(session, "points_movement", len(drafts))
    numbered = list(zip(ids, drafts, strict=True))
    _MOVEMENTS.rows(
        session,
        now=now,
        id=ids,
        explain=[Jsonb(dict(draft.explain)) for draft in drafts],
        **_columns(drafts, "customer_id", "born_customer_id", "cause", "kind", "amount", "rule_version", "gives_back"),
    )
    _write_lots(session, numbered)
    entries = [
        (draft.customer_id, draft.born_customer_id, number, pot, amount)
        for number, draft in numbered
        for pot, amount in draft.pots.items()
        if amount
    ]
    _insert(session, _ENTRIES, ("customer_id", "born_customer_id", "movement_id", "pot", "amount"), entries)
    return [
        Movement(number, draft.customer_id, draft.born_customer_id, draft.cause, draft.kind, draft.amount, now)
        for number, draft in numbered
    ]


def allot(numbered: Sequence[tuple[int, Draft]]) -> None:
    """Write what movements that are there already bring and use of lots, told anew; by the movements' ids."""
    _write_lots(db.session(), numbered)


def _write_lots(session: Session, numbered: Sequence[tuple[int, Draft]]) -> None:
    brought = [(draft, number, lot) for number, draft in numbered for lot in draft.brings]
    touched = {
        (draft.customer_id, lot.id): lot for _, draft in numbered for lot, _ in draft.uses if lot.id is not None
    } | {(draft.customer_id, lot.id): lot for _, draft in numbered for lot in draft.opened}
    _insert(
        session,
        _OLD_LOTS,
        ("customer_id", "id", "remaining", "state", "opens_at"),
        [(customer_id, lot.id, lot.remaining, lot.state, lot.opens_at) for (customer_id, _), lot in touched.items()],
    )
    if brought:
        for (_, _, lot), number in zip(brought, _new_ids(session, "points_lot", len(brought)), strict=True):
            lot.id = number
        fields = ("id", "order_id", "earned_at", "opens_at", "expires_at", "amount", "remaining", "state")
        _NEW_LOTS.rows(
            session,
            **_columns([draft for draft, _, _ in brought], "customer_id", "born_customer_id"),
            movement_id=[movement_id for _, movement_id, _ in brought],
            **_columns([lot for _, _, lot in brought], *fields),
        )
    uses = [
        (draft.customer_id, draft.born_customer_id, lot.id, number, amount)
        for number, draft in numbered
        for lot, amount in draft.uses
    ]
    _insert(session, _USES, ("customer_id", "born_customer_id", "lot_id", "movement_id", "amount"), uses)


def _change_balances(session: Session, drafts: Sequence[Draft]) -> None:
    changes: dict[int, dict[str, int]] = {}
    for draft in drafts:
        change = changes.setdefault(draft.customer_id, dict.fromkeys(_BALANCE_POTS, 0))
        for pot in _BALANCE_POTS:
            change[pot] += draft.pots.get(pot, 0)
    rows = [(customer_id, *(change[pot] for pot in _BALANCE_POTS)) for customer_id, change in changes.items()]
    _insert(session, _BALANCES, ("customer_id", *_BALANCE_POTS), rows)


def _new_ids(session: Session, table: str, count: int) -> list[int]:
    return [row["id"] for row in _IDS.rows(session, of_table=table, count=count)]


def _columns(rows: Iterable[Draft | Lot], *names: str) -> dict[str, list[Any]]:
    rows = list(rows)
    return {name: [getattr(row, name) for row in rows] for name in names}


def _insert(session: Session, statement: Statement, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        statement.rows(session, **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
