"""Questions about templates."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from app.kernel.database import db, reading
from app.membership.coupons import rules
from app.membership.coupons.models import HoldingRow, StockRow, TemplateRow
from app.membership.coupons.refusals import TemplateUnknown

TEMPLATE = select(
    *TemplateRow.__table__.c,
    StockRow.total,
    StockRow.budget_fen,
    StockRow.taken,
    StockRow.promised_fen,
    StockRow.alarmed_at,
).join(StockRow, StockRow.template_id == TemplateRow.id)


def terms_from(row: Mapping[Any, Any]) -> rules.Terms:
    """The terms in a row of `coupon_template`."""
    scope = row["scope"]
    return rules.Terms(
        name=row["name"],
        kind=row["kind"],
        coverage=rules.Coverage(row["level"], row["with_member_price"], row["with_points"]),
        validity=rules.Validity(row["valid_days"], row["starts_at"], row["ends_before"]),
        value_fen=row["value_fen"],
        percent=row["percent"],
        cap_fen=row["cap_fen"],
        threshold_fen=row["threshold_fen"],
        scope=rules.Scope(**{name: tuple(scope.get(name, ())) for name in ("products", "tags", "stores", "channels")}),
        extends_days=row["extends_days"],
        words=row["words"],
    )


def template_from(row: Mapping[Any, Any], *, mine: int = 0) -> rules.Template:
    """A template from a row of `TEMPLATE`; `mine`: how many the customer in question took."""
    return rules.Template(
        id=row["id"],
        terms=terms_from(row),
        **{name: row[name] for name in _SAME},
        approved_by=tuple(row["approved_by"]),
        mine=mine,
    )


_SAME = (
    "state", "public", "occasion", "per_customer", "take_from", "take_before", "from_pool", "total", "budget_fen", "taken",
    "promised_fen", "built_in", "alarmed_at",
)  # fmt: skip


def get_template(template_id: int) -> rules.Template:
    """One template. Raises TemplateUnknown."""
    row = db.session.execute(TEMPLATE.where(TemplateRow.id == template_id)).mappings().one_or_none()
    if row is None:
        raise TemplateUnknown
    return template_from(row)


def find_by_occasion(occasions: set[str]) -> list[rules.Template]:
    """Open templates that the product grants on these occasions, oldest first."""
    wanted = TEMPLATE.where(TemplateRow.occasion.in_(occasions), TemplateRow.state == "open").order_by(TemplateRow.id)
    return [template_from(row) for row in db.session.execute(wanted).mappings()]


def list_offered(*, customer_id: int, now: dt.datetime) -> list[rules.Template]:
    """What this customer is offered to take: open and public; each says with `why_not` if it cannot be taken now."""
    mine = (HoldingRow.customer_id == customer_id) & (HoldingRow.template_id == TemplateRow.id)
    offered = (
        TEMPLATE.add_columns(HoldingRow.taken.label("mine"))
        .outerjoin(HoldingRow, mine)
        .where(TemplateRow.public, TemplateRow.state == "open")
        .order_by(TemplateRow.id.desc())
    )
    with reading() as connection:
        templates = [template_from(row, mine=row["mine"] or 0) for row in connection.execute(offered).mappings()]
    return [replace(found, why_not=rules.why_not_taken(found, now)) for found in templates]
