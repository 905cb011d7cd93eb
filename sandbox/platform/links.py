"""POST /wxa/generate_urllink and /wxa/generatescheme (fact sheet B8)."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.errors import PlatformError
from sandbox.world import ids

_QUERY = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%]*")
LONGEST_QUERY = 1024
SHORTEST_SECONDS, LONGEST_SECONDS = 60, 30 * 86400
BY_TIME, BY_INTERVAL = 0, 1


@endpoint("/wxa/generate_urllink", method="POST")
def generate_urllink(call: Call) -> dict[str, Any]:
    """A link that opens the mini-program from outside WeChat."""
    if call.app.personal:
        raise PlatformError(40002)
    _check_target(call, fields=call.body)
    if call.body.get("cloud_base"):
        raise PlatformError(85088)
    _check_expiry(call)
    return ok(url_link=f"https://wxaurl.cn/{ids.ticket()}")


@endpoint("/wxa/generatescheme", method="POST")
def generatescheme(call: Call) -> dict[str, Any]:
    """A weixin:// address; without is_expire it lasts the longest time allowed."""
    if call.app.personal:
        raise PlatformError(85407)
    target = call.body.get("jump_wxa") or {}
    if not isinstance(target, dict):
        raise PlatformError(47001)
    _check_target(call, fields=target)
    if call.body.get("is_expire"):
        _check_expiry(call)
    return ok(openlink=f"weixin://dl/business/?t={ids.ticket()}")


def _check_target(call: Call, *, fields: Mapping[str, Any]) -> None:
    if not call.app.pages:
        raise PlatformError(85079)
    path, query = text(fields, name="path"), text(fields, name="query")
    if path and not call.app.has_page(path.lstrip("/")):
        raise PlatformError(40165)
    if len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query):
        raise PlatformError(40212)
    if (text(fields, name="env_version") or "release") not in ("release", "trial", "develop"):
        raise PlatformError(85402)


def _check_expiry(call: Call) -> None:
    kind = call.body.get("expire_type", BY_TIME)
    if kind == BY_INTERVAL:
        days = _whole(call.body.get("expire_interval"))
        if days is None or not 1 <= days <= 30:
            raise PlatformError(85401)
        return
    if kind != BY_TIME:
        raise PlatformError(85401)
    if call.body.get("expire_time") in (None, 0):
        return  # the longest time allowed
    until = _whole(call.body["expire_time"])
    if until is None or not SHORTEST_SECONDS <= until - int(call.now) <= LONGEST_SECONDS:
        raise PlatformError(85401)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
