"""What coupons do when others announce: gifts of joining and rising, coupons of paid and refunded orders."""

import logging
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select

from app.kernel.clock import brand_day
from app.kernel.database import db
from app.kernel.facts import reacts_to
from app.membership.coupons.models import CouponRow, UseRow
from app.membership.coupons.operations import use
from app.membership.coupons.operations.bulk import grant_many
from app.membership.coupons.operations.use import Act
from app.membership.coupons.queries import find_by_occasion, find_coupons, lock_coupons
from app.membership.members import MemberJoined, TierChanged
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
    owners = {
        code: (owner, found) for code, owner, found in find_coupons([c for f in with_codes for c in f.coupon_codes])
    }
    rows = {(row["customer_id"], row["id"]): row for row in lock_coupons(sorted(set(owners.values())))}
    for fact in with_codes:
        act = Act(store_id=fact.store_id, order=f"{fact.channel}/{fact.number}")
        for code in fact.coupon_codes:
            if code not in owners:
                log.warning("an order names an unknown coupon", extra={"order": act.order})
                continue
            _use_once(rows[owners[code]], act, fact)


def _use_once(row: use.Row, act: Act, fact: OrderPaid) -> None:
    uses = select(UseRow).where(UseRow.customer_id == row["customer_id"], UseRow.coupon_id == row["id"])
    for known in db.session.execute(uses.execution_options(populate_existing=True)).scalars():
        if known.cause == f"order:{act.order}":
            known.order_id = fact.order_id
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
    found = db.session.execute(uses).scalars().all()
    rows = lock_coupons(sorted({(known.customer_id, known.coupon_id) for known in found}))
    standing = defaultdict(list)
    # Looked for again behind the lock: a twin may have given them back meanwhile.
    for known in db.session.execute(uses.execution_options(populate_existing=True)).scalars():
        standing[known.customer_id, known.coupon_id].append(known)
    for row in rows:
        for known in standing[row["customer_id"], row["id"]]:
            use.give_back_row(row, use=known, why="refund", now=fully[known.order_id or 0].at)
