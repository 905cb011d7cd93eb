"""One call of a platform path: what came in, and the checks that every path shares."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.platform.errors import PlatformError
from sandbox.world import App, World
from sandbox.world.books import Book
from sandbox.world.tokens import Token, TokenState


class Picture(bytes):
    """Bytes that are no PNG say what they are."""

    content_type = "image/png"

    @classmethod
    def of(cls, content: bytes, *, content_type: str) -> "Picture":
        made = cls(content)
        made.content_type = content_type
        return made


Answer = dict[str, Any] | bytes


@dataclass(slots=True)
class Call:
    """A request in the platform's terms. `app` is known once the token or the credentials were checked."""

    world: World
    path: str
    method: str
    query: Mapping[str, str]
    raw: bytes
    client_ip: str
    now: float
    rid: str
    parallel: bool = False
    faults: Collection[str] = ()
    errcode: int | None = None
    app_known: App | None = None
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def app(self) -> App:
        if self.app_known is None:
            raise PlatformError(41001)
        return self.app_known

    @property
    def book(self) -> Book:
        """What the calling account keeps at the platform."""
        return self.world.book(self.app.appid)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`token`: an access_token in the query is needed. `errcodes` replaces the usual code for a wrong method or an
    unreadable body where a path has its own. `one_at_a_time`: parallel calls for one user are refused. `kind` is the
    only kind of app that may call it; others get 48001. `form`: the body is a form with files, read by the path itself.
    `lane`: calls of one app in the same lane count as parallel when they overlap."""

    path: str
    method: str
    view: Callable[[Call], Answer]
    token: bool = True
    wrong_method: int | None = None
    bad_body: int = 47001
    one_at_a_time: bool = False
    kind: str = ""
    form: bool = False
    lane: str = ""


REGISTRY: dict[str, Endpoint] = {}


def endpoint(path: str, *, method: str, **more: Any) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Registers a function as the platform's answer at this path."""

    def register(view: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        REGISTRY[path] = Endpoint(path=path, method=method, view=view, **more)
        return view

    return register


def answer(call: Call, *, at: Endpoint) -> Answer:
    """Method, token, quota, body, then the path's own rules; raises PlatformError."""
    if call.method != at.method:
        raise PlatformError(at.wrong_method or (43001 if at.method == "GET" else 43002))
    if at.token:
        call.app_known = app_of_token(call)
        if at.kind and call.app.kind != at.kind:
            raise PlatformError(48001)
        count(call)
    if at.method == "POST" and not at.form:
        call.body = read_body(call, bad_body=at.bad_body)
    return at.view(call)


def app_of_token(call: Call) -> App:
    text = call.query.get("access_token", "")
    if not text:
        raise PlatformError(41001)
    state, token = call.world.tokens.check(text, now=call.now)
    return _app_of(token, state=state, world=call.world)


def _app_of(token: Token | None, *, state: TokenState, world: World) -> App:
    if state is TokenState.MALFORMED:
        raise PlatformError(40014)
    if state is TokenState.EXPIRED:
        raise PlatformError(42001)
    if state is TokenState.NOT_LATEST or token is None or token.appid not in world.apps:
        raise PlatformError(40001)
    return world.apps[token.appid]


def count(call: Call) -> None:
    """Counts the call against the app's limits; 45009, 45011 or the path's own code when there is no room."""
    errcode = call.world.quotas.count(call.app, path=call.path, now=call.now)
    if errcode:
        raise PlatformError(errcode)


def read_body(call: Call, *, bad_body: int) -> dict[str, Any]:
    if not call.raw.strip():
        raise PlatformError(44002 if bad_body == 47001 else bad_body)
    if call.world.switches.refuse_escaped_bodies and b"\\u" in call.raw:
        raise PlatformError(40033)
    try:
        body = json.loads(call.raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise PlatformError(bad_body) from None
    if not isinstance(body, dict):
        raise PlatformError(bad_body)
    return body


def text(fields: Mapping[str, Any], *, name: str) -> str:
    """A text field, empty when absent; another JSON type is a format error."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise PlatformError(47001)
    return value


def ok(**more: Any) -> dict[str, Any]:
    return {"errcode": 0, "errmsg": "ok", **more}
