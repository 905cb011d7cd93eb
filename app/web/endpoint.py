"""The shape of every JSON route: guard → schema → one unit of work → one call into one room → schema.

    door = Door("points", prefix="/mp/v1/points", guard=consumer, about="Points of the member")

    @door.writes("/exchange", takes=ExchangeRequest, gives=ExchangeView, refuses=[NotEnoughPoints], status=201)
    def exchange(caller: Consumer, body: dict) -> rewards.Exchange:
        "Exchange points for something of the mall. ..."

`reads` gives the view no transaction, `writes` one transaction (and honours `Idempotency-Key`; `value=True` demands it),
`runs` leaves transactions to an errand. A view gets `caller`, then by name what it declared: `body`, `query`, path ids.
The first line of its docstring is the operation's summary.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import flask
import marshmallow as ma

from app.kernel import clock, request_keys
from app.kernel.database import Overtaken, again_when_given_up, unit_of_work
from app.kernel.errors import NotFound, Refusal, Unauthenticated, Unavailable, Unprocessable
from app.web.bodies import JsonBlueprint
from app.web.callers import Anybody as Anybody
from app.web.callers import Caller as Caller
from app.web.callers import Guard as Guard
from app.web.callers import View as View
from app.web.callers import anybody as anybody
from app.web.callers import behind as behind
from app.web.callers import holds, still_stands
from app.web.problems import CONTENT_TYPE, ProblemDocument

SchemaType = type[ma.Schema] | ma.Schema


class KeyMissing(Unprocessable):
    status = 400
    code = "idempotency.key_missing"
    title = "缺少 Idempotency-Key"
    advice = "每次动作带一个新的 Idempotency-Key，重试时用同一个"


class KeyMalformed(Unprocessable):
    status = 400
    code = "idempotency.key_malformed"
    title = "Idempotency-Key 格式不对"
    advice = "用 8 到 64 个可见的 ASCII 字符"


class Door:
    """A group of JSON routes with one prefix and one guard."""

    def __init__(self, name: str, *, prefix: str, guard: Guard, about: str) -> None:
        self.guard = guard
        self.blueprint = JsonBlueprint(name, name, url_prefix=prefix, description=about)

    def reads(
        self,
        path: str,
        *,
        gives: SchemaType,
        query: SchemaType | None = None,
        refuses: Sequence[type[Refusal]] = (),
        guard: Guard | None = None,
    ) -> Callable[[View], View]:
        """GET without a transaction."""
        return self._route("GET", path, _read, Shape(None, query, gives, 200, refuses, guard or self.guard))

    def writes(
        self,
        path: str,
        *,
        gives: SchemaType,
        takes: SchemaType | None = None,
        status: int = 200,
        refuses: Sequence[type[Refusal]] = (),
        value: bool = False,
        method: str = "POST",
    ) -> Callable[[View], View]:
        """One transaction. `value`: it moves value, so an `Idempotency-Key` is demanded."""
        known = [*refuses, request_keys.StillInFlight, request_keys.KeyReused, KeyMalformed]
        shape = Shape(takes, None, gives, status, [*known, KeyMissing] if value else known, self.guard, value)
        return self._route(method, path, _write, shape)

    def runs(
        self,
        path: str,
        *,
        gives: SchemaType,
        takes: SchemaType | None = None,
        status: int = 200,
        refuses: Sequence[type[Refusal]] = (),
        guard: Guard | None = None,
    ) -> Callable[[View], View]:
        """POST whose view runs an errand: it opens its own transactions around an outside call."""
        shape = Shape(takes, None, gives, status, refuses, guard or self.guard)
        return self._route("POST", path, _run, shape)

    def _route(self, method: str, path: str, how: "How", shape: "Shape") -> Callable[[View], View]:
        def register(view: View) -> View:
            endpoint = _document(self.blueprint, functools.partial(how, view, shape), view, shape)
            guarded = behind(shape.guard, endpoint)
            if how is not _run:
                guarded = _again(guarded)
            self.blueprint.route(path, methods=[method], endpoint=view.__name__)(guarded)
            return view

        return register


class Shape:
    """What a route takes and gives, and what it may refuse."""

    def __init__(
        self,
        takes: SchemaType | None,
        query: SchemaType | None,
        gives: SchemaType,
        status: int,
        refuses: Sequence[type[Refusal]],
        guard: Guard,
        value: bool = False,
    ) -> None:
        self.takes, self.query, self.status, self.guard, self.value = takes, query, status, guard, value
        self.gives = gives() if isinstance(gives, type) else gives
        self.refuses = list(refuses)

    def answer(self, result: Any) -> Any:
        """The result in the shape the caller sees."""
        return self.gives.dump(result)


How = Callable[..., flask.Response]


def _respond(body: Any, status: int) -> flask.Response:
    response = flask.jsonify(body)
    response.status_code = status
    return response


def _read(view: View, shape: Shape, **given: Any) -> flask.Response:
    return _respond(shape.answer(view(flask.g.caller, **given)), shape.status)


def _run(view: View, shape: Shape, **given: Any) -> flask.Response:
    return _respond(shape.answer(view(flask.g.caller, **given)), shape.status)


def _write(view: View, shape: Shape, **given: Any) -> flask.Response:
    key = _request_key(required=shape.value)
    if key is None:
        with unit_of_work():
            _hold(flask.g.caller)
            body = shape.answer(view(flask.g.caller, **given))
        return _respond(body, shape.status)
    caller, now = flask.g.caller.key, clock.now()
    request = f"{flask.request.method} {flask.request.path}\n".encode() + flask.request.get_data()
    body_hash = hashlib.sha256(request).digest()
    with unit_of_work():
        _hold(flask.g.caller)
        stored = request_keys.find_answer(caller=caller, key=key, body_hash=body_hash, now=now)
        if stored is not None:
            return _respond(stored[1], stored[0])
        body = shape.answer(view(flask.g.caller, **given))
        request_keys.keep_answer(caller=caller, key=key, body_hash=body_hash, status=shape.status, answer=body, now=now)
    return _respond(body, shape.status)


def _again(guarded: View) -> View:
    """The whole request once more, guard included, when another transaction came between: ours was given up for it, or the
    caller was merged into somebody, or set apart again, after the guard had looked."""

    def once(*args: Any, **kwargs: Any) -> Any:
        flask.g.pop("caller", None)
        try:
            return guarded(*args, **kwargs)
        except Refusal:
            if not still_stands(flask.g.get("caller")):
                raise Overtaken from None
            raise

    @functools.wraps(guarded)
    def repeated(*args: Any, **kwargs: Any) -> Any:
        return again_when_given_up(functools.partial(once, *args, **kwargs))

    return repeated


def _hold(caller: Caller) -> None:
    """For the length of the transaction the caller stays who the guard saw."""
    if not holds(caller):
        raise Overtaken


def _request_key(*, required: bool) -> str | None:
    key = flask.request.headers.get("Idempotency-Key")
    if key is None:
        if required:
            raise KeyMissing
        return None
    if not (8 <= len(key) <= 64 and key.isascii() and key.isprintable()):
        raise KeyMalformed
    return key


def _document(blueprint: JsonBlueprint, call: View, view: View, shape: Shape) -> View:
    @functools.wraps(view)
    def endpoint(*parsed: Any, **path: Any) -> Any:
        names = [name for name, schema in (("body", shape.takes), ("query", shape.query)) if schema is not None]
        return call(**path, **dict(zip(names, parsed, strict=True)))

    documented: View = endpoint
    documented = blueprint.response(shape.status, shape.gives)(documented)
    for status, refusals in _by_status(shape).items():
        words = "; ".join(f"`{refusal.code}` {refusal.title}" for refusal in refusals) or "see `code`"
        documented = blueprint.alt_response(
            status, schema=ProblemDocument, description=words, content_type=CONTENT_TYPE
        )(documented)
    if shape.query is not None:
        documented = blueprint.arguments(shape.query, location="query", unknown=ma.RAISE)(documented)
    if shape.takes is not None:
        documented = blueprint.arguments(shape.takes, location="json")(documented)
    security: list[dict[str, list[str]]] = [{shape.guard.security: []}] if shape.guard.security else []
    headers = [] if shape.value is False else [_KEY_PARAMETER]
    finished: View = blueprint.doc(security=security, **({"parameters": headers} if headers else {}))(documented)
    return finished


_KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    "description": "A new key for each intent, the same key for its retries; answers are kept 24 hours",
}


def _by_status(shape: Shape) -> dict[int, list[type[Refusal]]]:
    found: dict[int, list[type[Refusal]]] = {400: [], 404: [NotFound], 422: [], 503: [Unavailable]}
    if shape.takes is not None:
        found[413] = []
    if shape.guard.security:
        found[401] = [Unauthenticated]
        found[403] = []
    for refusal in shape.refuses:
        found.setdefault(refusal.status, []).append(refusal)
    return found
