"""Who calls: the shape of a guard, and how it stands before a view."""

import functools
from collections.abc import Callable
from typing import Any, Protocol

import flask

from app.kernel import carrier

View = Callable[..., Any]


class Caller(Protocol):
    """Whoever a guard lets in. `key` tells callers apart, across doors and sessions."""

    @property
    def key(self) -> str: ...


class Guard(Protocol):
    """Who is it? Gives the caller or raises Unauthenticated or Forbidden. `security` names the OpenAPI scheme."""

    security: str

    def __call__(self) -> Any: ...


class Anybody:
    """No guard: for signing in and for what is public. Named, so that leaving one out is never an accident."""

    security = ""
    key = "anybody"

    def __call__(self) -> "Anybody":
        return self


anybody = Anybody()


def behind(guard: Guard, endpoint: View) -> View:
    """The guard comes first: nobody learns from a field error what a route takes before saying who they are."""

    @functools.wraps(endpoint)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        flask.g.caller = caller = guard()
        # Who came by an id that was merged acts as the present person, and their rows are born to that former self.
        with carrier.carried_by(getattr(caller, "born_of", {})):
            return endpoint(*args, **kwargs)

    guarded.guard = guard  # type: ignore[attr-defined]  # tests/architecture: every route has one
    return guarded
