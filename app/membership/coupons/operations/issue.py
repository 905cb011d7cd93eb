"""Give coupons to people: one at a time here, many at once in `bulk`.

The counters of a limited template are one row that everybody wants. So a take that cannot succeed is refused on a glance
at the row, which waits for nobody; one that can writes everything else first and updates the counter last, so that the
row is held only until the commit. A take in a unit of work goes one step further: its update is sent in one message with
the COMMIT. The condition of the update, or the CHECK behind it, keeps the limit, never the glance.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from sqlalchemy import ClauseElement, text

from app.kernel import carrier, facts
from app.kernel.database import LastStatement, Overtaken, Statement, db, in_one_trip, leave_for_last
from app.membership import members
from app.membership.coupons import rules
from app.membership.coupons.facts import CouponStockLow, CouponTaken
from app.membership.coupons.models import ALARM_PERCENT
from app.membership.coupons.queries import find_own_coupon, template_from
from app.membership.coupons.refusals import (
    CauseReused,
    LimitReached,
    MembersOnly,
    NotOpen,
    SoldOut,
    TemplateUnknown,
    UseStopped,
)

# The customer's row is kept with the lock: it cannot be merged away, nor can its limits change, until the take is done.
LOCK = Statement(
    lambda: text(
        "SELECT pg_advisory_xact_lock(hashint8extended(:customer_id, 20260520)) FROM customer WHERE id = :customer_id"
        " FOR KEY SHARE"
    )
)
LOOK = Statement(
    lambda: text(
        "SELECT t.*, s.total, s.budget_fen, s.taken, s.promised_fen, h.taken AS mine,"
        " s.alarmed_at, c.id AS coupon_id, c.template_id AS coupon_template_id"
        " FROM coupon_template t JOIN coupon_stock s ON s.template_id = t.id"
        " LEFT JOIN coupon_holding h ON h.customer_id = :customer_id AND h.template_id = t.id"
        " LEFT JOIN coupon c ON c.customer_id = :customer_id AND c.cause = :cause"
        # Two who were merged may each have brought a coupon of this cause.
        " WHERE t.id = :template_id ORDER BY c.born_customer_id = :born_customer_id DESC LIMIT 1"
    )
)
_PICK_CODE = Statement(
    lambda: text(
        "UPDATE coupon_pool_code SET given_at = :now WHERE code = ("
        " SELECT code FROM coupon_pool_code WHERE template_id = :template_id AND given_at IS NULL"
        " ORDER BY code LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING code"
    )
)


def _writing(*, taken: bool, limited: bool) -> ClauseElement:
    """Holding → coupon → code → counter, each fed by the one before: PostgreSQL cannot lock the counter any sooner."""
    held = (
        "held AS (INSERT INTO coupon_holding AS h (customer_id, template_id, taken)"
        " VALUES (:customer_id, :template_id, 1) ON CONFLICT (customer_id, template_id)"
        " DO UPDATE SET taken = h.taken + 1 WHERE h.taken < :per_customer RETURNING template_id)"
        if taken
        else "held AS (SELECT CAST(:template_id AS bigint) AS template_id)"
    )
    written = (
        "written AS (INSERT INTO coupon (customer_id, born_customer_id, template_id, code, cause, taken, state, taken_at,"
        " starts_at, ends_before) SELECT :customer_id, :born_customer_id, template_id, :code, :cause, :taken, 'usable', :now,"
        " :starts_at, :ends_before FROM held RETURNING id, code, customer_id)"
    )
    coded = (
        "coded AS (INSERT INTO coupon_code (code, customer_id, coupon_id) SELECT code, customer_id, id FROM written"
        " RETURNING coupon_id)"
    )
    counted = (
        "counted AS (UPDATE coupon_stock s SET taken = s.taken + 1, promised_fen = s.promised_fen + :worth_fen,"
        " alarmed_at = COALESCE(s.alarmed_at, CASE WHEN (s.taken + 1) * 100 >= s.total * :alarm_percent"
        " OR (s.promised_fen + :worth_fen) * 100 >= s.budget_fen * :alarm_percent THEN CAST(:now AS timestamptz) END)"
        " FROM coded WHERE s.template_id = :template_id AND (s.total IS NULL OR s.taken < s.total)"
        " AND (s.budget_fen IS NULL OR s.promised_fen + :worth_fen <= s.budget_fen)"
        " RETURNING s.taken, s.promised_fen, s.alarmed_at = CAST(:now AS timestamptz) AS alarmed)"
        if limited
        else "counted AS (SELECT 0 AS taken, 0 AS promised_fen, false AS alarmed FROM coded)"
    )
    return text(
        f"WITH {held}, {written}, {coded}, {counted}"  # noqa: S608  (pieces of our own, values are bound)
        " SELECT coded.coupon_id, counted.taken, counted.promised_fen, counted.alarmed"
        " FROM coded LEFT JOIN counted ON true"
    )


WRITE = {
    (taken, limited): Statement(lambda taken=taken, limited=limited: _writing(taken=taken, limited=limited))  # type: ignore[misc]
    for taken in (True, False)
    for limited in (True, False)
}
_UNWRITE = Statement(
    lambda: text(
        "WITH gone AS (DELETE FROM coupon WHERE customer_id = :customer_id AND id = :coupon_id"
        " RETURNING template_id, code, taken),"
        " nameless AS (DELETE FROM coupon_code USING gone WHERE coupon_code.code = gone.code),"
        " pooled AS (UPDATE coupon_pool_code p SET given_at = NULL FROM gone WHERE p.code = gone.code)"
        " UPDATE coupon_holding h SET taken = h.taken - 1 FROM gone"
        " WHERE gone.taken AND h.customer_id = :customer_id AND h.template_id = gone.template_id"
    )
)


_COUNT_ONE = (  # whole numbers of our own
    "UPDATE coupon_stock SET taken = taken + 1, promised_fen = promised_fen + {worth_fen:d} WHERE template_id = {template_id:d}"
)
_BROKEN = {"ck_coupon_stock_within_total": SoldOut, "ck_coupon_stock_within_budget": SoldOut}


@dataclass(frozen=True)
class _Wish:
    customer_id: int
    born_customer_id: int
    template_id: int
    cause: str
    taken: bool
    now: dt.datetime


def take(*, customer_id: int, template_id: int, cause: str, now: dt.datetime) -> rules.Coupon:
    """Take a coupon that is offered to everybody. The same cause again gives the first coupon, `repeated`.

    Raises MembersOnly, TemplateUnknown (also for one that is only granted), NotOpen, LimitReached, SoldOut, CauseReused; a
    refusal leaves nothing behind. In a unit of work, SoldOut may come at its end, for the very last ones.
    """
    if not members.are_members([customer_id]):
        raise MembersOnly
    return _issue(_Wish(customer_id, carrier.born(customer_id), template_id, cause, True, now))


def grant(*, customer_id: int, template_id: int, cause: str, now: dt.datetime) -> rules.Coupon:
    """Give somebody a coupon for a cause of its own: a gift, a guide, an exchange. It counts in number and budget, not in the
    per-member limit of what one takes.

    Raises TemplateUnknown, NotOpen, SoldOut, CauseReused; a refusal leaves nothing behind.
    """
    return _issue(_Wish(customer_id, carrier.born(customer_id), template_id, cause, False, now))


def _issue(wish: _Wish) -> rules.Coupon:
    who = {"customer_id": wish.customer_id}
    looking = {**who, "born_customer_id": wish.born_customer_id, "template_id": wish.template_id, "cause": wish.cause}
    locked, seen = in_one_trip(db.session(), (LOCK, who), (LOOK, looking))
    if not locked:
        raise Overtaken
    row = seen[0] if seen else None
    if row is None or (wish.taken and not row["public"]):
        raise TemplateUnknown
    if row["coupon_id"] is not None:
        if row["coupon_template_id"] != wish.template_id:
            raise CauseReused
        return replace(find_own_coupon(customer_id=wish.customer_id, coupon_id=row["coupon_id"]), repeated=True)
    template = template_from(row, mine=(row["mine"] or 0) if wish.taken else 0)
    if (why := rules.why_not_taken(template, wish.now)) is not None:
        _refuse(why, template)
    return _write(wish, template)


def _refuse(why: str, template: rules.Template) -> NoReturn:
    if why == "sold_out":
        raise SoldOut
    if why == "limit_reached":
        raise LimitReached(limit=template.per_customer)
    if template.state == "use_stopped":
        raise UseStopped
    raise NotOpen(
        why=why, **({"opens_at": template.take_from.isoformat()} if template.take_from and why == "not_yet" else {})
    )


def _write(wish: _Wish, template: rules.Template) -> rules.Coupon:
    code = _code_for(template, wish.now)
    period = rules.period_of(template.terms.validity, wish.now)
    counted_now = (template.total is not None or template.budget_fen is not None) and not _count_last(wish, template)
    worth = {"worth_fen": rules.worth_of(template.terms), "alarm_percent": ALARM_PERCENT} if counted_now else {}
    written = WRITE[wish.taken, counted_now].row(
        db.session(),
        **vars(wish), **vars(period), **worth, **({"per_customer": template.per_customer} if wish.taken else {}), code=code,
    )  # fmt: skip
    if written is None:
        # Only a take of the same customer that began before our lock was known to it could lead here: the row decides.
        raise LimitReached(limit=template.per_customer)
    if written["taken"] is None:
        _UNWRITE.rows(db.session(), customer_id=wish.customer_id, coupon_id=written["coupon_id"])
        raise SoldOut
    _tell(wish, written, period)
    return rules.Coupon(
        id=written["coupon_id"],
        customer_id=wish.customer_id,
        template_id=wish.template_id,
        code=code,
        state="usable",
        taken_at=wish.now,
        starts_at=period.starts_at,
        ends_before=period.ends_before,
        terms=template.terms,
    )


def _count_last(wish: _Wish, template: rules.Template) -> bool:
    """Leave the counter of a rush to the commit, where nobody has to be told what came of it: neither of the alarm, which
    is near or past, nor the caller of a grant, who may have another way."""
    if not wish.taken or rules.alarm_is_near(template, ALARM_PERCENT):
        return False
    moved = _COUNT_ONE.format(worth_fen=rules.worth_of(template.terms), template_id=template.id)
    return leave_for_last(db.session(), LastStatement(moved, _BROKEN))


def _code_for(template: rules.Template, now: dt.datetime) -> str:
    if not template.from_pool:
        return rules.new_code()
    picked = _PICK_CODE.row(db.session(), template_id=template.id, now=now)
    if picked is None:
        raise SoldOut
    return str(picked["code"])


def _tell(wish: _Wish, written: Mapping[Any, Any], period: rules.Period) -> None:
    told: list[object] = [
        CouponTaken(
            coupon_id=written["coupon_id"],
            customer_id=wish.customer_id,
            born_customer_id=wish.born_customer_id,
            template_id=wish.template_id,
            cause=wish.cause,
            ends_before=period.ends_before,
            at=wish.now,
        )
    ]
    if written["alarmed"]:
        told.append(CouponStockLow(wish.template_id, written["taken"], written["promised_fen"], wish.now))
    facts.announce(told)
