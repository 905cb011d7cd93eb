"""What there is to take: templates, their two-person rule, their one tap to stop, their codes from outside."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from app.kernel import policy
from app.kernel.database import db
from app.membership.coupons import rules
from app.membership.coupons.models import CodeRow, PoolCodeRow, StockRow, TemplateRow
from app.membership.coupons.queries import get_template as get_template
from app.membership.coupons.queries import list_offered as list_offered
from app.membership.coupons.refusals import ApprovalMissing, StateWrong, TemplateUnknown, TermsFixed, TermsWrong

CHUNK = 5_000
# K06: stopping taking is one tap; stopping use is a second decision, and only from there; what is stopped may open again.
_NEXT_STATES = {
    "draft": {"open"},
    "open": {"taking_stopped"},
    "taking_stopped": {"open", "use_stopped"},
    "use_stopped": {"taking_stopped"},
}


@policy.policy("coupons")
@dataclass(frozen=True)
class CouponsPolicy:
    """The brand's settings: above which worth two people approve (K06), and how long an unpaid order keeps a coupon (K04)."""

    two_people_above_percent: int = 50
    lock_minutes: int = 30


@dataclass(frozen=True)
class Offering:
    """How many there are, for whom, and when they may be taken. `public` False: granted only."""

    total: int | None = None
    budget_fen: int | None = None
    per_customer: int = 1
    public: bool = True
    take_from: dt.datetime | None = None
    take_before: dt.datetime | None = None
    from_pool: bool = False
    occasion: str | None = None


def save(*, terms: rules.Terms, offering: Offering, now: dt.datetime, template_id: int | None = None) -> rules.Template:
    """Draft a template, or change a draft; a change drops the approvals it had.

    Raises TermsWrong, TemplateUnknown, TermsFixed once it has been opened: what people hold does not change under them.
    """
    if faults := rules.faults_of(terms) | _faults_of(offering):
        raise TermsWrong(faults=faults)
    values = _columns(terms, offering) | {"approved_by": []}
    if template_id is None:
        template_id = _add(values, offering, now)
    else:
        if _lock(template_id) != "draft":
            raise TermsFixed
        db.session.execute(update(TemplateRow).where(TemplateRow.id == template_id).values(**values))
        change_stock(template_id=template_id, total=offering.total, budget_fen=offering.budget_fen)
    return get_template(template_id)


def approve(*, template_id: int, staff_id: int) -> rules.Template:
    """Sign a template; the same person twice is one signature. Raises TemplateUnknown, TermsFixed after opening."""
    if _lock(template_id) != "draft":
        raise TermsFixed
    signed = sorted({*get_template(template_id).approved_by, staff_id})
    db.session.execute(update(TemplateRow).where(TemplateRow.id == template_id).values(approved_by=signed))
    return get_template(template_id)


def change_state(*, template_id: int, state: str) -> rules.Template:
    """Open, stop taking, stop use. The same state again changes nothing.

    Raises TemplateUnknown, StateWrong for a step that does not exist, ApprovalMissing where K06 wants two people first.
    """
    present = _lock(template_id)
    template = get_template(template_id)
    if state == present:
        return template
    if state not in _NEXT_STATES[present]:
        raise StateWrong(state=present, wanted=state)
    if state == "open" and not template.built_in:
        _need_approval(template)
    db.session.execute(update(TemplateRow).where(TemplateRow.id == template_id).values(state=state))
    return get_template(template_id)


