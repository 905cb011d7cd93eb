"""What ships: the coupon templates of the stock programme (field rules 2.1), open, marked 内置."""

import datetime as dt

from sqlalchemy import select

from app.kernel.database import db
from app.membership.coupons.models import TemplateRow
from app.membership.coupons.operations.templates import Offering, _add, _columns
from app.membership.coupons.rules import Coverage, Scope, Terms, Validity

_ORDER = Coverage("order")
_PRODUCT = Coverage("product")
_SAMPLES = Scope(tags=("小样",))


def _cash(name: str, threshold: int, off: int, days: int) -> Terms:
    return Terms(name, "cash", _ORDER, Validity(days), value_fen=off * 100, threshold_fen=threshold * 100)


def _sample(name: str, days: int) -> Terms:
    return Terms(name, "exchange", _PRODUCT, Validity(days), scope=_SAMPLES)


_GRANTED = Offering(public=False)
STOCK: dict[str, tuple[Terms, Offering]] = {
    "new_customer": (_cash("新客券", 99, 20, 7), Offering(public=False, occasion="new_customer")),
    "first_order_sample": (_sample("首单小样兑换券", 30), Offering(public=False, occasion="new_customer")),
    "binding": (_cash("绑卡礼券", 0, 15, 15), Offering(public=False, occasion="binding")),
    "birthday": (
        Terms("生日券", "discount", _ORDER, Validity(30), percent=88, cap_fen=5_000),
        Offering(public=False, occasion="birthday"),
    ),
    "upgrade": (_cash("升级券", 300, 50, 30), Offering(public=False, occasion="upgrade")),
    "repurchase": (_cash("复购券", 199, 30, 30), Offering()),
    "wake": (_cash("唤醒券", 159, 40, 7), _GRANTED),
    "referral": (_cash("老带新券", 0, 20, 30), _GRANTED),
    "freight": (Terms("包邮券", "freight", Coverage("freight"), Validity(30)), Offering()),
    "apology": (_cash("致歉券", 0, 10, 30), _GRANTED),
    "sample": (_sample("小样申领券", 15), Offering(total=1_000)),
    "mall_cash_10": (_cash("积分兑换券", 0, 10, 30), _GRANTED),
}


def ship_stock(*, now: dt.datetime) -> int:
    """Add the shipped templates that are not there yet; how many were added. What the brand has changed stays."""
    known = set(db.session.execute(select(TemplateRow.code).where(TemplateRow.code.is_not(None))).scalars())
    missing = {code: pair for code, pair in STOCK.items() if code not in known}
    for code, (terms, offering) in missing.items():
        shipped = {"code": code, "state": "open", "built_in": True, "approved_by": []}
        _add(_columns(terms, offering) | shipped, offering, now)
    return len(missing)


def find_shipped(code: str) -> int | None:
    """The id of a shipped template by its code."""
    return db.session.execute(select(TemplateRow.id).where(TemplateRow.code == code)).scalar_one_or_none()
