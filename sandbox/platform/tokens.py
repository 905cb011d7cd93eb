"""GET /cgi-bin/token and POST /cgi-bin/stable_token (fact sheet A1, A2)."""

from typing import Any

from sandbox.platform.calls import Call, count, endpoint, text
from sandbox.platform.credentials import app_of_secret, check_whitelist
from sandbox.platform.errors import PlatformError
from sandbox.world.tokens import TOKEN_SECONDS


@endpoint("/cgi-bin/token", method="GET", token=False)
def token(call: Call) -> dict[str, Any]:
    """Every call issues a new token; the one before it goes on for five minutes."""
    if call.query.get("grant_type") != "client_credential":
        raise PlatformError(40002)
    app = app_of_secret(call, fields=call.query)
    check_whitelist(call)
    count(call)
    issued = call.world.tokens.issue(app.appid, pool="plain", now=call.now, collide=call.world.switches.pools_collide)
    return {"access_token": issued.text, "expires_in": TOKEN_SECONDS}


@endpoint("/cgi-bin/stable_token", method="POST", token=False)
def stable_token(call: Call) -> dict[str, Any]:
    """The same token until its last five minutes; a forced refresh kills the old one at once."""
    if text(call.body, name="grant_type") != "client_credential":
        raise PlatformError(40002)
    app = app_of_secret(call, fields=call.body)
    check_whitelist(call)
    count(call)
    force = call.body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise PlatformError(47001)
    issued, remaining = call.world.tokens.stable(
        app.appid, now=call.now, force=force, collide=call.world.switches.pools_collide
    )
    return {"access_token": issued.text, "expires_in": remaining}
