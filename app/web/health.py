"""`/healthz` touches nothing; `/readyz` asks the database and Redis; `/metrics` is Prometheus."""

import os

import flask
import prometheus_client
from prometheus_client import multiprocess
from sqlalchemy import text

from app.kernel.database import reading
from app.kernel.redis import client
from app.web.callers import anybody, behind


def register(app: flask.Flask) -> None:
    """Add the operator's routes."""
    for path, view in (("/healthz", healthz), ("/readyz", readyz), ("/metrics", metrics)):
        app.add_url_rule(path, view.__name__, behind(anybody, view))


def healthz() -> flask.Response:
    """The process answers."""
    return flask.jsonify(status="ok")


def readyz() -> flask.Response:
    """The servers behind the process answer too; otherwise the error handlers say 503."""
    with reading() as connection:
        connection.execute(text("SELECT 1"))
    client().ping()
    return flask.jsonify(status="ready")


def metrics() -> flask.Response:
    """Counters of this process, or of all web processes where PROMETHEUS_MULTIPROC_DIR is set."""
    registry = prometheus_client.REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return flask.Response(prometheus_client.generate_latest(registry), mimetype="text/plain")
