"""The weekly look for customers who may be one person: members' names, birthdays and phones, matched by identity.

Names and birthdays belong to members, which stand above identity: this door carries the one to the other, batch by batch.
"""

import datetime as dt
from collections.abc import Iterator

from app.membership import members
from app.people import identity

SOURCE = "members"


def propose_same_people(*, now: dt.datetime, limit: int) -> int:
    """Match all members and write down new proposals; 0, since nothing is left by then. `limit`: how many are read at once.

    Again the same day it changes nothing; while another run is at it, it leaves at once.
    """
    identity.proposing.propose(_records(limit), source=SOURCE, now=now)
    return 0


def _records(limit: int) -> Iterator[identity.proposing.WeakRecord]:
    last = 0
    while told := members.listing.list_told(after_customer_id=last, limit=limit):
        phones = identity.phones.phones_of([one.customer_id for one in told])
        for one in told:
            yield identity.proposing.WeakRecord(
                customer_id=one.customer_id,
                name=one.full_name or "",
                birthday=one.birthday or "",
                phone=phones.get(one.customer_id, ""),
            )
        last = told[-1].customer_id
