"""GET /cgi-bin/ticket/getticket (fact sheet C14)."""

import secrets
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok
from sandbox.platform.errors import PlatformError
from sandbox.world.apps import OFFICIAL_ACCOUNT
from sandbox.world.books import Ticket

SECONDS = 7200
KINDS = ("jsapi", "wx_card")


@endpoint("/cgi-bin/ticket/getticket", method="GET", kind=OFFICIAL_ACCOUNT)
def getticket(call: Call) -> dict[str, Any]:
    """The same ticket while it lives, with the seconds that are left."""
    kind = call.query.get("type", "jsapi")
    if kind not in KINDS:
        raise PlatformError(40097)
    ticket = call.book.tickets.get(kind)
    if ticket is None or ticket.expires_at <= call.now:
        ticket = Ticket(text=secrets.token_urlsafe(64), expires_at=call.now + SECONDS)
        call.book.tickets[kind] = ticket
        call.world.touch(call.book)
    return ok(ticket=ticket.text, expires_in=int(ticket.expires_at - call.now))
