"""Services, seats and bookings to test with. Plain functions: call them inside a test's transaction."""

import datetime as dt
import itertools
from dataclasses import dataclass
from typing import Any

from app.membership import bookings
from app.membership.bookings.operations import stock
from tests.factories.people import a_customer, a_store

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Salon:
    """A store with one service and its seats."""

    store_id: int
    service_id: int
    seat_ids: tuple[int, ...]


def a_service(**more: Any) -> int:
    """A make-up of three quarters of an hour."""
    values: dict[str, Any] = {"name": f"整妆 {next(_numbers)}", "kind": "makeup", "minutes": 45} | more
    return stock.save_service(stock.ServiceDraft(**values))


def a_salon(now: dt.datetime, *, seats: int = 1, store: dict[str, Any] | None = None, **service: Any) -> Salon:
    """A store, a service, and seats that work when the stock says: ten to nine with a break at one."""
    store_id, service_id = a_store(now, **(store or {})), a_service(**service)
    hours = stock.STOCK_HOURS
    drafts = [stock.ResourceDraft(store_id, f"体验位 {number}", [service_id], hours) for number in range(1, seats + 1)]
    return Salon(store_id, service_id, tuple(stock.save_resource(draft) for draft in drafts))


def a_hold(now: dt.datetime, salon: Salon, starts_at: dt.datetime, *, customer_id: int = 0) -> bookings.BookingView:
    """A hold by somebody."""
    return bookings.hold(
        customer_id=customer_id or a_customer(now),
        service_id=salon.service_id,
        store_id=salon.store_id,
        starts_at=starts_at,
        now=now,
    )


def a_booking(now: dt.datetime, salon: Salon, starts_at: dt.datetime, *, customer_id: int = 0) -> bookings.BookingView:
    """A confirmed booking of somebody."""
    held = a_hold(now, salon, starts_at, customer_id=customer_id)
    return bookings.confirm(booking_id=held.id, customer_id=held.customer_id, now=now)
