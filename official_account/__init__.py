"""Door of consumers: the official account's chat, as the platform brings it; receipts and replies of text messages; links."""

import flask
from flask_smorest import Api

from official_account import callbacks, links, receipts


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's routes to the application."""
    app.register_blueprint(callbacks.blueprint)
    app.register_blueprint(links.blueprint)
    app.register_blueprint(receipts.blueprint)
