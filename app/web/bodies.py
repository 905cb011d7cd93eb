"""How bodies are read: what Python's JSON reader chokes on is malformed too, and no defect of ours."""

from typing import Any

import flask
import marshmallow as ma
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest


class BodyParser(FlaskParser):
    """Brackets nested too deep, or numbers of thousands of digits, are answered with 400."""

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        """The body as JSON, or missing."""
        try:
            return super().load_json(req, schema)
        except (RecursionError, ValueError) as error:
            raise BadRequest from error


class JsonBlueprint(Blueprint):
    """A group of JSON routes whose bodies are read so."""

    ARGUMENTS_PARSER = BodyParser()
