"""The cloud's address: actions are named by a header, everything is posted to /."""

import contextlib
import json
import time
from typing import Any

from flask import Blueprint, Response, request

from sandbox.aliyun import signing
from sandbox.aliyun.actions import ACTIONS, TEXTS, VERSION, Asked, Refused, request_id
from sandbox.platform.http import HTML_PAGE, lose
from sandbox.world import World, ids
from sandbox.world.calls import CallRecord
from sandbox.world.faults import Fault, FaultKind

VOICE_ACTIONS = frozenset({"SingleCallByTts"})


def blueprint(world: World) -> Blueprint:
    cloud = Blueprint("aliyun", __name__)

    @cloud.post("/")
    def call() -> Response:
        return _serve(world, action=request.headers.get("x-acs-action", ""))

    return cloud


def path_of(action: str) -> str:
    """What faults and the log call an action, such as /dysmsapi/SendSms."""
    return f"/{'dyvmsapi' if action in VOICE_ACTIONS else 'dysmsapi'}/{action}"


def _serve(world: World, *, action: str) -> Response:
    started = time.monotonic()
    path = path_of(action)
    with world.changing():
        faults = world.faults.take(path)
    if FaultKind.LATENCY in faults:
        time.sleep(faults[FaultKind.LATENCY].seconds)
    response = _response(world, action=action, faults=faults)
    _record(world, response=response, path=path, cost_ms=int((time.monotonic() - started) * 1000))
    if FaultKind.LOST_ANSWER in faults:
        return lose(response, fault=faults[FaultKind.LOST_ANSWER])
    return response


def _response(world: World, *, action: str, faults: dict[FaultKind, Fault]) -> Response:
    if FaultKind.HTML in faults:
        return Response(HTML_PAGE, content_type="text/html; charset=utf-8")
    if FaultKind.HTTP_ERROR in faults:
        found: dict[str, Any] = {"Code": "ServiceUnavailable", "Message": TEXTS["ServiceUnavailable"]}
        return _json(found, status=faults[FaultKind.HTTP_ERROR].status)
    status = 200
    try:
        with world.changing():
            found = _answer(world, action=action, faults=faults)
            world.telecom.reports.start(world)
    except Refused as refused:
        found, status = {"Message": refused.text, "RequestId": request_id(), "Code": refused.code}, refused.status
    response = _json(found, status=status)
    if FaultKind.CUT_SHORT in faults:
        body = response.get_data()
        response.set_data(body[: len(body) // 2])
    return response


def _answer(world: World, *, action: str, faults: dict[FaultKind, Fault]) -> dict[str, Any]:
    query = request.args.to_dict()
    signing.check(world.telecom, method=request.method, query=query, headers=request.headers, body=request.get_data())
    if request.headers.get("x-acs-version") != VERSION:
        raise Refused("InvalidVersion")
    if action not in ACTIONS:
        raise Refused("InvalidAction.NotFound")
    if FaultKind.BUSY in faults:
        raise Refused("isp.SYSTEM_ERROR")
    if FaultKind.ERRCODE in faults:
        raise Refused(faults[FaultKind.ERRCODE].errmsg or "Throttling.User")
    asked = Asked(world=world, fields={**query, **request.form.to_dict()}, now=world.now())
    return {"Code": "OK", "Message": "OK", "RequestId": request_id(), **ACTIONS[action](asked)}


def _json(found: dict[str, Any], *, status: int) -> Response:
    return Response(json.dumps(found, ensure_ascii=False), status=status, content_type="application/json;charset=utf-8")


def _record(world: World, *, response: Response, path: str, cost_ms: int) -> None:
    body = response.get_data().decode("utf-8", "replace")
    code = None
    with contextlib.suppress(ValueError, AttributeError):
        code = json.loads(body).get("Code")
    with world.changing():
        now = world.now()
        world.calls.add(
            CallRecord(
                rid=ids.rid(now),
                at=now,
                method=request.method,
                path=path,
                query=request.query_string.decode("utf-8", "replace"),
                request_body=request.get_data().decode("utf-8", "replace"),
                response_body=body,
                status=response.status_code,
                errcode=None if code == "OK" else -1,
                cost_ms=cost_ms,
                client_ip=request.remote_addr or "127.0.0.1",
                appid=None,
                faults=[],
            )
        )
