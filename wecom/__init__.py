"""Door of guides, clerks and managers on the phone."""

import flask
from flask_smorest import Api

from wecom import redemptions, scan, sign_in


def register(app: flask.Flask, api: Api) -> None:
    """Add this door's routes to the application."""
    api.register_blueprint(sign_in.entrance.blueprint)
    api.register_blueprint(sign_in.door.blueprint)
    for door in (redemptions.counter, redemptions.lead):
        api.register_blueprint(door.blueprint)
    app.register_blueprint(scan.pages.blueprint)
