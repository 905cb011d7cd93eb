"""Members in the console: the list, finding one, and one member's page with orders and explained points."""

import flask
from werkzeug.exceptions import NotFound as NoSuchPage

from app.kernel import clock
from app.membership import coupons, points
from app.reports import profiles
from app.trade import orders
from app.web.guards import Staff
from console.pages import Answer, pages, present, show


@pages.shows("/")
def home(caller: Staff) -> Answer:
    """The console opens on the members."""
    return flask.redirect("/console/members")


@pages.shows("/members")
def list_members(caller: Staff) -> Answer:
    """The members, the newest first; or the one whose phone or card was typed."""
    wanted = flask.request.args.get("q", "").strip()[:40]
    if wanted:
        found = profiles.find_person(wanted)
        if found is not None:
            return flask.redirect(flask.url_for("console_pages.member", customer_id=found))
        return show("members.html", caller, heading="会员", page=None, wanted=wanted)
    page = profiles.list_people(cursor=flask.request.args.get("cursor"), now=clock.now())
    template = "members_rows.html" if flask.request.headers.get("HX-Request") else "members.html"
    return show(template, caller, heading="会员", page=page, wanted="")


@pages.shows("/members/<sealed(member):customer_id>")
def member(caller: Staff, customer_id: int) -> Answer:
    """One member: card, points, coupons, next booking; orders and points line by line beside it."""
    person = profiles.get_person(present(customer_id), now=clock.now())
    if person is None:
        raise NoSuchPage
    return show("member.html", caller, heading=person.person.shown_name, member=person)


@pages.shows("/members/<sealed(member):customer_id>/points")
def member_points(caller: Staff, customer_id: int) -> Answer:
    """The points of a member, line by line."""
    page = points.explain(present(customer_id), cursor=flask.request.args.get("cursor"), limit=20)
    return show("points_rows.html", caller, heading="", page=page, customer_id=customer_id)


@pages.shows("/members/<sealed(member):customer_id>/orders")
def member_orders(caller: Staff, customer_id: int) -> Answer:
    """The orders of a member, of all channels."""
    page = orders.list_orders(present(customer_id), cursor=flask.request.args.get("cursor"), limit=20)
    return show("member_orders_rows.html", caller, heading="", page=page, customer_id=customer_id)


@pages.shows("/members/<sealed(member):customer_id>/coupons")
def member_coupons(caller: Staff, customer_id: int) -> Answer:
    """The coupons of a member."""
    page = coupons.list_coupons(
        customer_id=present(customer_id), state="usable", now=clock.now(), cursor=None, limit=50
    )
    return show("coupons_rows.html", caller, heading="", page=page)


@pages.acts("/members/<sealed(member):customer_id>/recount")
def recount_member(caller: Staff, customer_id: int) -> Answer:
    """Prove one member's points from the entries."""
    found = points.recount(customer_id=present(customer_id))
    return show("recounted.html", caller, heading="", differences=found)
