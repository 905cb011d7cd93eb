"""`/oa/v1/callbacks/<appid>`: what WeChat pushes for an official account or a mini-program.

A push is stored and answered in one short transaction; what it means for us is worked out later from the inbox. A push that
comes again is answered as the first time.
"""

import functools
import json
import logging
from collections.abc import Mapping
from typing import Any

import flask

from app.gateways.wechat import pushes
from app.gateways.wechat.pushes import Push
from app.kernel import clock, inbox
from app.kernel.database import again_when_given_up, unit_of_work, was_given_up
from app.outreach import auto_replies
from app.web.callers import behind
from app.web.pushes import Platform, platform

blueprint = flask.Blueprint("official_account_callbacks", __name__, url_prefix="/oa/v1")
log = logging.getLogger("guiyi.official_account")
# The platform's words for "received, nothing to say"; they are never encrypted.
RECEIVED = "success"
Reply = dict[str, Any]


def verify(appid: str) -> flask.Response:
    """Say back what the platform says when somebody saves our address in its console."""
    return flask.Response(flask.g.caller.echo, mimetype="text/plain")


def take_in(appid: str) -> flask.Response:
    """Store a push and answer it."""
    caller: Platform = flask.g.caller
    if caller.push is None:  # never: the guard opens every POST
        raise LookupError(appid)
    reply = again_when_given_up(functools.partial(_store_and_answer, caller.push))
    if reply is None:
        return flask.Response(RECEIVED, mimetype="text/plain")
    return _said(reply, caller.push, caller.nonce)


blueprint.add_url_rule("/callbacks/<appid>", "verify", behind(platform, verify), methods=["GET"])
blueprint.add_url_rule("/callbacks/<appid>", "take_in", behind(platform, take_in), methods=["POST"])


def _store_and_answer(push: Push) -> Reply | None:
    """In one transaction. Where no answer can be made the push is stored all the same: what was said is never lost."""
    try:
        with unit_of_work():
            taken = _store(push)
            if not taken.new:
                return json.loads(taken.answer) if taken.answer else None
            said = auto_replies.answer(push.fields, account=push.appid, now=clock.now())
            if said is None:
                return None
            reply = said.addressed(push.fields, now=clock.now())
            inbox.keep_answer(taken.id, json.dumps(reply, ensure_ascii=False))
            return reply
    except Exception as error:
        if was_given_up(error):
            raise
        log.exception("no answer could be made")
    with unit_of_work():
        _store(push)
    return None


def _store(push: Push) -> inbox.Taken:
    payload = {"account": push.appid, "fields": push.fields}
    return inbox.take_in(source="wechat", key=key_of(push), payload=payload, now=clock.now())


def key_of(push: Push) -> Any:
    """What tells a push from every other: the message's id, or for events, which have none, whose they are, their second and
    all they say, so that two of one second are two."""
    told = _plainly(push.fields)
    openid, kind = str(told.get("fromusername", "")), str(told.get("msgtype", "")).lower()
    if kind != "event" and told.get("msgid"):
        return inbox.key_of(push.appid, "message", openid, kind, str(told["msgid"]))
    said = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return inbox.key_of(push.appid, "event", openid, str(told.get("createtime", "")), said)


def _plainly(told: Any) -> Any:
    """The same whether it came as XML or JSON, with whatever blanks."""
    if isinstance(told, Mapping):
        return {str(name).strip().lower(): _plainly(value) for name, value in told.items()}
    if isinstance(told, list):
        return [_plainly(one) for one in told]
    return "" if told is None else str(told).strip()


def _said(reply: Reply, push: Push, nonce: str) -> flask.Response:
    """The answer in the form and mode in which the push came."""
    if push.secure:
        body = pushes.seal_reply(push.appid, reply, nonce, int(clock.now().timestamp()), push.form)
    else:
        body = pushes.plain_reply(reply, push.form)
    kind = "application/json" if push.form == "json" else "application/xml"
    return flask.Response(body, content_type=f"{kind}; charset=utf-8")
