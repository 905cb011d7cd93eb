"""Bookings of services in stores.

Promises: a seat or a person is never booked twice at a time, kept by an exclusion constraint; a hold that ran out is
anybody's at that moment, before any job has run; a code is redeemed once, and whoever comes second learns when, where and by
whom; days of 23 and 25 hours have the slots they really have; limits, cancelling, moving, no-show and the waiting list
follow K08 to K11. Take locks through these operations only: their order is customer, resources by id, bookings.
"""

from app.membership.bookings import reactions as _reactions  # noqa: F401  (registers what it does when others announce)
from app.membership.bookings.facts import BookingCancelled as BookingCancelled
from app.membership.bookings.facts import BookingConfirmed as BookingConfirmed
from app.membership.bookings.facts import BookingMissed as BookingMissed
from app.membership.bookings.facts import BookingRedeemed as BookingRedeemed
from app.membership.bookings.facts import PlaceOffered as PlaceOffered
from app.membership.bookings.facts import RedemptionUndone as RedemptionUndone
from app.membership.bookings.models import BookingService as BookingService
from app.membership.bookings.models import BookingWaiting as BookingWaiting
from app.membership.bookings.operations import counter as counter
from app.membership.bookings.operations import waiting as waiting
from app.membership.bookings.operations.calendar import cancel as cancel
from app.membership.bookings.operations.calendar import confirm as confirm
from app.membership.bookings.operations.calendar import hold as hold
from app.membership.bookings.operations.calendar import move as move
from app.membership.bookings.operations.due import no_show_due as no_show_due
from app.membership.bookings.operations.due import release_holds_due as release_holds_due
from app.membership.bookings.operations.stock import ship_stock as ship_stock
from app.membership.bookings.queries import BookingView as BookingView
from app.membership.bookings.queries import Slot as Slot
from app.membership.bookings.queries import get_booking as get_booking
from app.membership.bookings.queries import list_bookings as list_bookings
from app.membership.bookings.queries import list_services as list_services
from app.membership.bookings.queries import list_slots as list_slots
from app.membership.bookings.queries import list_starting as list_starting
from app.membership.bookings.queries import next_of as next_of
from app.membership.bookings.refusals import AlreadyBooked as AlreadyBooked
from app.membership.bookings.refusals import AlreadyMoved as AlreadyMoved
from app.membership.bookings.refusals import AlreadyRedeemed as AlreadyRedeemed
from app.membership.bookings.refusals import AlreadyWaiting as AlreadyWaiting
from app.membership.bookings.refusals import BlockedOnline as BlockedOnline
from app.membership.bookings.refusals import BookingUnknown as BookingUnknown
from app.membership.bookings.refusals import CodeUnknown as CodeUnknown
from app.membership.bookings.refusals import HoldExpired as HoldExpired
from app.membership.bookings.refusals import NoHealthNote as NoHealthNote
from app.membership.bookings.refusals import NotASlot as NotASlot
from app.membership.bookings.refusals import NotOpen as NotOpen
from app.membership.bookings.refusals import NotRedeemable as NotRedeemable
from app.membership.bookings.refusals import OfferOver as OfferOver
from app.membership.bookings.refusals import OtherDay as OtherDay
from app.membership.bookings.refusals import OtherStore as OtherStore
from app.membership.bookings.refusals import OwnCode as OwnCode
from app.membership.bookings.refusals import ServiceUnknown as ServiceUnknown
from app.membership.bookings.refusals import SlotTaken as SlotTaken
from app.membership.bookings.refusals import TooEarlyForNoShow as TooEarlyForNoShow
from app.membership.bookings.refusals import TooLateToChange as TooLateToChange
from app.membership.bookings.refusals import TooManyOpen as TooManyOpen
from app.membership.bookings.refusals import UndoTooLate as UndoTooLate
