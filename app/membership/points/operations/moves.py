"""Earning and spending: the hot writes, each one statement after the lock and the look-up of the cause."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text

from app.kernel import carrier, clock, policy
from app.kernel.database import Statement, db
from app.kernel.facts import announce
from app.membership.points import queries, rules
from app.membership.points.facts import PointsChanged
from app.membership.points.queries import Movement
from app.membership.points.refusals import AmountInvalid, CauseReused, InDebt, NotEnoughPoints

LARGEST_AMOUNT = 10**12


@dataclass(frozen=True)
class Why:
    """What the member's line will say: words in Chinese, the version of the rules, and particulars for the line."""

    words: str
    rule_version: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)

    def explain(self) -> dict[str, Any]:
        """The content of the movement's `explain`."""
        return {"words": self.words, **self.details}


@dataclass(frozen=True)
class Taking:
    """Where points that are taken go: `pot`, under which `kind`; a hold says until when."""

    kind: str
    pot: str
    hold_until: dt.datetime | None = None


SPENDING = Taking("spend", "redeemed")

EARN = Statement(
    lambda: text(
        """
        WITH movement AS (
            INSERT INTO points_movement
                (customer_id, born_customer_id, cause, kind, amount, at, rule_version, explain)
            VALUES (:customer_id, :born, :cause, :kind, :amount, :now, :rule_version, :explain)
            RETURNING id
        ), account AS (
            UPDATE points_account SET spendable = spendable + :kept, owed = owed - :paid
            WHERE customer_id = :customer_id
        ), entries AS (
            INSERT INTO points_entry (customer_id, born_customer_id, movement_id, pot, amount)
            SELECT :customer_id, :born, movement.id, side.pot, side.amount
            FROM movement, (VALUES ('issued', CAST(:amount AS bigint) * -1),
                                   ('member', CAST(:kept AS bigint)),
                                   ('owed', CAST(:paid AS bigint))) AS side (pot, amount)
            WHERE side.amount <> 0
        ), lot AS (
            INSERT INTO points_lot (customer_id, born_customer_id, movement_id, earned_at, expires_at,
                                    amount, remaining, state)
            SELECT :customer_id, :born, movement.id, :now, :expires_at, :amount, :kept, 'open'
            FROM movement
            RETURNING id
        ), debt AS (
            INSERT INTO points_lot_use (customer_id, born_customer_id, lot_id, movement_id, amount)
            SELECT :customer_id, :born, lot.id, movement.id, CAST(:paid AS bigint) FROM lot, movement
            WHERE CAST(:paid AS bigint) > 0
        )
        SELECT id FROM movement
        """
    )
)

TAKE = Statement(
    lambda: text(
        """
        WITH line AS (
            SELECT id, remaining, sum(remaining) OVER (ORDER BY expires_at, id) AS reach
            FROM points_lot
            WHERE customer_id = :customer_id AND state = 'open' AND remaining > 0 AND expires_at > :now
        ), taken AS (
            SELECT id, least(remaining, :amount - (reach - remaining))::bigint AS amount
            FROM line WHERE reach - remaining < :amount
        ), movement AS (
            INSERT INTO points_movement
                (customer_id, born_customer_id, cause, kind, amount, at, rule_version, explain)
            SELECT :customer_id, :born, :cause, :kind, CAST(:amount AS bigint), :now,
                   CAST(:rule_version AS bigint), :explain
            FROM taken HAVING sum(taken.amount) = :amount
            RETURNING id
        ), account AS (
            UPDATE points_account
            SET spendable = spendable - :amount, held = held + CASE WHEN :pot = 'held' THEN :amount ELSE 0 END
            FROM movement WHERE customer_id = :customer_id
        ), entries AS (
            INSERT INTO points_entry (customer_id, born_customer_id, movement_id, pot, amount)
            SELECT :customer_id, :born, movement.id, side.pot, side.amount
            FROM movement, (VALUES ('member', CAST(:amount AS bigint) * -1), (:pot, CAST(:amount AS bigint)))
                AS side (pot, amount)
        ), lots AS (
            UPDATE points_lot SET remaining = points_lot.remaining - taken.amount
            FROM taken, movement
            WHERE points_lot.customer_id = :customer_id AND points_lot.id = taken.id
        ), uses AS (
            INSERT INTO points_lot_use (customer_id, born_customer_id, lot_id, movement_id, amount)
            SELECT :customer_id, :born, taken.id, movement.id, taken.amount FROM taken, movement
        ), hold AS (
            INSERT INTO points_hold (customer_id, born_customer_id, movement_id, amount, expires_at, state)
            SELECT :customer_id, :born, movement.id, :amount, CAST(:hold_until AS timestamptz), 'open'
            FROM movement WHERE :pot = 'held'
        )
        SELECT id FROM movement
        """
    )
)


