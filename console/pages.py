"""The console's pages: who may see them, and the frame around each."""

from typing import Any

import flask
from werkzeug.wrappers import Response

from app.kernel import clock
from app.people import teams
from app.web.guards import Staff, staff
from app.web.pages import Pages

Answer = str | flask.Response | Response
READERS = ("store_manager", "lead", "marketer", "analyst", "admin")
pages = Pages("console", prefix="/console", guard=staff(*READERS), sign_in="/console/sign-in")


def show(template: str, caller: Staff, *, heading: str, **values: Any) -> str:
    """A page, or a fragment of one, inside the console's frame."""
    frame = {"heading": heading, "now": clock.now(), "role_name": teams.ROLES[caller.role]}
    return pages.render(f"console/{template}", **frame, **values)
