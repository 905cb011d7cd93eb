"""Imports every room, so that tables, reactions and hearings are known; web, workers, clock and command line use it.

The order of the imports is the order in which reactions run: from the ground up.
"""

# ruff: noqa: I001, F401  (the order is the meaning)

from flask import Flask

from app.kernel import database, tables
from app.kernel.settings import Settings, settings
from app.people import privacy, identity, stores, teams, contacts
from app.trade import products, orders
from app.membership import members, points, coupons, bookings, rewards
from app.knowledge import tracking
from app.outreach import materials, messaging, notices, campaigns, auto_replies
from app.reports import profiles


def start(config: Settings | None = None) -> Flask:
    """A bare application: settings, database, every room wired. Web adds its doors, workers use it as it is."""
    app = Flask("guiyi", static_folder=None)
    database.configure(app, config or settings())
    return app
