"""Orders of every channel in the console."""

import flask

from app.trade import orders
from app.web.guards import Staff
from console.pages import Answer, pages, show


@pages.shows("/orders")
def list_orders(caller: Staff) -> Answer:
    """Orders as they came in, the newest first; or the one whose channel and number were typed."""
    channel, number = (flask.request.args.get(name, "").strip()[:64] for name in ("channel", "number"))
    if channel and number:
        return _one(caller, channel, number)
    page = orders.list_arrivals(cursor=flask.request.args.get("cursor"))
    template = "orders_rows.html" if flask.request.headers.get("HX-Request") else "orders.html"
    return show(template, caller, heading="订单", page=page, found=None, channel=channel, number=number)


def _one(caller: Staff, channel: str, number: str) -> Answer:
    try:
        found = [orders.find_order(channel, number)]
    except orders.OrderNotFound:
        found = []
    return show("orders.html", caller, heading="订单", page=None, found=found, channel=channel, number=number)
