"""Quota tools and the look-up of a rid (fact sheet A4)."""

import re
from typing import Any

from sandbox.platform.calls import Call, endpoint, ok, text
from sandbox.platform.credentials import app_of_secret
from sandbox.platform.errors import PlatformError
from sandbox.world import App
from sandbox.world.calls import RID_SECONDS
from sandbox.world.quotas import LIMITS, limit_of

_RID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}")
_SECRETS = re.compile(r"((?:access_token|secret)=[^&]{0,7})[^&]*")


@endpoint("/cgi-bin/clear_quota", method="POST")
def clear_quota(call: Call) -> dict[str, Any]:
    """Clears every counter of the app, ten times a month together with v2."""
    if text(call.body, name="appid") != call.app.appid:
        raise PlatformError(40013)
    return _clear(call)


@endpoint("/cgi-bin/clear_quota/v2", method="POST", token=False)
def clear_quota_v2(call: Call) -> dict[str, Any]:
    """The same without a token, for when the token's own quota is used up."""
    app_of_secret(call, fields=call.body, secret_name="appsecret")  # noqa: S106 the name of a field
    return _clear(call)


def _clear(call: Call) -> dict[str, Any]:
    if not call.world.quotas.clear(call.app, now=call.now):
        raise PlatformError(48006)
    return ok()


@endpoint("/cgi-bin/openapi/quota/clear", method="POST")
def clear_path(call: Call) -> dict[str, Any]:
    """Clears one path's counters, fifty times a month."""
    path = _known_path(call)
    if not call.world.quotas.clear_path(call.app, path=path, now=call.now):
        raise PlatformError(45009)
    return ok()


@endpoint("/cgi-bin/openapi/quota/get", method="POST")
def quota_get(call: Call) -> dict[str, Any]:
    """The figures by which calls are really counted; all 0 where no daily cap is configured."""
    path = _known_path(call)
    limit = limit_of(call.app, path=path)
    used = call.world.quotas.used(call.app, path=path, now=call.now) if limit.daily else 0
    quota = {"daily_limit": limit.daily, "used": used, "remain": max(0, limit.daily - used)}
    if limit.minute:
        return ok(quota=quota, rate_limit={"call_count": limit.minute, "refresh_second": 60})
    if limit.second:
        return ok(quota=quota, rate_limit={"call_count": limit.second, "refresh_second": 1})
    return ok(quota=quota)


def _known_path(call: Call) -> str:
    path = text(call.body, name="cgi_path")
    if path.startswith("/sns/"):
        raise PlatformError(76022)
    if path not in LIMITS and path not in call.app.limits:
        raise PlatformError(76021)
    return path


@endpoint("/cgi-bin/openapi/rid/get", method="POST")
def rid_get(call: Call) -> dict[str, Any]:
    """What was asked and answered under a rid, for seven days and for one's own calls."""
    rid = text(call.body, name="rid")
    if not _RID.fullmatch(rid):
        raise PlatformError(76002)
    if call.now - int(rid[:8], 16) > RID_SECONDS:
        raise PlatformError(76004)
    record = call.world.calls.find(rid)
    if record is None:
        raise PlatformError(76001)
    if not _owns(call.app, appid=record.appid):
        raise PlatformError(76003)
    return ok(
        request={
            "invoke_time": int(record.at),
            "cost_in_ms": record.cost_ms,
            "request_url": _SECRETS.sub(r"\1xxxx", record.query),
            "request_body": record.request_body,
            "response_body": record.response_body,
            "client_ip": record.client_ip,
        }
    )


def _owns(app: App, *, appid: str | None) -> bool:
    return appid == app.appid
