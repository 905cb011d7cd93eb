"""What the stories begin with: people, templates, a store with two seats; and the ways a shop tells."""

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.kernel.database import db, unit_of_work
from app.membership import bookings, coupons, members, points
from app.trade import orders
from tests.conftest import NOW
from tests.factories.bookings import a_salon, a_service
from tests.factories.coupons import a_template, some_terms
from tests.factories.people import a_customer, a_phone, a_staff

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
SEATS = 2
LIMITS = {
    "few": {"total": 3, "each": 2, "days": 0, "longer": 0},
    "many": {"total": 1_000, "each": 1, "days": 7, "longer": 0},
    "kind": {"total": 1_000, "each": 5, "days": 2, "longer": 7},
}


class World:
    """Made once; every story is undone."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.minutes = {"20": 20, "30": 30, "45": 45, "60": 60}
        with unit_of_work():
            members.ship_stock(now=NOW)
            self.phones = [a_phone() for _ in range(3)]
            self.people = [a_customer(NOW, phone=phone) for phone in self.phones]
            self.templates = {name: self._template(**rules) for name, rules in LIMITS.items()}
            salon = a_salon(NOW, seats=0)
            self.store_id = salon.store_id
            self.services = {name: a_service(minutes=length) for name, length in self.minutes.items()}
            drafts = [
                bookings_stock().ResourceDraft(
                    self.store_id, f"体验位 {number}", list(self.services.values()), bookings_stock().STOCK_HOURS
                )
                for number in range(SEATS)
            ]
            self.seats = [bookings_stock().save_resource(draft) for draft in drafts]
            self.staff_id = a_staff(NOW, store_id=self.store_id)

    @staticmethod
    def _template(*, total: int, each: int, days: int, longer: int) -> int:
        terms = some_terms(validity=coupons.Validity(days=days), extends_days=longer)
        return a_template(terms=terms, total=total, per_customer=each).id

    def report(self, order: dict[str, Any], parts: set[str], *, now: dt.datetime) -> orders.OrderReport:
        """What the shop says when it tells these parts."""
        refunds = tuple(
            orders.Refund(number, fen, now) for number, fen in order["refunds"].items() if number in parts
        )  # fmt: skip
        told: dict[str, Any] = {"buyers": (orders.Buyer("phone", "", self.phones[order["who"]]),)}
        if "paid" in parts:
            freight = 800
            told |= {
                "paid_at": order["paid"],
                "placed_at": order["paid"],
                "amounts": orders.Amounts(order["base"] + 500, 300, 200, 0, freight, order["base"] + freight),
                "in_store": order["shop"],
                "coupon_codes": (order["code"],) if order["code"] else (),
            }
        if "received" in parts:
            told["received_at"] = order["received"]
        return orders.OrderReport("demo-shop", order["number"], now, refunds=refunds, **told)

    @staticmethod
    def moment(now: dt.datetime, at: int) -> dt.datetime:
        """Some time today, tomorrow or too far ahead; mostly a slot."""
        day, half_hours = ((0, 1, 1, 2, 15)[at % 5], at // 5)
        noon = now.astimezone(SHANGHAI).replace(hour=10, minute=0, second=0, microsecond=0)
        minutes = (0, 30, 60, 120, 150, 300, 330, 45, 240)[half_hours]
        return noon + dt.timedelta(days=day, minutes=minutes)

    @staticmethod
    def code_of(booking_id: int) -> str:
        """What the booking's code is; nobody sees it before the booking is confirmed."""
        found = db.session.execute(text("SELECT code FROM booking WHERE id = :id"), {"id": booking_id})
        return str(found.scalar_one())

    @staticmethod
    def review(now: dt.datetime) -> None:
        """Judge tiers whose validity is over."""
        until_done(lambda: members.review_tiers_due(now=now, limit=10))

    def run_jobs(self, now: dt.datetime) -> None:
        """All jobs that time makes due, in small pieces."""
        until_done(lambda: points.due.expire_due(now=now, limit=2))
        until_done(lambda: points.due.release_pending_due(now=now, limit=2))
        until_done(lambda: points.due.expire_due(now=now, limit=2))
        until_done(lambda: coupons.due.lock_release_due(now=now, limit=2))
        until_done(lambda: coupons.due.expire_due(now=now, limit=2))
        until_done(lambda: bookings.release_holds_due(now=now, limit=2))
        until_done(lambda: bookings.no_show_due(now=now, limit=2))
        self.review(now)


def until_done(job: Callable[[], int]) -> None:
    """Run a job until it finds nothing more."""
    for _ in range(200):
        with unit_of_work():
            if not job():
                return
    raise AssertionError("a job never comes to its end")


def bookings_stock() -> Any:
    """The desk of those who set up services and seats."""
    from app.membership.bookings.operations import stock

    return stock
