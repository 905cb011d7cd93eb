"""Members to test with. Plain functions: call them inside a test's transaction."""

import datetime as dt
from typing import Any

from app.membership import members
from app.people.privacy.rules import PrivacyPolicy
from tests.factories.people import a_customer, a_phone

NOTICE = PrivacyPolicy().notice_version


def a_member(now: dt.datetime, *, customer_id: int | None = None, phone: str = "", **profile: Any) -> int:
    """A customer with the card, by a number of their own; gives the customer's id. The stock programme is there."""
    members.ship_stock(now=now)
    known = customer_id or a_customer(now, phone=phone or a_phone())
    given = {"notice_version": NOTICE} | profile
    return members.join(customer_id=known, profile=members.Profile(**given), now=now).customer_id
