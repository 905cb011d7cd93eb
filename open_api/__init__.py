"""Door of machines: shops, POS, ERP, marketplaces."""

import flask
from flask_smorest import Api

from open_api import coupons, members, orders, people, products


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's routes to the application."""
    api.register_blueprint(members.door.blueprint)
    api.register_blueprint(coupons.door.blueprint)
    api.register_blueprint(orders.door.blueprint)
    api.register_blueprint(products.door.blueprint)
    api.register_blueprint(people.door.blueprint)
