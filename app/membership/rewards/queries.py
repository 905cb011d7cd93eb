"""Questions about the mall."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import func, select

from app.kernel.database import db, reading
from app.kernel.paging import CursorInvalid, Page, decode_cursor, page_of
from app.membership.rewards import rules
from app.membership.rewards.models import ExchangeRow, PickupCodeRow, RewardHoldingRow, RewardRow
from app.membership.rewards.refusals import RewardUnknown

_REWARD = [field.name for field in fields(rules.Reward) if field.name not in {"mine", "why_not"}]
_EXCHANGE = [field.name for field in fields(rules.Exchange) if field.name != "repeated"]


def reward_from(row: Mapping[Any, Any], mine: int = 0) -> rules.Reward:
    """A reward with why it cannot be had now, from a row of `reward`."""
    reward = rules.Reward(**{name: row[name] for name in _REWARD}, mine=mine)
    return replace(reward, why_not=rules.why_not_exchanged(reward))


def exchange_from(row: Mapping[Any, Any]) -> rules.Exchange:
    """An exchange from a row of `reward_exchange`."""
    return rules.Exchange(**{name: row[name] for name in _EXCHANGE})


def get_reward(reward_id: int) -> rules.Reward:
    """One reward. Raises RewardUnknown."""
    row = db.session.execute(select(RewardRow.__table__).where(RewardRow.id == reward_id)).mappings().one_or_none()
    if row is None:
        raise RewardUnknown
    return reward_from(row)


def list_rewards(*, customer_id: int) -> list[rules.Reward]:
    """The mall as this customer sees it, cheapest first; each reward says with `why_not` if it cannot be had now."""
    mine = (RewardHoldingRow.reward_id == RewardRow.id) & (RewardHoldingRow.customer_id == customer_id)
    shown = (
        select(*RewardRow.__table__.c, RewardHoldingRow.taken.label("mine"))
        .outerjoin(RewardHoldingRow, mine)
        .where(RewardRow.state == "open")
        .order_by(RewardRow.points, RewardRow.id)
    )
    with reading() as connection:
        return [reward_from(row, row["mine"] or 0) for row in connection.execute(shown).mappings()]


def list_exchanges(*, customer_id: int, cursor: str | None = None, limit: int = 20) -> Page[rules.Exchange]:
    """This customer's exchanges, newest first. Raises CursorInvalid."""
    at, number = ExchangeRow.exchanged_at, ExchangeRow.id
    wanted = select(ExchangeRow.__table__).where(ExchangeRow.customer_id == customer_id)
    if cursor is not None:
        wanted = wanted.where(func.row(at, number) < func.row(*_position(cursor)))
    with reading() as connection:
        rows = connection.execute(wanted.order_by(at.desc(), number.desc()).limit(limit + 1)).mappings().all()
    return page_of(
        [exchange_from(row) for row in rows], limit, lambda found: [found.exchanged_at.isoformat(), found.id]
    )


def lock_exchange(*, customer_id: int, exchange_id: int) -> Mapping[Any, Any] | None:
    """The row of an exchange, locked until the transaction ends."""
    wanted = select(ExchangeRow.__table__).where(ExchangeRow.customer_id == customer_id, ExchangeRow.id == exchange_id)
    return db.session.execute(wanted.with_for_update()).mappings().one_or_none()


def lock_by_code(code: str) -> Mapping[Any, Any] | None:
    """The row of the exchange behind a pick-up code, locked; looked for again where its owner was merged meanwhile."""
    wanted = select(PickupCodeRow.customer_id, PickupCodeRow.exchange_id).where(PickupCodeRow.code == code)
    seen, row = None, None
    while row is None and (owner := db.session.execute(wanted).one_or_none()) not in (None, seen):
        seen = owner
        row = lock_exchange(customer_id=owner.customer_id, exchange_id=owner.exchange_id)
    return row


def _position(cursor: str) -> tuple[dt.datetime, int]:
    try:
        moment, number = decode_cursor(cursor)
        return dt.datetime.fromisoformat(moment), int(number)
    except (TypeError, ValueError):  # a cursor of another list
        raise CursorInvalid from None
