"""Lock for an unpaid order → redeem → give back, and withdraw what is unused.

Whatever the entrance, the coupon's row is locked first, then the same act is looked for, then judged, then written. One
standing use per coupon is also a unique index of `coupon_use`.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, text, update

from app.kernel import facts, policy
from app.kernel.database import db
from app.membership.coupons import rules
from app.membership.coupons.facts import CouponGivenBack, CouponRedeemed, CouponWithdrawn
from app.membership.coupons.models import CouponRow, UseRow
from app.membership.coupons.operations.templates import CouponsPolicy
from app.membership.coupons.queries import coupon_from, find_coupons, lock_coupons
from app.membership.coupons.refusals import (
    AlreadyRedeemed,
    CouponUnknown,
    Ended,
    InUse,
    NotHere,
    NotLocked,
    NotRedeemed,
    NotYet,
    OwnCoupon,
    UseStopped,
    Withdrawn,
)
from app.people import stores, teams

Row = Mapping[Any, Any]
_UNLOCKED = {"locked_until": None, "locked_for": None, "locked_by": None}


@dataclass(frozen=True)
class Act:
    """Where and by whom a coupon is used. `order` is <channel>/<number>; the same order at the same place is the same act.

    `carried_by`: the former self whose card or order brings the coupon; None where its code alone does.
    """

    store_id: int | None = None
    staff_id: int | None = None
    till: str | None = None
    order: str | None = None
    carried_by: int | None = None

    @property
    def channel(self) -> str | None:
        """The order's channel, where there is an order."""
        return self.order.partition("/")[0] if self.order else None


def redeem_by_code(
    *,
    code: str,
    store_id: int | None,
    now: dt.datetime,
    staff_id: int | None = None,
    till: str | None = None,
    order: str | None = None,
) -> rules.Coupon:
    """Redeem the coupon behind a code, once. The same order at the same till again gives the first answer, `repeated`.

    Raises CouponUnknown, AlreadyRedeemed (when and where), InUse, Ended, NotYet, Withdrawn, UseStopped, NotHere,
    OwnCoupon (X04).
    """
    row = _lock_by_code(code)
    return redeem_row(row, act=Act(store_id, staff_id, till, order), now=now)


def redeem_row(row: Row, *, act: Act, now: dt.datetime) -> rules.Coupon:
    """Redeem a locked row of `COUPON`. Raises as `redeem_by_code`."""
    standing = _standing_use(row)
    if standing is not None:
        # The shop may have told the paid order before its till redeemed: then no till stands in the use.
        if act.order is not None and standing.cause == f"order:{act.order}" and standing.till in (None, act.till):
            return replace(coupon_from(row), repeated=True)
        raise _already(standing.used_at, standing.store_id)
    refuse_unusable(row, act=act, now=now)
    if act.staff_id is not None and teams.is_oneself(staff_id=act.staff_id, customer_id=row["customer_id"]):
        raise OwnCoupon
    write_use(row, act=act, now=now)
    return _again(row)


def lock_row(row: Row, *, act: Act, now: dt.datetime) -> rules.Coupon:
    """Keep a coupon for an unpaid order (K04: ⟨30 min⟩, shown as 使用中); the same order again prolongs nothing, and a lock
    that has run out is nobody's.

    Raises as `redeem_by_code`.
    """
    refuse_unusable(row, act=act, now=now)
    if row["state"] != "locked" or row["locked_until"] <= now:
        minutes = policy.current(CouponsPolicy).lock_minutes
        _change(
            row,
            state="locked",
            locked_until=now + dt.timedelta(minutes=minutes),
            locked_for=act.order,
            locked_by=_self(row, act),
        )
    return _again(row)


