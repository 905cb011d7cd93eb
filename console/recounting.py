"""Proving the ledgers, by anybody who doubts a figure."""

from app.membership import points
from app.web.guards import Staff
from console.pages import Answer, pages, show


@pages.shows("/recount")
def recount_page(caller: Staff) -> Answer:
    """What a recount does, and the button."""
    return show("recount.html", caller, heading="积分复核")


@pages.acts("/recount")
def recount(caller: Staff) -> Answer:
    """Prove every balance from the entries; nothing is changed."""
    return show("recounted.html", caller, heading="", differences=points.recount())
