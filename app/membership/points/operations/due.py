"""What time does to points: lots and holds end, pending lots open. Each call does at most `limit` in one transaction."""

import datetime as dt
from collections.abc import Callable

from sqlalchemy import text

from app.kernel.database import Statement, db
from app.membership.points import queries, rules
from app.membership.points.operations import ledger, returns
from app.membership.points.rules import Account, Draft, Lot

# The customers first, without locks; then, under their locks, what is still due of theirs.
_ENDING = Statement(
    lambda: text(
        "SELECT customer_id FROM points_lot WHERE remaining > 0 AND state = 'open' AND expires_at <= :now"
        " ORDER BY expires_at LIMIT :limit"
    )
)
_OPENING = Statement(
    lambda: text(
        "SELECT customer_id FROM points_lot WHERE remaining > 0 AND state = 'pending' AND opens_at <= :now"
        " ORDER BY opens_at LIMIT :limit"
    )
)
_HOLDS = Statement(
    lambda: text(
        "SELECT customer_id, born_customer_id, movement_id AS id, amount FROM points_hold"
        " WHERE state = 'open' AND expires_at <= :now"
        " AND (CAST(:customer_ids AS bigint[]) IS NULL OR customer_id = ANY(:customer_ids))"
        " ORDER BY expires_at LIMIT :limit"
    )
)


def expire_due(*, now: dt.datetime, limit: int) -> int:
    """Release holds and end lots that are past their end; how many, 0 when nothing is left (M04)."""
    released = _release_holds(now=now, limit=limit)
    return released or _sweep(_ENDING, _has_ended, _end, now=now, limit=limit)


def release_pending_due(*, now: dt.datetime, limit: int) -> int:
    """Make points spendable whose return period is over; how many lots, 0 when nothing is left (M02)."""
    return _sweep(_OPENING, _may_open, _open, now=now, limit=limit)


def _sweep(
    due: Statement,
    is_due: Callable[[Lot, dt.datetime], bool],
    change: Callable[[Account, Lot], Draft],
    *,
    now: dt.datetime,
    limit: int,
) -> int:
    session = db.session()
    drafts: list[Draft] = []
    # A twin may have done all of ours while we waited for the locks: look again until there is something or nothing.
    while not drafts and (rows := due.rows(session, now=now, limit=limit)):
        locked = queries.lock_accounts(session, {row["customer_id"] for row in rows})
        queries.load_lots(session, locked.accounts.values())
        found = [
            (account, lot)
            for account in locked.accounts.values()
            for lot in sorted(account.lots, key=lambda lot: lot.id or 0)
            if is_due(lot, now)
        ]
        drafts = [change(account, lot) for account, lot in found[:limit]]
    ledger.write(drafts, now=now)
    return len(drafts)


def _has_ended(lot: Lot, now: dt.datetime) -> bool:
    return lot.state == "open" and lot.remaining > 0 and lot.expires_at <= now


def _end(account: Account, lot: Lot) -> Draft:
    return rules.ending(account, lot)


def _may_open(lot: Lot, now: dt.datetime) -> bool:
    return lot.state == "pending" and lot.opens_at is not None and lot.opens_at <= now


def _open(account: Account, lot: Lot) -> Draft:
    return rules.opening(account, lot, order_number=None)


def _release_holds(*, now: dt.datetime, limit: int) -> int:
    session = db.session()
    rows = _HOLDS.rows(session, now=now, limit=limit, customer_ids=None)
    if not rows:
        return 0
    customer_ids = sorted({row["customer_id"] for row in rows})
    queries.lock_accounts(session, customer_ids)
    for row in (held := _HOLDS.rows(session, now=now, limit=limit, customer_ids=customer_ids)):
        returns.release(customer_id=row["customer_id"], found=row, now=now)
    return len(held)
