"""Who calls: the shape of a guard, and how it stands before a view."""

import functools
from collections.abc import Callable, Mapping
from typing import Any, Protocol, runtime_checkable

import flask

from app.kernel import carrier

View = Callable[..., Any]


class Caller(Protocol):
    """Whoever a guard lets in. `key` tells callers apart, across doors and sessions."""

    @property
    def key(self) -> str: ...


@runtime_checkable
class Merging(Protocol):
    """A caller who may become another while the request runs: by a merge, or by its undoing."""

    @property
    def born_of(self) -> Mapping[int, int]: ...

    def hold(self) -> bool: ...

    def stands(self) -> bool: ...


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


def holds(caller: object) -> bool:
    """Whether the caller is who the guard saw, and stays so until the transaction ends."""
    return not isinstance(caller, Merging) or caller.hold()


def still_stands(caller: object) -> bool:
    """Whether the caller is who the guard saw."""
    return not isinstance(caller, Merging) or caller.stands()


def behind(guard: Guard, endpoint: View) -> View:
    """The guard comes first: nobody learns from a field error what a route takes before saying who they are."""

    @functools.wraps(endpoint)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        flask.g.caller = caller = guard()
        # Who came by an id that was merged acts as the present person, and their rows are born to that former self.
        with carrier.carried_by(caller.born_of if isinstance(caller, Merging) else {}):
            return endpoint(*args, **kwargs)

    guarded.guard = guard  # type: ignore[attr-defined]  # tests/architecture: every route has one
    return guarded