def change_stock(*, template_id: int, total: int | None, budget_fen: int | None) -> rules.Template:
    """Set number and money budget; they may change while people take.

    Raises TermsWrong for less than was taken already, TemplateUnknown.
    """
    template = get_template(template_id)
    stock = db.session.execute(
        select(StockRow)
        .where(StockRow.template_id == template_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    if template.total is None and template.budget_fen is None:
        # Until now nobody counted: from here on the counter starts with what is out there.
        given = db.session.execute(
            text("SELECT count(*) FROM coupon WHERE template_id = :id AND state <> 'void'"), {"id": template_id}
        ).scalar_one()
        stock.taken, stock.promised_fen = given, given * rules.worth_of(template.terms)
    too_few = total is not None and total < stock.taken
    if too_few or (budget_fen is not None and budget_fen < stock.promised_fen):
        raise TermsWrong(faults={"total" if too_few else "budget_fen": "不能少于已经发出的"})
    stock.total, stock.budget_fen = total, budget_fen
    db.session.flush()
    return get_template(template_id)


def add_codes(*, template_id: int, codes: Iterable[str], now: dt.datetime) -> tuple[int, list[str]]:
    """Put codes from outside into a template's pool, in chunks: (how many were new, the ones refused as known already).

    Raises TemplateUnknown, TermsWrong for a template that makes its own codes.
    """
    if not get_template(template_id).from_pool:
        raise TermsWrong(faults={"from_pool": "这种券用自己的券码"})
    added, refused = 0, []
    left = iter(codes)
    while chunk := list(islice(left, CHUNK)):
        wanted = list(dict.fromkeys(code.strip() for code in chunk if code.strip()))
        known = set(db.session.execute(select(CodeRow.code).where(CodeRow.code.in_(wanted))).scalars())
        rows = [{"code": code, "template_id": template_id} for code in wanted if code not in known]
        stored = insert(PoolCodeRow).on_conflict_do_nothing().returning(PoolCodeRow.code)
        new = set(db.session.execute(stored, rows).scalars()) if rows else set()
        added += len(new)
        refused += [code for code in wanted if code not in new]
    return added, refused


def _faults_of(offering: Offering) -> dict[str, str]:
    window = (offering.take_from, offering.take_before)
    checks = {
        "per_customer": (offering.per_customer > 0, "每人至少一张"),
        "total": (offering.total is None or offering.total >= 0, "数量不能为负"),
        "budget_fen": (offering.budget_fen is None or offering.budget_fen >= 0, "预算不能为负"),
        "take_before": (None in window or window[0] < window[1], "领取结束要晚于开始"),  # type: ignore[operator]
    }
    return {name: words for name, (stands, words) in checks.items() if not stands}


def _columns(terms: rules.Terms, offering: Offering) -> dict[str, Any]:
    plain = ("name", "kind", "value_fen", "percent", "cap_fen", "threshold_fen", "extends_days", "words")
    offered = ("per_customer", "public", "take_from", "take_before", "from_pool", "occasion")
    return {
        **{name: getattr(terms, name) for name in plain},
        **{name: getattr(offering, name) for name in offered},
        "scope": asdict(terms.scope),
        "level": terms.coverage.level,
        "with_member_price": terms.coverage.with_member_price,
        "with_points": terms.coverage.with_points,
        "valid_days": terms.validity.days,
        "starts_at": terms.validity.starts_at,
        "ends_before": terms.validity.ends_before,
    }


def _add(values: dict[str, Any], offering: Offering, now: dt.datetime) -> int:
    row = TemplateRow(**({"state": "draft", "built_in": False, "created_at": now} | values))
    db.session.add(row)
    db.session.flush()
    stock = StockRow(template_id=row.id, total=offering.total, budget_fen=offering.budget_fen, taken=0, promised_fen=0)
    db.session.add(stock)
    db.session.flush()
    return row.id


def _lock(template_id: int) -> str:
    state = db.session.execute(
        select(TemplateRow.state).where(TemplateRow.id == template_id).with_for_update()
    ).scalar_one_or_none()
    if state is None:
        raise TemplateUnknown
    return state


def _need_approval(template: rules.Template) -> None:
    percent = policy.current(CouponsPolicy).two_people_above_percent
    if rules.needs_two_people(template.terms, percent) and len(template.approved_by) < 2:
        raise ApprovalMissing(approved=len(template.approved_by), needed=2)
