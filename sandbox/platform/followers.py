"""Who an openid is, for the paths of official accounts."""

from collections.abc import Sequence
from typing import Any

from sandbox.platform.calls import Call
from sandbox.platform.errors import PlatformError
from sandbox.world import Person

PAGE = 10_000


def person_of(call: Call, *, openid: object) -> Person:
    """The person with this openid in the calling account; 40003 for nobody and for somebody of another account."""
    person = call.world.people.by_openid(call.app.appid, openid=openid) if isinstance(openid, str) else None
    if person is None:
        raise PlatformError(40003)
    return person


def own_person(call: Call, *, openid: object) -> Person:
    """As `person_of`, but an openid of another account is 49003."""
    try:
        return person_of(call, openid=openid)
    except PlatformError:
        if isinstance(openid, str) and call.world.people.openid_taken(openid):
            raise PlatformError(49003) from None
        raise


def follower_of(call: Call, *, openid: object) -> Person:
    """Somebody who follows now; 50005 otherwise."""
    person = person_of(call, openid=openid)
    if not person.follows(call.app.appid):
        raise PlatformError(50005)
    return person


def page_after(openids: Sequence[str], *, next_openid: str) -> tuple[list[str], str]:
    """Ten thousand openids after the given one, and the one to go on from; 40003 when it is not in the list."""
    start = 0
    if next_openid:
        try:
            start = openids.index(next_openid) + 1
        except ValueError:
            raise PlatformError(40003) from None
    page = list(openids[start : start + PAGE])
    return page, page[-1] if page else ""


def list_of_openids(call: Call, *, name: str, most: int) -> list[Any]:
    """A list of one to `most` entries; 40032 otherwise."""
    given = call.body.get(name)
    if not isinstance(given, list) or not 1 <= len(given) <= most:
        raise PlatformError(40032)
    return given
