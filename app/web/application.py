"""Puts doors on the house: `create_app(entrances=[…])` gives one WSGI application."""

import importlib
from collections.abc import Sequence
from typing import Any

import flask
from flask_smorest import Api
from werkzeug.exceptions import NotFound as NoSuchPage
from werkzeug.routing import BaseConverter

from app import wiring
from app.kernel import ids
from app.kernel.errors import NotFound
from app.kernel.settings import Settings
from app.web import health, pages, problems, tracing

LARGEST_BODY_BYTES = 5 * 1024 * 1024
SECURITY_SCHEMES: dict[str, dict[str, str]] = {
    "consumer": {"type": "http", "scheme": "bearer", "description": "token of POST /mp/v1/login"},
    "staff": {"type": "http", "scheme": "bearer", "description": "token of a staff sign-in; pages use a cookie"},
    "machine": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Guiyi-Signature",
        "description": "HMAC-SHA256 over the request with the shop's secret, see docs/open-api.md",
    },
}


class SealedConverter(BaseConverter):
    """`<sealed(coupon):coupon_id>`: a sealed id in a path; one that we did not seal is not found."""

    part_isolating = True
    regex = "[^/]{1,200}"

    def __init__(self, url_map: Any, kind: str) -> None:
        super().__init__(url_map)
        self.kind = kind

    def to_python(self, value: str) -> int:
        try:
            return ids.unseal(self.kind, value)
        except (NotFound, UnicodeEncodeError):
            raise NoSuchPage from None

    def to_url(self, value: int) -> str:
        return ids.seal(self.kind, value)


class ProblemApi(Api):
    """flask-smorest's documentation without its error handling, which speaks another dialect than ours."""

    ERROR_SCHEMA = problems.ProblemDocument
    # Every answer that may come is named by the route; an answer "by default" would document anything.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """`app.web.problems` answers for everybody."""


def create_app(*, entrances: Sequence[str], config: Settings | None = None) -> flask.Flask:
    """The application with the named doors. An entrance is a package with `register(app, api)`."""
    app = wiring.start(config)
    app.config |= {
        "API_TITLE": "Guiyi",
        "API_VERSION": "1",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/",
        "OPENAPI_JSON_PATH": "openapi.json",
        "MAX_CONTENT_LENGTH": LARGEST_BODY_BYTES,
        "PROPAGATE_EXCEPTIONS": False,
    }
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters["sealed"] = SealedConverter
    tracing.register(app)
    problems.register(app)
    health.register(app)
    pages.register(app)
    api = ProblemApi(app)
    api.register_converter(SealedConverter, _sealed_parameter)
    for name, scheme in SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    for entrance in entrances:
        importlib.import_module(entrance).register(app, api)
    return app


def _sealed_parameter(converter: SealedConverter) -> dict[str, Any]:
    return {"type": "string", "description": f"sealed id of a {converter.kind}", "minLength": 26, "maxLength": 26}
