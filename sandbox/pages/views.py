"""The page at /."""

from flask import Blueprint

from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    views = Blueprint("pages", __name__)

    @views.get("/")
    def start() -> str:
        return f"{len(world.people.all())} 人"

    return views
