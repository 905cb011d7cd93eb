"""Door of consumers: the mini-program's member centre."""

import flask
from flask_smorest import Api

from miniprogram_api import (
    bookings,
    card,
    consents,
    coupons,
    deliveries,
    events,
    home,
    login,
    mall,
    message_preferences,
    orders,
    points,
    products,
    stores,
)


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's routes to the application."""
    api.register_blueprint(card.door.blueprint)
    api.register_blueprint(home.door.blueprint)
    api.register_blueprint(login.door.blueprint)
    api.register_blueprint(points.door.blueprint)
    api.register_blueprint(coupons.door.blueprint)
    api.register_blueprint(mall.door.blueprint)
    api.register_blueprint(stores.door.blueprint)
    api.register_blueprint(consents.door.blueprint)
    api.register_blueprint(bookings.door.blueprint)
    api.register_blueprint(orders.door.blueprint)
    api.register_blueprint(products.door.blueprint)
    api.register_blueprint(events.door.blueprint)
    api.register_blueprint(deliveries.door.blueprint)
    api.register_blueprint(message_preferences.door.blueprint)
