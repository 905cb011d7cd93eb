"""Routes under /_world/. JSON in, JSON out; a request that makes no sense is 400, an unknown thing 404."""

from flask import Blueprint, Response, jsonify
from werkzeug.exceptions import HTTPException

from sandbox.world import BadWorldInput, NotInWorld, World
from sandbox.world_api import accounts, control, people, telecom


def blueprint(world: World) -> Blueprint:
    routes = Blueprint("world", __name__, url_prefix="/_world")
    people.add_routes(routes, world=world)
    control.add_routes(routes, world=world)
    telecom.add_routes(routes, world=world)
    accounts.add_routes(routes, world=world)

    @routes.errorhandler(BadWorldInput)
    @routes.errorhandler(ValueError)
    @routes.errorhandler(TypeError)
    @routes.errorhandler(KeyError)
    @routes.errorhandler(AttributeError)
    def bad(error: Exception) -> tuple[Response, int]:
        return jsonify(error="bad_request", detail=str(error)), 400

    @routes.errorhandler(NotInWorld)
    def missing(error: NotInWorld) -> tuple[Response, int]:
        return jsonify(error="not_found", detail=str(error)), 404

    @routes.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response, int]:
        return jsonify(error=(error.name or "error").lower().replace(" ", "_"), detail=error.description), (
            error.code or 500
        )

    return routes
