"""Members: customers who took the card, their tier and their growth value.

Promises: one person, one card (C03), however many phones ask at once; a joining gift is announced once per person over
phone, unionid and closed accounts (C10); growth moves only through entries with a cause, once per cause; tier, keep, fall
and return after a refund follow the field rules M08 to M10; the card's code changes every minute and cannot be guessed.
"""

import app.membership.members.reactions  # noqa: F401  (to be heard)
from app.membership.members import errands as errands
from app.membership.members.facts import MemberJoined as MemberJoined
from app.membership.members.facts import OldCardBound as OldCardBound
from app.membership.members.facts import OpeningLot as OpeningLot
from app.membership.members.facts import TierChanged as TierChanged
from app.membership.members.operations.joining import Profile as Profile
from app.membership.members.operations.joining import join as join
from app.membership.members.operations.old_cards import ImportReport as ImportReport
from app.membership.members.operations.old_cards import OldCardClaim as OldCardClaim
from app.membership.members.operations.old_cards import import_old_cards as import_old_cards
from app.membership.members.operations.profiles import change_profile as change_profile
from app.membership.members.operations.programme import ship_stock as ship_stock
from app.membership.members.operations.reviews import Difference as Difference
from app.membership.members.operations.reviews import recount as recount
from app.membership.members.operations.reviews import review_tiers_due as review_tiers_due
from app.membership.members.queries import listing as listing
from app.membership.members.queries.cards import Card as Card
from app.membership.members.queries.cards import find_member_by_card_code as find_member_by_card_code
from app.membership.members.queries.cards import get_card as get_card
from app.membership.members.queries.members import MemberView as MemberView
from app.membership.members.queries.members import are_members as are_members
from app.membership.members.queries.members import get_member as get_member
from app.membership.members.queries.members import summary_of as summary_of
from app.membership.members.queries.tiers import TierView as TierView
from app.membership.members.queries.tiers import list_tiers as list_tiers
from app.membership.members.queries.tiers import rates_at as rates_at
from app.membership.members.refusals import BirthdaySet as BirthdaySet
from app.membership.members.refusals import BirthdayUnlikely as BirthdayUnlikely
from app.membership.members.refusals import CardCodeInvalid as CardCodeInvalid
from app.membership.members.refusals import ConsentMissing as ConsentMissing
from app.membership.members.refusals import NotMember as NotMember
from app.membership.members.refusals import OldCardLocked as OldCardLocked
from app.membership.members.refusals import OldCardUnproven as OldCardUnproven
from app.membership.members.refusals import PhoneIsMember as PhoneIsMember
from app.membership.members.refusals import PhoneNeeded as PhoneNeeded
from app.membership.members.refusals import PhoneTaken as PhoneTaken
from app.membership.members.refusals import TooYoung as TooYoung
