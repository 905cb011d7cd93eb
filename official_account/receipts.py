"""`/oa/v1/receipts/{sms,sms-replies,voice}/<key>`: what Alibaba Cloud tells of texts and calls, and what people text back.

Every row is a message of its own in the inbox; a push that is repeated, whole or in part, changes nothing.
"""

import dataclasses
import functools
import json
from collections.abc import Callable, Sequence
from typing import Any

import flask

from app.gateways import sms, voice
from app.gateways.alibaba import ReceiptUnreadable
from app.kernel import clock, inbox
from app.kernel.database import again_when_given_up, unit_of_work
from app.web.callers import behind
from app.web.pushes import PushMalformed
from app.web.telecom import telecom

blueprint = flask.Blueprint("official_account_receipts", __name__, url_prefix="/oa/v1/receipts")
Reader = Callable[[bytes], Sequence[Any]]


def texts(key: str) -> flask.Response:
    """What became of texts (SmsReport)."""
    return _take_in("text", sms.receipts)


def replies(key: str) -> flask.Response:
    """What people text back (SmsUp)."""
    return _take_in("reply", sms.replies)


def calls(key: str) -> flask.Response:
    """What became of calls (VoiceReport)."""
    return _take_in("call", voice.reports)


for name, view in (("sms", texts), ("sms-replies", replies), ("voice", calls)):
    blueprint.add_url_rule(f"/{name}/<key>", view.__name__, behind(telecom, view), methods=["POST"])


def _take_in(what: str, read: Reader) -> flask.Response:
    try:
        rows = [_plain(what, row) for row in read(flask.request.get_data())]
    except ReceiptUnreadable as error:
        raise PushMalformed(why=str(error)[:200]) from None
    again_when_given_up(functools.partial(_store, rows))
    return flask.jsonify(sms.ACKNOWLEDGED)


def _plain(what: str, row: Any) -> dict[str, Any]:
    told = dataclasses.asdict(row) | ({"refuses": row.refuses} if isinstance(row, sms.Reply) else {})
    return {"what": what} | {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()
    }


def _store(rows: Sequence[dict[str, Any]]) -> None:
    now = clock.now()
    with unit_of_work():
        for row in rows:
            key = inbox.key_of(json.dumps(row, sort_keys=True, ensure_ascii=False))
            inbox.take_in(source="telecom", key=key, payload=row, now=now)
