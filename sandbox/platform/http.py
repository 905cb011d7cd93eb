"""Platform paths over HTTP: faults, the shared checks, the log. Errors travel with HTTP 200."""

import contextlib
import json
import socket
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, request
from werkzeug import Request
from werkzeug.exceptions import HTTPException

from sandbox.platform import calls
from sandbox.platform.calls import REGISTRY, Call, Endpoint
from sandbox.platform.credentials import not_listed
from sandbox.platform.errors import PlatformError, errmsg
from sandbox.world import World, ids
from sandbox.world.calls import CallRecord
from sandbox.world.faults import Fault, FaultKind

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LARGEST_BODY = 4 * 1024 * 1024
LOST = "X-Sandbox-Lost"
HTML_PAGE = "<html><head><title>系统维护</title></head><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"


def blueprint(world: World) -> Blueprint:
    """All registered paths; every other path answers 40066, except those of the sandbox itself."""
    doors = Blueprint("platform", __name__)

    def serve(**_: str) -> Response:
        if request.path.startswith("/_"):
            abort(404)
        return _serve(world, path=request.path, http=request)

    methods = ["GET", "POST", "PUT", "DELETE"]
    for number, path in enumerate(REGISTRY):
        doors.add_url_rule(path, f"known{number}", serve, methods=methods)
    doors.add_url_rule("/<path:rest>", "unknown", serve, methods=methods)
    return doors


class _Http(Request):
    max_content_length = LARGEST_BODY


def straight_to(world: World, *, otherwise: "WSGIApplication") -> "WSGIApplication":
    """The registered paths without the web framework around them, at a third of its cost: a load test sends a hundred
    thousand messages. All else, and bodies with files, go on to `otherwise`."""

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        at = REGISTRY.get(environ.get("PATH_INFO", ""))
        if at is None or at.form:
            return otherwise(environ, start_response)
        try:
            response: Any = _serve(world, path=at.path, http=_Http(environ))
        except HTTPException as refused:
            response = refused.get_response(environ)
        return response(environ, start_response)  # type: ignore[no-any-return]

    return serve


def _serve(world: World, *, path: str, http: Request) -> Response:
    started = time.monotonic()
    now, at = world.now(), REGISTRY.get(path)
    call = Call(
        world=world,
        path=path,
        method=http.method,
        query=http.args.to_dict(),
        raw=http.get_data(),
        client_ip=http.remote_addr or "127.0.0.1",
        now=now,
        rid=ids.rid(now),
    )
    with _one_at_a_time(call, at=at):
        with world.changing():
            call.faults = faults = world.faults.take(path)
        if FaultKind.LATENCY in faults:
            time.sleep(faults[FaultKind.LATENCY].seconds)
        response = _response(call, at=at, faults=faults)
    query = str(http.environ.get("QUERY_STRING", ""))
    _record(call, response=response, query=query, cost_ms=int((time.monotonic() - started) * 1000))
    if FaultKind.LOST_ANSWER in faults:
        return lose(response, fault=faults[FaultKind.LOST_ANSWER], environ=http.environ)
    return response


@contextlib.contextmanager
def _one_at_a_time(call: Call, *, at: Endpoint | None) -> Any:
    """Marks calls that overlap another one for the same user."""
    user = _overlapping(call, at=at) if at is not None else None
    if user is None:
        yield
        return
    busy = call.world.busy_users
    with call.world.changing():
        call.parallel = user in busy
        if not call.parallel:
            busy.add(user)
    try:
        yield
    finally:
        if not call.parallel:
            with call.world.changing():
                busy.discard(user)


def _overlapping(call: Call, *, at: Endpoint) -> str | None:
    if at.lane:
        return f"{at.lane} {call.query.get('access_token', '')}"
    return _receiver(call) if at.one_at_a_time else None


def _receiver(call: Call) -> str | None:
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        return str(json.loads(call.raw)["touser"])
    return None


def _response(call: Call, *, at: Endpoint | None, faults: dict[FaultKind, Fault]) -> Response:
    if FaultKind.HTTP_ERROR in faults:
        return Response(HTML_PAGE, status=faults[FaultKind.HTTP_ERROR].status, content_type="text/html")
    if FaultKind.HTML in faults:
        return Response(HTML_PAGE, content_type="text/html; charset=utf-8")
    try:
        with call.world.changing():
            found = _answer(call, at=at, faults=faults)
    except PlatformError as refused:
        found = {
            "errcode": refused.errcode,
            "errmsg": errmsg(refused.text, rid=call.rid, path=call.path),
        }
    if isinstance(found, bytes):
        return Response(found, content_type=getattr(found, "content_type", "image/png"))
    call.errcode = found.get("errcode")
    return _json_response(call, found=found, faults=faults)


def _answer(call: Call, *, at: Endpoint | None, faults: dict[FaultKind, Fault]) -> calls.Answer:
    if FaultKind.BUSY in faults:
        raise PlatformError(-1)
    if FaultKind.IP_REFUSED in faults:
        raise PlatformError(40164, text=not_listed(call.client_ip))
    if FaultKind.ERRCODE in faults:
        fault = faults[FaultKind.ERRCODE]
        raise PlatformError(fault.errcode, text=fault.errmsg or None)
    if FaultKind.EXPIRE_TOKENS in faults:
        call.world.tokens.expire_all(now=call.now)
    if at is None:
        raise PlatformError(40066)
    call.now = call.world.now()
    return calls.answer(call, at=at)


def _json_response(call: Call, *, found: dict[str, Any], faults: dict[FaultKind, Fault]) -> Response:
    body = json.dumps(found, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    if FaultKind.CUT_SHORT in faults:
        body = body[: len(body) // 2]
    content_type = "application/json; encoding=utf-8"
    if call.world.switches.text_plain_replies:
        content_type = "text/plain"
    if FaultKind.CONTENT_TYPE in faults:
        content_type = faults[FaultKind.CONTENT_TYPE].content_type
    return Response(body, content_type=content_type)


def _record(call: Call, *, response: Response, query: str, cost_ms: int) -> None:
    body = response.get_data()
    shown = f"({len(body)} bytes of {response.mimetype})"
    if (response.mimetype or "").startswith(("application/json", "text/")):
        shown = body.decode("utf-8", "replace")
    with call.world.changing():
        call.world.calls.add(
            CallRecord(
                rid=call.rid,
                at=call.now,
                method=call.method,
                path=call.path,
                query=query,
                request_body=call.raw.decode("utf-8", "replace"),
                response_body=shown,
                status=response.status_code,
                errcode=call.errcode,
                cost_ms=cost_ms,
                client_ip=call.client_ip,
                appid=call.app_known.appid if call.app_known else None,
                faults=[str(kind) for kind in call.faults],
            )
        )


def lose(response: Response, *, fault: Fault, environ: Mapping[str, Any] | None = None) -> Response:
    """What was asked has happened, but the caller will not learn it: silence for a while, then a dead connection.
    Without a socket (mounted in a test) a header tells the adapter to fail as a socket would."""
    if fault.seconds:
        time.sleep(fault.seconds)
    connection = (request.environ if environ is None else environ).get("werkzeug.socket")
    if connection is None:
        response.headers[LOST] = "timeout" if fault.seconds else "connection"
        return response
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    return response
