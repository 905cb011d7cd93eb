"""One id runs through a request: on the response (`X-Trace-Id`), in every log line, in every problem document."""

import contextvars
import logging
import os
import secrets
import sys
import time

import flask
from prometheus_client import Counter, Histogram
from pythonjsonlogger.json import JsonFormatter

_trace: contextvars.ContextVar[str] = contextvars.ContextVar("trace_id", default="")
REQUESTS = Counter("guiyi_requests", "Requests answered", ["endpoint", "status"])
SECONDS = Histogram("guiyi_request_seconds", "Time to answer", ["endpoint"])


def trace_id() -> str:
    """The id of the present request or task; a new one where none has begun."""
    if not _trace.get():
        begin()
    return _trace.get()


def begin(given: str = "") -> str:
    """Begin a trace, with the id of whoever called us where it has the right form."""
    fitting = len(given) == 32 and all(letter in "0123456789abcdef" for letter in given)
    _trace.set(given if fitting else secrets.token_hex(16))
    return _trace.get()


class _WithTrace(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = _trace.get()
        return True


def configure_logging() -> None:
    """One JSON object a line on standard error, with time, level, logger, message and trace id."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_WithTrace())
    names = {"asctime": "time", "levelname": "level", "name": "logger"}
    handler.setFormatter(
        JsonFormatter(
            "%(asctime)s %(levelname)s %(name)s %(message)s %(trace_id)s", rename_fields=names, json_ensure_ascii=False
        )
    )
    logging.basicConfig(level=os.environ.get("GUIYI_LOG_LEVEL", "INFO"), handlers=[handler], force=True)


def register(app: flask.Flask) -> None:
    """Begin a trace with each request, put its id on the answer, count and time it."""

    @app.before_request
    def _begin() -> None:
        begin(flask.request.headers.get("X-Trace-Id", ""))
        flask.g.began = time.perf_counter()

    @app.after_request
    def _end(response: flask.Response) -> flask.Response:
        response.headers["X-Trace-Id"] = trace_id()
        endpoint = flask.request.endpoint or "none"
        REQUESTS.labels(endpoint, response.status_code).inc()
        SECONDS.labels(endpoint).observe(time.perf_counter() - flask.g.get("began", time.perf_counter()))
        return response
