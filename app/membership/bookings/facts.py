"""What bookings announce. `born_customer_id`: the former self whose booking it is; what follows from it is born to them."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class BookingConfirmed:
    """A booking stands: first confirmed, or moved to another time (`moved`)."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_id: int
    store_id: int
    starts_at: dt.datetime
    moved: bool
    at: dt.datetime


@dataclass(frozen=True)
class BookingCancelled:
    """A confirmed booking ended without a visit. `by` is customer or store (K10: the store's fault)."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_id: int
    store_id: int
    starts_at: dt.datetime
    by: str
    why: str
    at: dt.datetime


@dataclass(frozen=True)
class BookingRedeemed:
    """The person is here. `store_id` is where, which for a service of all stores may be another one than booked (K11)."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_id: int
    store_id: int
    staff_id: int
    at: dt.datetime


@dataclass(frozen=True)
class RedemptionUndone:
    """A lead took a redemption back the same day (X04)."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    staff_id: int
    why: str
    at: dt.datetime


@dataclass(frozen=True)
class BookingMissed:
    """Nobody came (K09). `corrected` when a lead took that back."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_id: int
    store_id: int
    corrected: bool
    at: dt.datetime


@dataclass(frozen=True)
class PlaceOffered:
    """Somebody on the waiting list may have a place until `offered_until` (K10)."""

    booking_id: int
    customer_id: int
    born_customer_id: int
    service_id: int
    store_id: int
    starts_at: dt.datetime
    offered_until: dt.datetime
    at: dt.datetime
