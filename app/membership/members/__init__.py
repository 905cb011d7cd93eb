"""Members: customers who took the card, their tier and their growth value.

Promises: one person, one card (C03), however many phones ask at once; a joining gift is announced once per person over
phone, unionid and closed accounts (C10); growth moves only through entries with a cause, once per cause; tier, keep, fall
and return after a refund follow the field rules M08 to M10; the card's code changes every minute and cannot be guessed.
"""

from app.membership.members.facts import MemberJoined as MemberJoined
from app.membership.members.facts import OldCardBound as OldCardBound
from app.membership.members.facts import OpeningLot as OpeningLot
from app.membership.members.facts import TierChanged as TierChanged