def unlock_row(row: Row, *, act: Act, now: dt.datetime) -> rules.Coupon:
    """Let go of a coupon kept for this order. One that is free already is answered as it is. Raises NotLocked."""
    if row["state"] == "locked" and row["locked_for"] == act.order:
        _change(row, state="usable" if row["ends_before"] > now else "expired", **_UNLOCKED)
    elif row["state"] not in {"usable", "expired"}:
        raise NotLocked
    return _again(row)


def refuse_unusable(row: Row, *, act: Act, now: dt.datetime) -> None:
    """Raise why this coupon cannot be used in this act now; a lock by the same order is no hindrance."""
    state = row["state"]
    own_lock = state == "locked" and act.order is not None and row["locked_for"] == act.order
    if state == "redeemed":
        raise _already(row["redeemed_at"], row["redeemed_store_id"])
    if state == "void":
        raise Withdrawn
    if row["t_state"] == "use_stopped":
        raise UseStopped
    if state == "locked" and not own_lock and row["locked_until"] > now:
        raise InUse(until=row["locked_until"].isoformat())
    # An order that was locked in time may be paid a little after the coupon's end.
    if state == "expired" or (row["ends_before"] <= now and not (own_lock and row["locked_until"] > now)):
        raise Ended(ended_at=row["ends_before"].isoformat())
    if row["starts_at"] > now:
        raise NotYet(starts_at=row["starts_at"].isoformat())
    stores, channels = row["t_scope"].get("stores"), row["t_scope"].get("channels")
    if (stores and act.store_id not in stores) or (
        channels and act.channel is not None and act.channel not in channels
    ):
        raise NotHere


def write_use(row: Row, *, act: Act, now: dt.datetime, order_id: int | None = None) -> None:
    """Write a use that was judged: coupon, use, fact."""
    _change(
        row,
        state="redeemed",
        **_UNLOCKED,
        redeemed_at=now,
        redeemed_store_id=act.store_id,
        ended_at=None,
    )
    cause = f"order:{act.order}" if act.order else f"{'clerk' if act.staff_id else 'till'}:{now.isoformat()}"
    # An order that gave the coupon back may use it again: merged, for its use is one row (till, and since when).
    db.session.merge(
        UseRow(
            customer_id=row["customer_id"], coupon_id=row["id"], born_customer_id=row["born_customer_id"],
            carried_by=_self(row, act), cause=cause, order_id=order_id, used_at=now, store_id=act.store_id,
            staff_id=act.staff_id, till=act.till, given_back_at=None, given_back_why=None,
        )
    )  # fmt: skip
    db.session.flush()
    facts.announce(
        [CouponRedeemed(**_told(row), store_id=act.store_id, staff_id=act.staff_id, order=act.order, at=now)]
    )


def give_back_row(row: Row, *, use: UseRow, why: str, now: dt.datetime) -> rules.Coupon:
    """Give a coupon back after a full refund, once (K03): with its old end; past, dead or some days more. Never cash."""
    end = rules.new_end_after_return(row["ends_before"], row["t_extends_days"], now)
    alive = end > now
    use.given_back_at, use.given_back_why = now, why
    _change(
        row, state="usable" if alive else "expired", ends_before=end, redeemed_at=None, redeemed_store_id=None,
        ended_at=None if alive else now,
    )  # fmt: skip
    facts.announce([CouponGivenBack(**_told(row), ends_before=end, at=now)])
    return _again(row)


def give_back_by_order(row: Row, *, order: str, now: dt.datetime) -> rules.Coupon:
    """Give back what this order used; a repeat is answered as it stands. Raises NotRedeemed."""
    use = db.session.get(UseRow, (row["customer_id"], row["id"], f"order:{order}"))
    if use is None:
        raise NotRedeemed
    if use.given_back_at is not None:
        return replace(_again(row), repeated=True)
    return give_back_row(row, use=use, why="refund", now=now)


