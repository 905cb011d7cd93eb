"""Orders of members, told by a shop."""

import datetime as dt
import itertools

from app.people import identity
from app.trade import orders

_numbers = itertools.count(1)


def buys(customer_id: int, yuan: float, at: dt.datetime, *, number: str = "", earns: bool | None = None) -> str:
    """The customer's phone is named by a paid order; gives the order's number."""
    return bought(identity.phones.find_phone(customer_id) or "", yuan, at, number=number, earns=earns)


def bought(
    phone: str, yuan: float, at: dt.datetime, *, number: str = "", kind: str = "phone", earns: bool | None = None
) -> str:
    """A paid order that names a phone, or a card."""
    number = number or f"N{next(_numbers):06}"
    fen = round(yuan * 100)
    _report(
        orders.OrderReport(
            channel="demo-shop",
            number=number,
            reported_at=at,
            placed_at=at,
            paid_at=at,
            amounts=orders.Amounts(fen, 0, 0, 0, 0, fen),
            lines=(orders.Line(1, "P1", "口红", 1, fen),),
            buyers=(orders.Buyer(kind, "", phone),),
            earns=earns,
        ),
        at,
    )
    return number


def refunds(number: str, yuan: float, at: dt.datetime) -> None:
    """Money of an order goes back."""
    refund = orders.Refund(f"T{next(_numbers):06}", round(yuan * 100), at)
    _report(orders.OrderReport(channel="demo-shop", number=number, reported_at=at, refunds=(refund,)), at)


def _report(report: orders.OrderReport, at: dt.datetime) -> None:
    outcome = orders.report_orders([report], source="demo-shop", now=at)
    assert not [one for one in outcome if getattr(one, "reason", None)], outcome
