"""The console's pages: who may see them, and the frame around each."""

from typing import Any

import flask
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.wrappers import Response

from app.kernel import clock
from app.people import identity, teams
from app.web.guards import Staff, staff
from app.web.pages import Pages

Answer = str | flask.Response | Response
READERS = ("store_manager", "lead", "marketer", "analyst", "admin")
pages = Pages("console", prefix="/console", guard=staff(*READERS), sign_in="/console/sign-in")


def show(template: str, caller: Staff, *, heading: str, **values: Any) -> str:
    """A page, or a fragment of one, inside the console's frame."""
    frame = {"heading": heading, "now": clock.now(), "role_name": teams.ROLES[caller.role]}
    return pages.render(f"console/{template}", **frame, **values)


def present(customer_id: int) -> int:
    """Who a customer named in an address is today: former ids keep leading to them."""
    found = identity.who.find_present(customer_id)
    if found is None:
        raise NoSuchPage
    return found
