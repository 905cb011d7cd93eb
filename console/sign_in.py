"""Signing in to the console. In the demo brand one chooses who to be; scanning with WeCom belongs to another capability."""

import flask

from app.kernel import clock
from app.kernel.settings import settings
from app.people import teams
from app.web.callers import anybody
from app.web.guards import STAFF_COOKIE, Staff, set_staff_cookie, sign_in_staff, sign_out_staff
from console.pages import READERS, pages


@pages.shows("/sign-in", guard=anybody)
def sign_in_page(caller: object) -> str:
    """Who may come in here, by name."""
    people = [person for person in teams.list_staff() if person.role in READERS] if settings().demo else []
    return pages.render("console/sign_in.html", staff=people, roles=teams.ROLES)


@pages.acts("/sign-in", guard=anybody)
def sign_in(caller: object) -> flask.Response:
    """Come in as a member of the demo brand's staff."""
    member = teams.sign_in_as(staff_code=flask.request.form.get("staff_code", "")[:40], now=clock.now())
    response = flask.make_response(flask.redirect("/console/", 303))
    set_staff_cookie(response, sign_in_staff(staff_id=member.staff_id))
    return response


@pages.acts("/sign-out")
def sign_out(caller: Staff) -> flask.Response:
    """Leave."""
    sign_out_staff()
    response = flask.make_response(flask.redirect("/console/sign-in", 303))
    response.delete_cookie(STAFF_COOKIE)
    return response
