"""The product with one route more: the least that taking in a push can be, its bytes stored with one INSERT.

Middleware, transaction and table are those of the callback; nothing is verified, decrypted, understood or answered.
`granian … benchmarks._push_by_insert:app` serves it.
"""

import uuid

import flask
from sqlalchemy import text

from app.kernel import clock
from app.kernel.database import Statement, db, unit_of_work
from app.web.application import create_app

PATH = "/oa/v1/push-by-insert"
_STORE = Statement(
    lambda: text(
        "INSERT INTO inbox (source, key, payload, received_at, due_at) VALUES ('wechat', :key, :payload, :now, :now)"
    )
)


def store() -> flask.Response:
    """The bytes as they came."""
    with unit_of_work():
        _STORE.rows(db.session(), key=uuid.uuid4(), payload=flask.request.get_data(), now=clock.now())
    return flask.Response("success", mimetype="text/plain")


app = create_app(entrances=["miniprogram_api", "official_account", "open_api", "wecom", "console"])
app.add_url_rule(PATH, "push_by_insert", store, methods=["POST"])
