"""Templates and coupons to test with, made through the front door."""

import datetime as dt
from typing import Any

from app.membership import coupons

NOW = dt.datetime(2026, 5, 20, 4, 0, tzinfo=dt.UTC)


def some_terms(**changes: Any) -> coupons.Terms:
    """满 99 减 20 at order level, seven days; changes by field."""
    given: dict[str, Any] = {
        "name": "满99减20",
        "kind": "cash",
        "coverage": coupons.Coverage("order"),
        "validity": coupons.Validity(days=7),
        "value_fen": 2_000,
        "threshold_fen": 9_900,
    }
    return coupons.Terms(**(given | changes))


def a_template(*, terms: coupons.Terms | None = None, now: dt.datetime = NOW, **offering: Any) -> coupons.Template:
    """An open template; approved by two people, so that any worth may open."""
    saved = coupons.templates.save(terms=terms or some_terms(), offering=coupons.Offering(**offering), now=now)
    for staff_id in (901, 902):
        coupons.templates.approve(template_id=saved.id, staff_id=staff_id)
    return coupons.templates.change_state(template_id=saved.id, state="open")


def a_coupon(
    *, customer_id: int, template: coupons.Template | None = None, cause: str = "gift:1", now: dt.datetime = NOW
) -> coupons.Coupon:
    """A granted coupon of somebody."""
    template = template or a_template(now=now, public=False)
    return coupons.grant(customer_id=customer_id, template_id=template.id, cause=cause, now=now)
