"""Door of marketers and management on a desktop."""

import flask
from flask_smorest import Api

from console import (
    accounts,
    bot,
    bot_desk,
    bot_menu,
    campaigns,
    conflicts,
    coupons,
    doubts,
    members,
    messages,
    operating,
    orders,
    people,
    recounting,
    sign_in,
    time_machine,
)
from console.pages import pages

__all__ = [
    "accounts",
    "bot",
    "bot_desk",
    "bot_menu",
    "campaigns",
    "conflicts",
    "coupons",
    "doubts",
    "members",
    "messages",
    "operating",
    "orders",
    "people",
    "recounting",
    "register",
    "sign_in",
    "time_machine",
]


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's pages to the application."""
    app.register_blueprint(pages.blueprint)
