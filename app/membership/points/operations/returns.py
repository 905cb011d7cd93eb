"""Points set aside and points that come back: holds, and giving back what was spent."""

import datetime as dt
from typing import Any

from sqlalchemy import text

from app.kernel import carrier, policy
from app.kernel.database import Statement, db
from app.membership.points import queries
from app.membership.points.operations import ledger, moves
from app.membership.points.operations.moves import Taking, Why
from app.membership.points.queries import Movement
from app.membership.points.refusals import HoldEnded, MovementUnknown, TooMuchGivenBack
from app.membership.points.rules import Account, Draft, PointsPolicy, given_to_lots, part_to_give_back

_HOLD = Statement(
    lambda: text(
        """
        SELECT movement.id, movement.born_customer_id, hold.amount, hold.state, hold.expires_at
        FROM points_movement AS movement
        JOIN points_hold AS hold ON (hold.customer_id, hold.movement_id) = (movement.customer_id, movement.id)
        WHERE movement.customer_id = :customer_id AND movement.cause = :cause
        ORDER BY movement.born_customer_id = :born DESC, movement.id
        """
    )
)
_END_HOLD = Statement(
    lambda: text(
        "UPDATE points_hold SET state = :state"
        " WHERE customer_id = :customer_id AND movement_id = :movement_id AND state = 'open'"
    )
)
_SPENT = Statement(
    lambda: text(
        """
        SELECT spent.id, spent.born_customer_id, spent.amount,
               coalesce((SELECT sum(back.amount) FROM points_movement AS back
                         WHERE back.customer_id = spent.customer_id AND back.gives_back = spent.id), 0)::bigint AS given
        FROM points_movement AS spent
        LEFT JOIN points_hold AS hold ON (hold.customer_id, hold.movement_id) = (spent.customer_id, spent.id)
        WHERE spent.customer_id = :customer_id AND spent.cause = :cause
          AND (spent.kind = 'spend' OR hold.state = 'settled')
        ORDER BY spent.born_customer_id = :born DESC, spent.id
        """
    )
)


def hold(
    *, customer_id: int, amount: int, cause: str, why: Why | str, now: dt.datetime, until: dt.datetime | None = None
) -> Movement:
    """Set points aside until `until` (by default half an hour): `settle_hold` spends them, `release_hold` returns them.

    Raises NotEnoughPoints, InDebt, CauseReused.
    """
    until = until or now + dt.timedelta(minutes=policy.current(PointsPolicy).hold_minutes)
    taking = Taking("hold", "held", hold_until=until)
    return moves.take(customer_id=customer_id, amount=amount, cause=cause, why=why, now=now, taking=taking)


def settle_hold(*, customer_id: int, cause: str, now: dt.datetime) -> Movement:
    """Spend what the hold with this cause set aside, once. Raises MovementUnknown, HoldEnded."""
    found, known = _find_hold(customer_id, cause, ending="settle")
    if known:
        return known
    if found["state"] != "open" or found["expires_at"] <= now:
        raise HoldEnded(state=found["state"])
    draft = _ending(customer_id, found, "settle")
    draft.move(source="held", target="redeemed", amount=found["amount"])
    return _end(draft, found, state="settled", now=now)


def release_hold(*, customer_id: int, cause: str, now: dt.datetime) -> Movement:
    """Return what the hold with this cause set aside to the lots it came from, once. Raises MovementUnknown, HoldEnded."""
    found, known = _find_hold(customer_id, cause, ending="release")
    if known:
        return known
    if found["state"] != "open":
        raise HoldEnded(state=found["state"])
    return release(customer_id=customer_id, found=found, now=now)


def release(*, customer_id: int, found: dict[str, Any], now: dt.datetime) -> Movement:
    """Release an open hold of a locked account. `found`: the hold's id, amount, born_customer_id."""
    session = db.session()
    account = Account(customer_id, owed=queries.lock_account(session, customer_id)["owed"])
    draft = _ending(customer_id, found, "release")
    draft.gives_back = found["id"]
    used = queries.lots_used(session, customer_id=customer_id, movement_id=found["id"])
    account.give_back(draft, used, source="held", now=now, afterlife=_afterlife())
    return _end(draft, found, state="released", now=now)


def give_back(
    *,
    customer_id: int,
    cause_of_spend: str,
    cause: str,
    now: dt.datetime,
    amount: int | None = None,
    why: Why | str = "退回积分",
) -> Movement:
    """Return what a spend (or a settled hold) took, or `amount` of it, to the lots it came from.

    Points of a lot that has ended live 30 days more (M04); what is owed is paid first (M03). Raises MovementUnknown,
    TooMuchGivenBack, CauseReused.
    """
    session = db.session()
    balances, known = queries.lock_and_find(session, customer_id=customer_id, cause=cause)
    if known:
        return moves.same(known, amount=amount, kind="give_back")
    account = Account(customer_id, owed=balances["owed"])
    spent = _SPENT.row(session, customer_id=customer_id, cause=cause_of_spend, born=carrier.born(customer_id))
    if spent is None:
        raise MovementUnknown(cause=cause_of_spend)
    left = spent["amount"] - spent["given"]
    amount = left if amount is None else amount
    if not 0 < amount <= left:
        raise TooMuchGivenBack(left=left)
    why = why if isinstance(why, Why) else Why(why)
    born = spent["born_customer_id"]
    draft = Draft(customer_id, born, cause, "give_back", amount, why.explain(), why.rule_version, spent["id"])
    used = queries.lots_used(session, customer_id=customer_id, movement_id=spent["id"])
    given = given_to_lots(used, taken=spent["amount"], given=spent["given"])
    part = part_to_give_back(used, given=given, amount=amount)
    account.give_back(draft, part, source="redeemed", now=now, afterlife=_afterlife())
    return ledger.write([draft], now=now)[0]


def _find_hold(customer_id: int, cause: str, *, ending: str) -> tuple[dict[str, Any], Movement | None]:
    session = db.session()
    queries.lock_account(session, customer_id)
    found = _HOLD.row(session, customer_id=customer_id, cause=cause, born=carrier.born(customer_id))
    if found is None:
        raise MovementUnknown(cause=cause)
    return found, queries.find_movement(session, customer_id=customer_id, cause=f"hold:{found['id']}:{ending}")


def _ending(customer_id: int, found: dict[str, Any], kind: str) -> Draft:
    return Draft(customer_id, found["born_customer_id"], f"hold:{found['id']}:{kind}", kind, found["amount"], {})


def _end(draft: Draft, found: dict[str, Any], *, state: str, now: dt.datetime) -> Movement:
    session = db.session()
    _END_HOLD.rows(session, customer_id=draft.customer_id, movement_id=found["id"], state=state)
    return ledger.write([draft], now=now)[0]


def _afterlife() -> dt.timedelta:
    return dt.timedelta(days=policy.current(PointsPolicy).afterlife_days)
