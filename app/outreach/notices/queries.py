"""Is what a notice is about to tell still so?"""

import datetime as dt

from app.kernel.facts import Objection
from app.membership import bookings, coupons, points
from app.outreach.messaging import SendingProposed

ABOUT_VISITS = ("booking_confirmed", "booking_changed", "booking_tomorrow")


def list_overtaken(proposal: SendingProposed) -> list[Objection]:
    """Which of these notices life has overtaken, with the reason."""
    if proposal.purpose in ABOUT_VISITS:
        return _visits_that_moved(proposal)
    if proposal.purpose == "coupon_expiring":
        return _coupons_that_were_used(proposal)
    if proposal.purpose == "points_expiring":
        return _points_that_were_spent(proposal)
    return []


def _visits_that_moved(proposal: SendingProposed) -> list[Objection]:
    """`visit_moved`: the booking does not stand any more, or at another time."""
    asked = {one.delivery_id: one.occasion.removeprefix("booking:").partition("/") for one in proposal.deliveries}
    standing = bookings.counter.which_stand([int(number) for number, _, _ in asked.values()])
    return [
        Objection("visit_moved", {"delivery_id": delivery_id})
        for delivery_id, (number, _, starts_at) in asked.items()
        if standing.get(int(number)) != dt.datetime.fromisoformat(starts_at)
    ]


def _coupons_that_were_used(proposal: SendingProposed) -> list[Objection]:
    """`coupon_used`: the coupon cannot be used any more, so that nobody needs to hurry."""
    asked = {
        one.delivery_id: (one.customer_id, int(one.occasion.removeprefix("coupon:")))
        for one in proposal.deliveries
        if one.customer_id is not None
    }
    usable = coupons.listing.which_are_usable(list(asked.values()), now=proposal.now)
    return [
        Objection("coupon_used", {"delivery_id": delivery_id})
        for delivery_id, (_, coupon_id) in asked.items()
        if coupon_id not in usable
    ]


def _points_that_were_spent(proposal: SendingProposed) -> list[Objection]:
    """`points_spent`: nothing ends by then any more."""
    objections = []
    for until in {one.occasion.partition("/")[0] for one in proposal.deliveries}:
        asked = [one for one in proposal.deliveries if one.occasion.startswith(until)]
        people = [one.customer_id for one in asked if one.customer_id is not None]
        left = points.ending.count_ending(people, until=dt.datetime.fromisoformat(until), now=proposal.now)
        objections += [
            Objection("points_spent", {"delivery_id": one.delivery_id}) for one in asked if one.customer_id not in left
        ]
    return objections
