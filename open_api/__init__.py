"""Door of machines: shops, POS, ERP, marketplaces."""

import flask
from flask_smorest import Api


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's routes to the application."""
