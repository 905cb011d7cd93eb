"""What coupons do when others announce: gifts of joining and rising, coupons of paid and refunded orders, of people who
become one or two again."""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Select, select

from app.kernel.clock import brand_day
from app.kernel.database import db
from app.kernel.facts import Objection, hears, reacts_to
from app.membership.coupons.models import CouponRow, UseRow
from app.membership.coupons.operations import merging, use
from app.membership.coupons.operations.bulk import grant_many
from app.membership.coupons.operations.use import Act
from app.membership.coupons.queries import find_by_occasion, lock_coupons
from app.membership.members import MemberJoined, TierChanged
from app.people import identity
from app.trade.orders import OrderPaid, OrderRefunded

UPGRADE = "upgrade"
log = logging.getLogger("guiyi.coupons")


@reacts_to(MemberJoined)
def give_joining_gifts(facts: Sequence[MemberJoined]) -> None:
    """新客券 and 首单小样 for a new customer, 绑卡礼 for an old buyer (C10); members says which is due, once a person."""
    due = [fact for fact in facts if fact.gift is not None]
    for template in find_by_occasion({fact.gift for fact in due if fact.gift}) if due else []:
        wishes = [(fact.customer_id, f"joined:{template.id}") for fact in due if fact.gift == template.occasion]
        grant_many(template_id=template.id, wishes=wishes, now=max(fact.at for fact in due))


@reacts_to(TierChanged)
def follow_the_tier(facts: Sequence[TierChanged]) -> None:
    """升级券 for each rise; when a refund undoes the rise, its unused gifts are void (M09)."""
    raised = [fact for fact in facts if fact.why == "raised"]
    for template in find_by_occasion({UPGRADE}) if raised else []:
        wishes = [(fact.customer_id, f"{UPGRADE}:{fact.level}:{brand_day(fact.at)}:{template.id}") for fact in raised]
        grant_many(template_id=template.id, wishes=wishes, now=max(fact.at for fact in raised))
    for fact in facts:
        if fact.why == "returned":
            _void_gifts_above(fact)


def _void_gifts_above(fact: TierChanged) -> None:
    gifts = select(CouponRow.id, CouponRow.cause).where(
        CouponRow.customer_id == fact.customer_id, CouponRow.cause.startswith(f"{UPGRADE}:")
    )
    above = [row.id for row in db.session.execute(gifts) if int(row.cause.split(":")[1]) > fact.level]
    use.withdraw(customer_id=fact.customer_id, coupon_ids=above, why="upgrade_returned", now=fact.at)


@reacts_to(OrderPaid)
def redeem_what_orders_used(facts: Sequence[OrderPaid]) -> None:
    """An order that was paid with coupons has used them, once. What the shop has done is a fact: an ended coupon is used too."""
    with_codes = [fact for fact in facts if fact.coupon_codes]
    rows = use.lock_owners([code for fact in with_codes for code in fact.coupon_codes])
    for fact in with_codes:
        act = Act(store_id=fact.store_id, order=f"{fact.channel}/{fact.number}")
        for code in fact.coupon_codes:
            if code not in rows:
                log.warning("an order names an unknown coupon", extra={"order": act.order})
                continue
            own = rows[code]["customer_id"] == fact.customer_id
            _use_once(
                rows[code],
                replace(act, carried_by=fact.born_customer_id if own else None),
                fact,
            )


def _use_once(row: use.Row, act: Act, fact: OrderPaid) -> None:
    uses = select(UseRow).where(UseRow.customer_id == row["customer_id"], UseRow.coupon_id == row["id"])
    for known in _fresh(uses):
        if known.cause == f"order:{act.order}":
            if known.order_id is None:
                known.order_id, known.carried_by = fact.order_id, act.carried_by or known.carried_by
            return
        if known.given_back_at is None:
            log.warning("an order names a coupon used elsewhere", extra={"order": act.order, "coupon": row["id"]})
            return
    if row["state"] == "void":
        log.warning("an order names a withdrawn coupon", extra={"order": act.order, "coupon": row["id"]})
        return
    use.write_use(row, act=act, now=fact.paid_at, order_id=fact.order_id)


@reacts_to(OrderRefunded)
def give_back_what_refunds_return(facts: Sequence[OrderRefunded]) -> None:
    """A full refund gives its coupons back, a part refund does not (K03)."""
    fully = {fact.order_id: fact for fact in facts if fact.fully and fact.coupon_codes}
    if not fully:
        return
    uses = select(UseRow).where(UseRow.order_id.in_(fully), UseRow.given_back_at.is_(None))
    rows = _lock_used(uses)
    standing = defaultdict(list)
    # Looked for again behind the lock: a twin may have given them back meanwhile.
    for known in _fresh(uses):
        standing[known.customer_id, known.coupon_id].append(known)
    for row in rows:
        for known in standing[row["customer_id"], row["id"]]:
            use.give_back_row(row, use=known, why="refund", now=fully[known.order_id or 0].at)


def _lock_used(uses: Select[UseRow]) -> list[use.Row]:
    """The coupons of these uses, locked; looked for again where an owner was merged while we waited."""
    seen: set[tuple[int, int]] | None = None
    rows: list[use.Row] = []
    while (pairs := {(known.customer_id, known.coupon_id) for known in _fresh(uses)}) != seen:
        seen = pairs
        rows = lock_coupons(sorted(pairs))
        if len(rows) == len(pairs):
            break
    return rows


def _fresh(uses: Select[UseRow]) -> Sequence[UseRow]:
    return db.session.execute(uses.execution_options(populate_existing=True)).scalars().all()


@reacts_to(identity.PeopleMerged)
def gather_what_both_have(facts: Sequence[identity.PeopleMerged]) -> None:
    """Coupons of who was merged are the survivor's; limits that the two exceed together are noted."""
    merging.merge(facts)


@reacts_to(identity.PeopleSeparated)
def give_each_their_own(facts: Sequence[identity.PeopleSeparated]) -> None:
    """Coupons go back to whom they were born to."""
    merging.separate(facts)


@hears(identity.SeparationProposed)
def object_to_parting_a_use(proposal: identity.SeparationProposed) -> list[Objection]:
    """A coupon of one that was used in an order of the other cannot be split."""
    return merging.list_spent_together(holder_id=proposal.from_id, born_ids=proposal.born_ids)
