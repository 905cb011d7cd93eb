"""What is told when others announce, and whether it is still so when it is about to go."""

from app.kernel.facts import hears, reacts_to
from app.membership.bookings import BookingCancelled, BookingConfirmed, PlaceOffered
from app.membership.coupons import CouponTaken
from app.membership.members import MemberJoined, TierChanged
from app.membership.points import PointsChanged
from app.outreach.messaging import SendingProposed
from app.outreach.notices.operations import telling
from app.outreach.notices.queries import list_overtaken
from app.trade.orders import OrderRefunded, OrderShipped

reacts_to(MemberJoined)(telling.tell_of_joining)
reacts_to(PointsChanged)(telling.tell_of_points)
reacts_to(TierChanged)(telling.tell_of_tiers)
reacts_to(CouponTaken)(telling.tell_of_coupons)
reacts_to(BookingConfirmed)(telling.tell_of_bookings)
reacts_to(BookingCancelled)(telling.tell_of_cancellations)
reacts_to(PlaceOffered)(telling.tell_of_offers)
reacts_to(OrderShipped)(telling.tell_of_shipping)
reacts_to(OrderRefunded)(telling.tell_of_refunds)
hears(SendingProposed)(list_overtaken)
