"""What members announce."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class MemberJoined:
    """A customer took the card.

    `gift`: "new_customer" (新客礼), "binding" (绑卡礼, an old buyer) or None where a gift was given before or is not due (C10,
    X01). `earns_since`: orders paid before it earn nothing any more (O04, O05: 365 days back, or the opening balance's
    cut-over day where it is later).
    """

    customer_id: int
    card_number: str
    joined_at: dt.datetime
    earns_since: dt.datetime
    gift: str | None
    at: dt.datetime


@dataclass(frozen=True)
class OpeningLot:
    """Points that an old card brought along, with the expiry they had."""

    points: int
    expires_at: dt.datetime


@dataclass(frozen=True)
class OldCardBound:
    """An old card became part of this membership; its point lots keep their expiry (C08). Announced after MemberJoined."""

    customer_id: int
    old_card_number: str
    lots: tuple[OpeningLot, ...]
    at: dt.datetime


@dataclass(frozen=True)
class TierChanged:
    """A tier was raised, fell, was kept, or returned after a refund. Levels count from 0; `why` is one of raised, fell, kept,
    returned, given, parted (with people who were set apart, the other had the higher tier)."""

    customer_id: int
    former_level: int
    level: int
    why: str
    at: dt.datetime
