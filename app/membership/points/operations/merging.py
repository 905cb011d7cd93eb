"""Two accounts become one.

Rows keep the self they were born to and change hands set-wise; balances are counted anew from the entries.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import text

from app.kernel import row_images
from app.kernel.database import Statement, db
from app.kernel.re_pointing import Move
from app.membership.points import queries, rules
from app.membership.points.models import PointsAccount
from app.membership.points.operations import ledger, recounting
from app.membership.points.operations.orders import credit_orders
from app.membership.points.rules import Account
from app.people.identity import PeopleMerged
from app.trade import orders

# Accounts as they were when they were locked, by customer.
There = dict[int, dict[str, Any]]

_LOCK_THERE = Statement(
    lambda: text(
        "SELECT customer_id, spendable, owed, earns_since FROM points_account"
        " WHERE customer_id = ANY(:customer_ids) ORDER BY customer_id FOR UPDATE"
    )
)
_NOTE = Statement(
    lambda: text(
        """
        INSERT INTO points_merge (customer_id, merge_id, survivor_id, born_customer_id, last_movement_id, merged_at)
        SELECT pair.survivor_id, pair.merge_id, pair.survivor_id, pair.gone_id,
               coalesce(greatest((SELECT max(id) FROM points_movement WHERE customer_id = pair.survivor_id),
                                 (SELECT max(id) FROM points_movement WHERE customer_id = pair.gone_id)), 0), pair.at
        FROM unnest(CAST(:merges AS bigint[]), CAST(:survivors AS bigint[]), CAST(:gone AS bigint[]),
                    CAST(:moments AS timestamptz[])) AS pair (merge_id, survivor_id, gone_id, at)
        """
    )
)
_TABLES = (
    "points_movement",
    "points_entry",
    "points_lot",
    "points_lot_use",
    "points_hold",
    "points_order",
    "points_earner",
    "points_merge",
)
# One statement, so that the keys among these tables are looked at when all rows have arrived.
_HEAD = """
    WITH move AS (
        SELECT * FROM unnest(CAST(:sources AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))
            AS move (source, target, born)
    ), """
_PART = """{0}s AS (
        UPDATE {0} AS it SET customer_id = move.target FROM move
        WHERE it.customer_id = move.source AND it.born_customer_id = move.born
    )"""
_HAND_OVER = Statement(lambda: text(f"{_HEAD}{', '.join(map(_PART.format, _TABLES))} SELECT"))
_DATE = Statement(
    lambda: text(
        "UPDATE points_account AS account SET earns_since = (SELECT min(earner.earns_since) FROM points_earner AS earner"
        " WHERE earner.customer_id = account.customer_id) WHERE account.customer_id = ANY(:customer_ids)"
    )
)
_CLOSE = Statement(lambda: text("DELETE FROM points_account WHERE customer_id = ANY(:customer_ids)"))


def merge(facts: Sequence[PeopleMerged]) -> None:
    """Hand all of `gone_id` to `survivor_id`; points of the one pay what the other owes; past orders earn.

    The two earn since the earlier of their dates, so orders of theirs paid since then earn now where they had not yet
    (O04): each once ever, and what an order has earned stays with it, also when the merge is undone.
    """
    session = db.session()
    people = {one for fact in facts for one in (fact.gone_id, fact.survivor_id)}
    there = lock_there(people)
    row_images.keep(
        PointsAccount, of=[(fact.merge_id, one) for fact in facts for one in (fact.gone_id, fact.survivor_id)]
    )
    _NOTE.rows(
        session,
        merges=[fact.merge_id for fact in facts],
        survivors=[fact.survivor_id for fact in facts],
        gone=[fact.gone_id for fact in facts],
        moments=[fact.at for fact in facts],
    )
    moving = [fact for fact in facts if fact.gone_id in there]
    queries.open_accounts(session, {fact.survivor_id for fact in moving})
    hand_over([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    _pay_debts(moving, there)
    count_anew(sorted({fact.survivor_id for fact in moving}))
    _CLOSE.rows(session, customer_ids=[fact.gone_id for fact in moving])
    _credit_the_past(facts, there)


def lock_there(customer_ids: Collection[int]) -> There:
    """Lock those of the accounts that are there, in the order of their ids, and give them."""
    rows = _LOCK_THERE.rows(db.session(), customer_ids=sorted(customer_ids))
    return {row["customer_id"]: row for row in rows}


def hand_over(moves: Sequence[Move]) -> None:
    """Rows of points go from one customer to another, those born to the selves named; balances stay as they are."""
    flat = [(source, target, born) for source, target, selves in moves for born in selves]
    sources, targets, born = (list(column) for column in zip(*flat, strict=True))
    _HAND_OVER.rows(db.session(), sources=sources, targets=targets, born=born)


def count_anew(customer_ids: Sequence[int]) -> None:
    """Set balances, and since when orders earn, to what the rows say that are there now."""
    recounting.set_balances(customer_ids)
    _DATE.rows(db.session(), customer_ids=list(customer_ids))


def _pay_debts(facts: Sequence[PeopleMerged], there: There) -> None:
    """One of the two owes, another has points: what has ended ends, the rest pays the debt."""
    for survivor_id, gone in _parties(facts).items():
        rows = [there[one] for one in (survivor_id, *gone) if one in there]
        owed = sum(row["owed"] for row in rows)
        if owed and any(row["spendable"] for row in rows):
            last = max((fact for fact in facts if fact.survivor_id == survivor_id), key=lambda fact: fact.merge_id)
            account = Account(survivor_id, owed=owed)
            queries.load_lots(db.session(), [account])
            drafts = rules.ending_all(account, now=last.at)
            joined = rules.joining(account, merge_id=last.merge_id, survivor_id=survivor_id, at=last.at)
            ledger.record([*drafts, *([joined] if joined else [])], now=last.at)


def _credit_the_past(facts: Sequence[PeopleMerged], there: There) -> None:
    since: dict[int, dt.datetime] = {}
    for survivor_id, gone in _parties(facts).items():
        dates = {there[one]["earns_since"] if one in there else None for one in (survivor_id, *gone)}
        if len(dates) > 1:  # for somebody the date has become an earlier one
            since[survivor_id] = min(date for date in dates if date is not None)
    if since:
        now = max(fact.at for fact in facts)
        credit_orders(orders.list_order_facts(list(since), paid_since=since, now=now), now=now)


def _parties(facts: Sequence[PeopleMerged]) -> dict[int, list[int]]:
    """Who goes, by whom they go into."""
    gone: dict[int, list[int]] = defaultdict(list)
    for fact in facts:
        gone[fact.survivor_id].append(fact.gone_id)
    return gone
