"""Bookings of services in stores.

Promises: a seat or a person is never booked twice at a time, kept by an exclusion constraint; hold, confirm, redeem once by
code; days of 23 and 25 hours have the slots they really have; cancelling, moving, no-show and the waiting list follow K08
to K11.
"""

from app.membership.bookings import models as models
