"""Card numbers and the code a member shows."""

import datetime as dt
import functools
import hmac
from dataclasses import dataclass

from app.kernel import policy
from app.kernel.settings import settings
from app.membership.members.queries.members import MemberView, find_member, get_member
from app.membership.members.queries.tiers import TierView, list_tiers
from app.membership.members.queries.tiers import ladder as brand_ladder
from app.membership.members.refusals import CardCodeInvalid
from app.membership.members.rules import cards, tiers
from app.membership.members.rules.joining import MembersPolicy
from app.people import identity

CODE_LIVES_SECONDS = 60
# What two clocks may differ, and a scan may take.
SKEW_SECONDS = 10


@dataclass(frozen=True)
class CardCode:
    """Twenty digits for a barcode or QR code; show a new one at `expires_at`."""

    code: str
    expires_at: dt.datetime


@dataclass(frozen=True)
class Card:
    """The card as its holder sees it.

    `missing`: growth up to the next tier, None at the top. `keep`: what keeps the earned tier, None at the bottom;
    `keep_missing`: yuan still to spend for it (再消费 ¥X 可保级), only within 30 days of the end (M08).
    """

    member: MemberView
    tier: TierView
    next_tier: TierView | None
    missing: int | None
    keep: int | None
    kept: int
    keep_missing: int | None
    code: CardCode


def get_card(customer_id: int, now: dt.datetime) -> Card:
    """The customer's card with its tier, the way to the next one, and a code to show. Raises NotMember."""
    member, ladder = get_member(customer_id), list_tiers()
    standing = member.standing
    above = ladder[member.level + 1] if member.level + 1 < len(ladder) else None
    notice = dt.timedelta(days=policy.current(MembersPolicy).keep_notice_days)
    return Card(
        member=member,
        tier=ladder[member.level],
        next_tier=above,
        missing=max(above.threshold - standing.growth, 0) if above else None,
        keep=ladder[standing.level].keep if standing.level else None,
        kept=max(standing.kept, 0),
        keep_missing=tiers.short_of_keeping(standing, brand_ladder(), now, notice),
        code=card_code(customer_id, now),
    )


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
    if member is None and customer_id is not None:  # shown by one who was merged into another meanwhile
        present = identity.who.find_present(customer_id)
        member = find_member(present) if present is not None else None
    if member is None:
        raise CardCodeInvalid
    return member
