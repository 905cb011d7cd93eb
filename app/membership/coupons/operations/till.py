"""The till's desk: check, lock for an unpaid order, unlock, redeem, give back.

A till shows what it may: the codes of coupons it scanned, or the member's 60-second card code with coupons chosen from
`check` (X04: a phone number alone never suffices). All coupons of one call change together or not at all.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from app.kernel import carrier
from app.kernel.database import db
from app.kernel.errors import Refusal
from app.membership import members
from app.membership.coupons import rules
from app.membership.coupons.models import CouponRow, TemplateRow, UseRow
from app.membership.coupons.operations import use
from app.membership.coupons.operations.use import Act, Row
from app.membership.coupons.queries import coupon_from, list_coupons, lock_coupons
from app.membership.coupons.refusals import CouponUnknown, NotTogether
from app.people import stores

CHECKED_AT_MOST = 100


@dataclass(frozen=True)
class Shown:
    """What the till was shown: coupon codes, or a card code with the ids of the coupons chosen."""

    codes: tuple[str, ...] = ()
    card_code: str | None = None
    coupon_ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where it is used. `store_code` is the brand's own; `order` is <channel>/<number>."""

    till: str
    store_code: str | None = None
    order: str | None = None


@dataclass(frozen=True)
class Checked:
    """A coupon and why it cannot be used here now, None when it can."""

    coupon: rules.Coupon
    refusal: Refusal | None


def check(*, shown: Shown, place: Place, now: dt.datetime) -> list[Checked]:
    """Look at coupons without changing anything; with a card code alone, at all that this member can still use.

    Raises CouponUnknown, CardCodeInvalid, StoreUnknown.
    """
    act = _act(place)
    checked = []
    for row in _rows(shown, now=now, all_of_member=True):
        try:
            use.refuse_unusable(row, act=act, now=now)
            refusal: Refusal | None = None
        except Refusal as error:
            refusal = error
        checked.append(Checked(coupon_from(row), refusal))
    return checked


def lock(*, shown: Shown, place: Place, now: dt.datetime) -> list[rules.Coupon]:
    """Keep coupons for an unpaid order, ⟨30 min⟩ (K04). Raises as `redeem`."""
    act, rows = _act(place), _rows(shown, now=now)
    _refuse_stacking(rows, act)
    return [use.lock_row(row, act=_carried(act, shown, row), now=now) for row in rows]


def unlock(*, shown: Shown, place: Place, now: dt.datetime) -> list[rules.Coupon]:
    """Let go of what this order kept. Raises CouponUnknown, NotLocked."""
    act = _act(place)
    return [use.unlock_row(row, act=act, now=now) for row in _rows(shown, now=now)]


def redeem(*, shown: Shown, place: Place, now: dt.datetime) -> list[rules.Coupon]:
    """Redeem coupons, once, by one till; the same order at the same till again gives the first answer.

    Raises CouponUnknown, CardCodeInvalid, StoreUnknown, AlreadyRedeemed (when and where), InUse, Ended, NotYet, Withdrawn,
    UseStopped, NotHere, NotTogether (K02).
    """
    act, rows = _act(place), _rows(shown, now=now)
    _refuse_stacking(rows, act)
    return [use.redeem_row(row, act=_carried(act, shown, row), now=now) for row in rows]


def give_back(*, codes: Sequence[str], order: str, now: dt.datetime) -> list[rules.Coupon]:
    """Give back what a fully refunded order used (K03). Raises CouponUnknown, NotRedeemed."""
    return [use.give_back_by_order(row, order=order, now=now) for row in use.lock_by_codes(codes)]


def _act(place: Place) -> Act:
    store_id = None
    if place.store_code is not None:
        found = stores.find_stores_by_codes([place.store_code])
        if place.store_code not in found:
            raise stores.StoreUnknown
        store_id = found[place.store_code].store_id
    return Act(store_id=store_id, till=place.till, order=place.order)


def _carried(act: Act, shown: Shown, row: Row) -> Act:
    """A card brings whatever coupons its person has; a code brings its coupon alone."""
    return act if shown.card_code is None else replace(act, carried_by=carrier.born(row["customer_id"]))


def _rows(shown: Shown, *, now: dt.datetime, all_of_member: bool = False) -> list[Row]:
    if shown.card_code is None:
        return use.lock_by_codes(shown.codes)
    customer_id = members.find_member_by_card_code(shown.card_code, now).customer_id
    wanted = list(shown.coupon_ids)
    if not wanted and all_of_member:
        held = list_coupons(customer_id=customer_id, now=now, limit=CHECKED_AT_MOST)
        wanted = [coupon.id for coupon in held.items]
    rows = lock_coupons([(customer_id, coupon_id) for coupon_id in wanted])
    if len(rows) < len(set(wanted)):
        raise CouponUnknown
    return rows


def _refuse_stacking(rows: Sequence[Row], act: Act) -> None:
    """K02: one product-level, one order-level, one freight coupon an order, over all calls for it."""
    levels = [(row["t_level"], row["id"]) for row in rows]
    if act.order is not None and rows:
        used = (
            select(TemplateRow.level, CouponRow.id)
            .join(CouponRow, CouponRow.template_id == TemplateRow.id)
            .join(UseRow, (UseRow.customer_id == CouponRow.customer_id) & (UseRow.coupon_id == CouponRow.id))
            .where(UseRow.customer_id.in_({row["customer_id"] for row in rows}), UseRow.given_back_at.is_(None))
            .where(UseRow.cause == f"order:{act.order}")
        )
        levels += [(row.level, row.id) for row in db.session.execute(used)]
    distinct = set(levels)
    if len({level for level, _ in distinct}) < len(distinct):
        raise NotTogether
