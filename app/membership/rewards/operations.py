"""Exchange, hand over, cancel; make rewards; what ships; what becomes of people who were merged or set apart."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import carrier, codes, facts
from app.kernel.database import db
from app.kernel.locks import lock_person
from app.kernel.re_pointing import Move, re_point
from app.membership import coupons, members, points
from app.membership.rewards import rules
from app.membership.rewards.facts import RewardCancelled, RewardCollected, RewardExchanged
from app.membership.rewards.models import ExchangeRow, PickupCodeRow, RewardHoldingRow, RewardRow
from app.membership.rewards.queries import exchange_from, get_reward, lock_by_code, lock_exchange, reward_from
from app.membership.rewards.refusals import (
    AlreadyCollected,
    Cancelled,
    CauseReused,
    ExchangeUnknown,
    LimitReached,
    MembersOnly,
    NotCancellable,
    NotOpen,
    RewardUnknown,
    RewardWrong,
    SoldOut,
)
from app.people import identity, stores

PICKUP_PREFIX = "P"  # pick-up
_FIRST_STATE = {"coupon": "done", "gift": "waiting", "donation": "done"}


def exchange(*, customer_id: int, reward_id: int, cause: str, now: dt.datetime) -> rules.Exchange:
    """Give points for a reward: points, coupon or pick-up code and stock move together or not at all.

    The same cause again gives the first exchange, `repeated`. Raises MembersOnly, RewardUnknown, NotOpen, LimitReached,
    SoldOut, CauseReused, points.NotEnoughPoints, points.InDebt (M03), coupons.NotOpen, coupons.SoldOut.
    """
    if not members.are_members([customer_id]):
        raise MembersOnly
    lock_person(db.session(), f"rewards:{customer_id}", customer_id=customer_id)
    first = _find(customer_id, cause)
    if first is not None:
        if first.reward_id != reward_id:
            raise CauseReused
        return replace(first, repeated=True)
    reward = _judged(customer_id, reward_id)
    with db.session.begin_nested():
        return _write(reward, customer_id, cause, now)


def cancel(*, customer_id: int, exchange_id: int, now: dt.datetime) -> rules.Exchange:
    """Cancel a gift that was not fetched yet: its points go back to the lots they came from, the gift to the stock.

    A repeat is answered as it stands. Raises ExchangeUnknown, NotCancellable for what was fetched or is no gift.
    """
    lock_person(db.session(), f"rewards:{customer_id}", customer_id=customer_id)
    row = lock_exchange(customer_id=customer_id, exchange_id=exchange_id)
    if row is None:
        raise ExchangeUnknown
    if row["state"] == "cancelled":
        return replace(exchange_from(row), repeated=True)
    if row["state"] != "waiting":
        raise NotCancellable(state=row["state"])
    with carrier.carried_by({customer_id: row["born_customer_id"]}):
        points.give_back(
            customer_id=customer_id,
            cause_of_spend=f"exchange:{row['cause']}",
            cause=f"exchange-cancelled:{exchange_id}",
            now=now,
            why="取消兑换",
        )
    _change(row["customer_id"], exchange_id, state="cancelled", cancelled_at=now)
    _count_holding(customer_id, row["reward_id"], -1)
    db.session.execute(
        text("UPDATE reward SET taken = taken - 1 WHERE id = :id AND total IS NOT NULL"), {"id": row["reward_id"]}
    )
    facts.announce([RewardCancelled(**_told(row), points=row["points"], at=now)])
    return replace(exchange_from(row), state="cancelled", cancelled_at=now)


def collect_by_code(*, code: str, store_id: int | None, staff_id: int, now: dt.datetime) -> rules.Exchange:
    """Hand a gift over for its pick-up code, once. Raises ExchangeUnknown, AlreadyCollected (when and where), Cancelled."""
    spelled = codes.code_of(code, PICKUP_PREFIX)
    row = lock_by_code(spelled) if spelled else None
    if row is None:
        raise ExchangeUnknown
    if row["state"] == "collected":
        store = stores.get_store(row["collected_store_id"]).name if row["collected_store_id"] else None
        raise AlreadyCollected(collected_at=row["collected_at"].isoformat(), store=store)
    if row["state"] == "cancelled":
        raise Cancelled(cancelled_at=row["cancelled_at"].isoformat())
    _change(
        row["customer_id"], row["id"], state="collected", collected_at=now, collected_store_id=store_id, collected_by=staff_id
    )  # fmt: skip
    facts.announce([RewardCollected(**_told(row), store_id=store_id, staff_id=staff_id, at=now)])
    return replace(exchange_from(row), state="collected", collected_at=now)


def save_reward(*, draft: rules.RewardDraft, now: dt.datetime, reward_id: int | None = None) -> rules.Reward:
    """Draft a reward, or change one; what was exchanged keeps its price. Raises RewardWrong, RewardUnknown."""
    if faults := rules.faults_of(draft):
        raise RewardWrong(faults=faults)
    if reward_id is None:
        return get_reward(_add(draft, now=now, state="draft"))
    row = db.session.get(RewardRow, reward_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise RewardUnknown
    if draft.total is not None and row.total is None:
        # Until now nobody counted: the counter starts with what has gone already.
        gone = select(ExchangeRow.id).where(ExchangeRow.reward_id == reward_id, ExchangeRow.state != "cancelled")
        row.taken = len(db.session.execute(gone).all())
    if draft.total is not None and draft.total < row.taken:
        raise RewardWrong(faults={"total": "不能少于已经兑出的"})
    for name, value in asdict(draft).items():
        setattr(row, name, value)
    db.session.flush()
    return get_reward(reward_id)


def change_state(*, reward_id: int, state: str) -> rules.Reward:
    """Open or close a reward. Raises RewardUnknown, RewardWrong for a state that does not exist."""
    if state not in rules.STATES:
        raise RewardWrong(faults={"state": "状态无效"})
    changed = update(RewardRow).where(RewardRow.id == reward_id).values(state=state).returning(RewardRow.id)
    if db.session.execute(changed.execution_options(synchronize_session=False)).first() is None:
        raise RewardUnknown
    return get_reward(reward_id)


def ship_stock(*, now: dt.datetime) -> int:
    """Add the shipped rewards (field rules 2.1) that are not there yet; how many. Ships the coupons they need."""
    coupons.ship_stock(now=now)
    known = set(db.session.execute(select(RewardRow.code).where(RewardRow.code.is_not(None))).scalars())
    cash_10 = coupons.find_shipped("mall_cash_10")
    stock = {
        "cash_10": rules.RewardDraft("¥10 券", "coupon", 1_000, template_id=cash_10),
        "medium_sample": rules.RewardDraft("中样", "gift", 500, total=500),
        "full_make_up": rules.RewardDraft("整妆体验", "gift", 800, total=200, words="到店出示领取码"),
        "cotton_tissue": rules.RewardDraft("棉柔巾", "gift", 300, total=500),
        "donation": rules.RewardDraft("公益捐赠", "donation", 100),
    }
    missing = {code: draft for code, draft in stock.items() if code not in known}
    for code, draft in missing.items():
        _add(draft, now=now, state="open", code=code, built_in=True)
    return len(missing)


_MOVE_CODES = text(
    "UPDATE reward_pickup_code AS owner SET customer_id = done.customer_id FROM reward_exchange AS done"
    " JOIN unnest(CAST(:targets AS bigint[]), CAST(:born AS bigint[])) AS move (target, born)"
    " ON done.customer_id = move.target AND done.born_customer_id = move.born WHERE owner.code = done.pickup_code"
)
_COUNT_AGAIN = text(
    "INSERT INTO reward_holding (customer_id, reward_id, taken)"
    " SELECT customer_id, reward_id, count(*) FILTER (WHERE state <> 'cancelled') FROM reward_exchange"
    " WHERE customer_id = ANY(:people) GROUP BY customer_id, reward_id"
)
_OVER_LIMIT = text(
    "SELECT move.merge_id, reward.id AS reward_id, held.taken, reward.per_customer AS limit, count(*) AS brought"
    " FROM unnest(CAST(:merges AS bigint[]), CAST(:targets AS bigint[]), CAST(:born AS bigint[]))"
    " AS move (merge_id, target, born) JOIN reward_exchange AS done ON done.customer_id = move.target"
    " AND done.born_customer_id = move.born AND done.state <> 'cancelled'"
    " JOIN reward_holding AS held ON held.customer_id = move.target AND held.reward_id = done.reward_id"
    " JOIN reward ON reward.id = done.reward_id WHERE held.taken > reward.per_customer"
    " GROUP BY move.merge_id, reward.id, held.taken ORDER BY move.merge_id, reward.id"
)


def merge(facts: Sequence[identity.PeopleMerged]) -> None:
    """Exchanges of who is gone are the survivor's; what the two have beyond a limit stays and is noted."""
    _go_over([(fact.gone_id, fact.survivor_id, fact.born_ids) for fact in facts])
    came = [(fact.merge_id, fact.survivor_id, born) for fact in facts for born in fact.born_ids]
    given = {"merges": [one[0] for one in came], "targets": [one[1] for one in came], "born": [one[2] for one in came]}
    for row in db.session.execute(_OVER_LIMIT, given).mappings().all():
        data = {name: row[name] for name in ("reward_id", "taken", "limit", "brought")}
        identity.merging.note(merge_id=row["merge_id"], code="reward.over_limit", data=data)


