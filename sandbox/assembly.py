"""Puts the sandbox together."""

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from sandbox import aliyun, pages, platform, world_api
from sandbox.pushing import Courier
from sandbox.settings import Settings, from_environment
from sandbox.world import World

MAX_BODY = 12 * 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """A Flask app with its own fresh world (`app.extensions["world"]`) and the courier of
    its pushes (`app.extensions["courier"]`). Refuses production settings."""
    chosen = settings or from_environment()
    chosen.refuse_production()
    world = World(chosen)
    app = Flask("sandbox", static_folder=None, template_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.extensions["world"] = world
    app.extensions["courier"] = Courier(world)
    app.wsgi_app = platform.straight_to(world, otherwise=app.wsgi_app)  # type: ignore[assignment,method-assign]
    app.register_blueprint(platform.blueprint(world))
    app.register_blueprint(platform.web.blueprint(world))
    app.register_blueprint(aliyun.blueprint(world))
    app.register_blueprint(world_api.blueprint(world))
    app.register_blueprint(pages.blueprint(world))

    @app.get("/healthz")
    def health() -> ResponseReturnValue:
        return jsonify(ok=True)

    return app
