"""Card numbers and the code a member shows."""

import datetime as dt
import functools
import hmac
from dataclasses import dataclass

from app.kernel.settings import settings
from app.membership.members.queries.members import MemberView, find_member
from app.membership.members.refusals import CardCodeInvalid
from app.membership.members.rules import cards

CODE_LIVES_SECONDS = 60
# What two clocks may differ, and a scan may take.
SKEW_SECONDS = 10


@dataclass(frozen=True)
class CardCode:
    """Twenty digits for a barcode or QR code; show a new one at `expires_at`."""

    code: str
    expires_at: dt.datetime


@functools.cache
def _key(purpose: bytes) -> bytes:
    return hmac.digest(settings().seal_key, b"members\0" + purpose, "sha256")


def card_number_of(customer_id: int) -> str:
    """The number on a customer's card: 16 digits with a check digit, sealed so that it tells neither count nor order."""
    return cards.card_number(customer_id, _key(b"card"))


def card_code(customer_id: int, now: dt.datetime) -> CardCode:
    """The code a member shows at the till: it lives 60 seconds, counted in steps of ten (X04)."""
    slot = cards.slot_of(int(now.timestamp()))
    expires_at = dt.datetime.fromtimestamp(slot * cards.SLOT_SECONDS + CODE_LIVES_SECONDS, dt.UTC)
    return CardCode(cards.code_of(customer_id, slot, _key(b"code")), expires_at)


def find_member_by_card_code(code: str, now: dt.datetime) -> MemberView:
    """Whose code is shown: valid until its `expires_at` and at most ten seconds longer. Raises CardCodeInvalid (X04).

    The code itself carries the sealed member: one look-up by key, nothing searched or stored.
    """
    last = cards.slot_of(int(now.timestamp()))
    first = last - (CODE_LIVES_SECONDS + SKEW_SECONDS) // cards.SLOT_SECONDS + 1
    # One slot ahead as well: the clock of the process that made it may be a little early.
    customer_id = cards.customer_of_code(code, range(first, last + 2), _key(b"code"))
    member = find_member(customer_id) if customer_id is not None else None
    if member is None:
        raise CardCodeInvalid
    return member
