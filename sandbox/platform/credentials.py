"""appid and secret: the checks that /cgi-bin/token, stable_token, jscode2session and clear_quota/v2 share."""

from collections.abc import Mapping
from typing import Any

from sandbox.platform.calls import Call, text
from sandbox.platform.errors import TEXTS, PlatformError
from sandbox.world import App


def app_of_secret(call: Call, *, fields: Mapping[str, Any], secret_name: str = "secret") -> App:  # noqa: S107
    """The app whose secret this is; 41002, 41004, 40013, 40125 or 40243 otherwise."""
    appid, secret = text(fields, name="appid"), text(fields, name=secret_name)
    if not appid:
        raise PlatformError(41002)
    if not secret:
        raise PlatformError(41004)
    app = call.world.apps.get(appid)
    if app is None:
        raise PlatformError(40013)
    if secret != app.secret:
        raise PlatformError(40125)
    if app.secret_frozen:
        raise PlatformError(40243)
    call.app_known = app
    return app


def check_whitelist(call: Call) -> None:
    """The whitelist is looked at only where a token is fetched."""
    allowed = call.app.ip_whitelist
    if allowed and call.client_ip not in allowed:
        raise PlatformError(40164, text=not_listed(call.client_ip))


def not_listed(ip: str) -> str:
    return f"invalid ip {ip} ipv6 ::ffff:{ip}, {TEXTS[40164]}"