def earn(
    *,
    customer_id: int,
    amount: int,
    cause: str,
    why: Why | str,
    now: dt.datetime,
    expires_at: dt.datetime | None = None,
    kind: str = "earn",
) -> Movement:
    """Give points, once for this cause; what is owed is paid first (M03).

    They end at `expires_at`, by default twelve months later at the month's end (M04). The same cause again gives the
    first movement; with another amount it raises CauseReused.
    """
    _check(amount)
    session = db.session()
    account, known = queries.lock_and_find(session, customer_id=customer_id, cause=cause)
    if known:
        return same(known, amount=amount, kind=kind)
    why = why if isinstance(why, Why) else Why(why)
    paid = min(account["owed"], amount)
    born = carrier.born(customer_id)
    row = EARN.row(
        session,
        customer_id=customer_id,
        born=born,
        cause=cause,
        kind=kind,
        amount=amount,
        kept=amount - paid,
        paid=paid,
        now=now,
        expires_at=expires_at or end_of_life(now),
        rule_version=why.rule_version,
        explain=Jsonb(why.explain()),
    )
    assert row is not None  # noqa: S101  (an INSERT of VALUES gives its row)
    if amount > paid:
        announce(
            [
                PointsChanged(
                    customer_id, born, row["id"], kind, amount - paid, rules.words_for(kind, why.explain()), now
                )
            ]
        )
    return Movement(row["id"], customer_id, born, cause, kind, amount, now)


def spend(*, customer_id: int, amount: int, cause: str, why: Why | str, now: dt.datetime) -> Movement:
    """Take points for good, once for this cause, the first to end first.

    The same cause again gives the first movement, even when nothing is left. Raises NotEnoughPoints, InDebt (M03),
    CauseReused.
    """
    return take(customer_id=customer_id, amount=amount, cause=cause, why=why, now=now, taking=SPENDING)


def take(*, customer_id: int, amount: int, cause: str, why: Why | str, now: dt.datetime, taking: Taking) -> Movement:
    """Take points out of the member's pot into another."""
    _check(amount)
    session = db.session()
    account, known = queries.lock_and_find(session, customer_id=customer_id, cause=cause)
    if known:
        return same(known, amount=amount, kind=taking.kind)
    if account["owed"]:
        raise InDebt(owed=account["owed"])
    why = why if isinstance(why, Why) else Why(why)
    born = carrier.born(customer_id)
    row = TAKE.row(
        session,
        customer_id=customer_id,
        born=born,
        cause=cause,
        kind=taking.kind,
        pot=taking.pot,
        amount=amount,
        now=now,
        hold_until=taking.hold_until,
        rule_version=why.rule_version,
        explain=Jsonb(why.explain()),
    )
    if row is None:
        left = queries.balance_in(session, customer_id=customer_id, now=now)
        raise NotEnoughPoints(spendable=left.spendable, wanted=amount)
    words = rules.words_for(taking.kind, why.explain())
    announce([PointsChanged(customer_id, born, row["id"], taking.kind, -amount, words, now)])
    return Movement(row["id"], customer_id, born, cause, taking.kind, amount, now)


def same(known: Movement, *, amount: int | None, kind: str) -> Movement:
    """The movement a repeated cause made before. Raises CauseReused where it was another; None leaves the amount open."""
    if (known.amount, known.kind) != (known.amount if amount is None else amount, kind):
        raise CauseReused(cause=known.cause)
    return known


def end_of_life(earned_at: dt.datetime) -> dt.datetime:
    """When points earned now end: months later, at that month's end in the brand's calendar (M04)."""
    months = policy.current(rules.PointsPolicy).life_months
    return rules.months_later(earned_at.astimezone(clock.BRAND_ZONE), months)


def _check(amount: int) -> None:
    if not 0 < amount <= LARGEST_AMOUNT:
        raise AmountInvalid(amount=amount)
