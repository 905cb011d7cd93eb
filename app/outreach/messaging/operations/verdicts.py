"""What is put to judgement, and what is said of it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.outreach.materials import PurposeView, Rendered


@dataclass(frozen=True)
class Candidate:
    """A delivery that is due and leased. `tried`: channels by which it finally failed, not to be tried again."""

    delivery_id: int
    customer_id: int | None
    born_customer_id: int | None
    purpose: PurposeView
    dispatch_id: int
    control_percent: int
    control_salt: str
    occasion: str
    values: Mapping[str, Any]
    due_at: dt.datetime
    expires_at: dt.datetime
    tried: tuple[str, ...] = ()
    staff_id: int | None = None

    @property
    def marketing(self) -> bool:
        """Whether consent, caps and quiet are asked for (R03)."""
        return self.purpose.kind == "marketing"


@dataclass(frozen=True)
class Go:
    """It may go: by this channel and account, to this openid or phone number, with these words."""

    delivery_id: int
    channel: str
    account: str
    address: str
    rendered: Rendered
    reserved: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hold:
    """It stays, for good. `data`: with `unreachable`, why not by each channel."""

    delivery_id: int
    reason: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Not before then: it is night there, or the account's quota is used up until then."""

    delivery_id: int
    until: dt.datetime
    reason: str


Verdict = Go | Hold | Wait