def separate(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Exchanges go back to whom they were born to, those since the merge among them."""
    _go_over([(fact.from_id, fact.to_id, fact.born_ids) for fact in facts])


def _go_over(moves: Sequence[Move]) -> None:
    db.session.flush()
    for row in [row for row in db.session if isinstance(row, ExchangeRow | PickupCodeRow | RewardHoldingRow)]:
        db.session.expunge(row)  # whose it is has changed beneath it
    re_point(ExchangeRow, moves)
    flat = [(target, born) for _, target, selves in moves for born in selves]
    db.session.execute(_MOVE_CODES, {"targets": [to for to, _ in flat], "born": [born for _, born in flat]})
    people = {who for source, target, _ in moves for who in (source, target)}
    db.session.execute(delete(RewardHoldingRow).where(RewardHoldingRow.customer_id.in_(people)))
    db.session.execute(_COUNT_AGAIN, {"people": sorted(people)})


def _find(customer_id: int, cause: str) -> rules.Exchange | None:
    wanted = select(ExchangeRow.__table__).where(ExchangeRow.customer_id == customer_id, ExchangeRow.cause == cause)
    # Two who were merged may each have brought an exchange of this cause.
    own_first = (ExchangeRow.born_customer_id == carrier.born(customer_id)).desc()
    row = db.session.execute(wanted.order_by(own_first, ExchangeRow.id).limit(1)).mappings().one_or_none()
    return exchange_from(row) if row else None


def _judged(customer_id: int, reward_id: int) -> rules.Reward:
    mine = (RewardHoldingRow.reward_id == RewardRow.id) & (RewardHoldingRow.customer_id == customer_id)
    wanted = select(*RewardRow.__table__.c, RewardHoldingRow.taken.label("mine")).outerjoin(RewardHoldingRow, mine)
    row = db.session.execute(wanted.where(RewardRow.id == reward_id)).mappings().one_or_none()
    if row is None or row["state"] == "draft":
        raise RewardUnknown
    reward = reward_from(row, row["mine"] or 0)
    if reward.why_not == "limit_reached":
        raise LimitReached(limit=reward.per_customer)
    if reward.why_not is not None:
        raise SoldOut if reward.why_not == "sold_out" else NotOpen
    return reward


def _write(reward: rules.Reward, customer_id: int, cause: str, now: dt.datetime) -> rules.Exchange:
    """Points, coupon, exchange, holding; the reward's own row last, because everybody wants it."""
    ledger_cause = f"exchange:{cause}"
    points.spend(customer_id=customer_id, amount=reward.points, cause=ledger_cause, why=f"兑换{reward.name}", now=now)
    coupon_id = None
    if reward.template_id is not None:
        coupon_id = coupons.grant(
            customer_id=customer_id, template_id=reward.template_id, cause=ledger_cause, now=now
        ).id
    row = ExchangeRow(
        customer_id=customer_id, born_customer_id=carrier.born(customer_id), reward_id=reward.id, cause=cause,
        name=reward.name, kind=reward.kind, points=reward.points, state=_FIRST_STATE[reward.kind], coupon_id=coupon_id,
        exchanged_at=now, pickup_code=codes.new_code(PICKUP_PREFIX) if reward.kind == "gift" else None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    if row.pickup_code is not None:
        db.session.add(PickupCodeRow(code=row.pickup_code, customer_id=customer_id, exchange_id=row.id))
        db.session.flush()
    _count_holding(customer_id, reward.id, 1)
    _count_stock(reward)
    written = {column.name: getattr(row, column.name) for column in ExchangeRow.__table__.c}
    facts.announce([RewardExchanged(**_told(written), points=reward.points, at=now)])
    return exchange_from(written)


def _count_holding(customer_id: int, reward_id: int, more: int) -> None:
    """The customer's own lock keeps the limit; CHECK keeps the counter from falling below nothing."""
    row = {"customer_id": customer_id, "reward_id": reward_id}
    counted = insert(RewardHoldingRow).values(**row, taken=more)
    if more < 0:
        mine = (RewardHoldingRow.customer_id == customer_id, RewardHoldingRow.reward_id == reward_id)
        db.session.execute(update(RewardHoldingRow).where(*mine).values(taken=RewardHoldingRow.taken + more))
        return
    index = ["customer_id", "reward_id"]
    db.session.execute(
        counted.on_conflict_do_update(index_elements=index, set_={"taken": RewardHoldingRow.taken + more})
    )


def _count_stock(reward: rules.Reward) -> None:
    if reward.total is None:
        return
    counted = update(RewardRow).where(RewardRow.id == reward.id, RewardRow.taken < RewardRow.total)
    moved = counted.values(taken=RewardRow.taken + 1).returning(RewardRow.id)
    if db.session.execute(moved.execution_options(synchronize_session=False)).first() is None:
        raise SoldOut


def _add(
    draft: rules.RewardDraft, *, now: dt.datetime, state: str, code: str | None = None, built_in: bool = False
) -> int:
    row = RewardRow(**asdict(draft), taken=0, state=state, code=code, built_in=built_in, created_at=now)
    db.session.add(row)
    db.session.flush()
    return row.id


def _told(row: Mapping[Any, Any]) -> dict[str, int]:
    """Which exchange of whom, as facts say it."""
    names = ("customer_id", "born_customer_id", "reward_id")
    return {"exchange_id": row["id"], **{name: row[name] for name in names}}


def _change(customer_id: int, exchange_id: int, **values: object) -> None:
    key = (ExchangeRow.customer_id == customer_id, ExchangeRow.id == exchange_id)
    db.session.execute(update(ExchangeRow).where(*key).values(**values).execution_options(synchronize_session=False))
