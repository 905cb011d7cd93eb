"""`/l/<token>`: the link of a message. Leads to where the words lead, and counts the first tap."""

import functools
import re

import flask
from werkzeug.exceptions import NotFound

from app.kernel import clock, ids
from app.kernel.database import again_when_given_up, unit_of_work
from app.outreach import materials, messaging
from app.web.callers import anybody, behind

blueprint = flask.Blueprint("official_account_links", __name__)
# Nobody's tap: programs that look where a link leads, and browsers that fetch it before anybody asked.
_LOOKERS = re.compile(r"bot|spider|crawl|preview|prefetch|monitor|scan", re.IGNORECASE)


def follow(delivery_id: int) -> flask.Response:
    """Go where the message leads."""
    address = again_when_given_up(functools.partial(_address, delivery_id, counts=_is_a_person()))
    if address is None:
        raise NotFound
    answer = flask.make_response("", 302)
    answer.headers["Location"] = materials.rendering.marked(address, ids.seal("delivery", delivery_id))
    answer.headers["Cache-Control"] = "no-store"  # a kept answer would hide the tap from us
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


blueprint.add_url_rule("/l/<sealed(delivery):delivery_id>", "follow", behind(anybody, follow), methods=["GET"])


def _address(delivery_id: int, *, counts: bool) -> str | None:
    now = clock.now()
    with unit_of_work():
        if counts:
            messaging.opening.open(delivery_id, now=now)
        return messaging.opening.find_address(delivery_id, now=now)


def _is_a_person() -> bool:
    headers = flask.request.headers
    program = headers.get("User-Agent", "")
    ahead = any("prefetch" in headers.get(name, "").lower() for name in ("Purpose", "Sec-Purpose", "X-Moz"))
    return flask.request.method == "GET" and bool(program) and not ahead and not _LOOKERS.search(program)