def withdraw(*, customer_id: int, coupon_ids: Sequence[int], why: str, now: dt.datetime) -> int:
    """Take unused coupons away again and give their number and money back to the template; how many it were.

    What was used, ended or withdrawn stays as it is.
    """
    rows = [
        row
        for row in lock_coupons([(customer_id, found) for found in coupon_ids])
        if row["state"] in {"usable", "locked"}
    ]
    for row in rows:
        _change(row, state="void", **_UNLOCKED, ended_at=now)
    return_to_stock(rows)
    facts.announce([CouponWithdrawn(**_told(row), why=why, at=now) for row in rows])
    return len(rows)


def return_to_stock(rows: Sequence[Row]) -> None:
    """Counters of what was withdrawn; the hot rows come last, in the order of their ids."""
    for row in rows:
        if row["taken"]:
            db.session.execute(
                text(
                    "UPDATE coupon_holding SET taken = taken - 1 WHERE customer_id = :customer_id AND template_id = :template_id"
                ),
                {"customer_id": row["customer_id"], "template_id": row["template_id"]},
            )
    for row in sorted(rows, key=lambda row: int(row["template_id"])):
        worth = rules.worth_of(coupon_from(row).terms)
        db.session.execute(
            text(
                "UPDATE coupon_stock SET taken = taken - 1, promised_fen = promised_fen - :worth"
                " WHERE template_id = :template_id AND (total IS NOT NULL OR budget_fen IS NOT NULL)"
            ),
            {"template_id": row["template_id"], "worth": worth},
        )


def lock_by_codes(codes: Sequence[str]) -> list[Row]:
    """The rows behind codes, locked. Raises CouponUnknown for a code that nobody has."""
    spelled = {rules.spellings_of(code)[0] for code in codes}
    owners = lock_owners(list(spelled))
    if len(owners) < len(spelled):
        raise CouponUnknown
    return sorted(owners.values(), key=lambda row: (row["customer_id"], row["id"]))


def lock_owners(codes: Sequence[str]) -> dict[str, Row]:
    """The row behind each code as it is stored, locked; a code that nobody has is left out."""
    seen: dict[str, tuple[int, int]] | None = None
    rows: dict[tuple[int, int], Row] = {}
    # Again, where an owner was merged while we waited for the row: the code tells whose it is now.
    while (owners := {code: (who, which) for code, who, which in find_coupons(codes)}) != seen:
        seen = owners
        rows = {(row["customer_id"], row["id"]): row for row in lock_coupons(sorted(set(owners.values())))}
        if len(rows) == len(owners):
            break
    return {code: rows[owner] for code, owner in owners.items() if owner in rows}


def _already(redeemed_at: dt.datetime, store_id: int | None) -> AlreadyRedeemed:
    """Says when and where: the person at the till must be able to tell a mistake from a fraud."""
    store = stores.get_store(store_id).name if store_id is not None else None
    return AlreadyRedeemed(redeemed_at=redeemed_at.isoformat(), store=store)


def _self(row: Row, act: Act) -> int:
    """To which former self it counts that this coupon is kept or used."""
    return int(row["born_customer_id"] if act.carried_by is None else act.carried_by)


def _told(row: Row) -> dict[str, int]:
    """Which coupon of whom, as facts say it."""
    names = ("customer_id", "born_customer_id", "template_id")
    return {"coupon_id": row["id"], **{name: row[name] for name in names}}


def _lock_by_code(code: str) -> Row:
    return lock_by_codes([code])[0]


def _standing_use(row: Row) -> UseRow | None:
    wanted = select(UseRow).where(
        UseRow.customer_id == row["customer_id"], UseRow.coupon_id == row["id"], UseRow.given_back_at.is_(None)
    )
    return db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()


def _change(row: Row, **values: Any) -> None:
    key = (CouponRow.customer_id == row["customer_id"], CouponRow.id == row["id"])
    db.session.execute(update(CouponRow).where(*key).values(**values).execution_options(synchronize_session=False))


def _again(row: Row) -> rules.Coupon:
    return coupon_from(lock_coupons([(row["customer_id"], row["id"])])[0])
