"""Reading what the world API is given."""

from typing import Any

from flask import request

from sandbox.world import BadWorldInput


def body_of_request() -> dict[str, Any]:
    """The JSON object of the request; {} when there is none."""
    if not request.get_data().strip():
        return {}
    body = request.get_json(force=True)
    if not isinstance(body, dict):
        raise BadWorldInput("the body must be a JSON object")
    return body
