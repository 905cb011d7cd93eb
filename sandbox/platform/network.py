"""Addresses of the platform and the check of one's own callback address (fact sheet A4)."""

from typing import Any

from sandbox.platform.calls import Call, endpoint, text
from sandbox.platform.errors import PlatformError

OPERATORS = ("CHINANET", "UNICOM", "CAP", "DEFAULT")
ADDRESSES = ("111.161.64.40", "111.161.64.48")


@endpoint("/cgi-bin/get_api_domain_ip", method="GET")
def get_api_domain_ip(call: Call) -> dict[str, Any]:
    return {"ip_list": ["101.89.47.18", "101.91.34.103"]}


@endpoint("/cgi-bin/getcallbackip", method="GET")
def getcallbackip(call: Call) -> dict[str, Any]:
    """Where callbacks come from: this machine."""
    return {"ip_list": ["127.0.0.1", "106.55.206.146"]}


@endpoint("/cgi-bin/callback/check", method="POST")
def callback_check(call: Call) -> dict[str, Any]:
    """Says how the platform's networks would reach the callback address; nothing is really sent."""
    action, operator = text(call.body, name="action"), text(call.body, name="check_operator") or "DEFAULT"
    if action not in ("dns", "ping", "all"):
        raise PlatformError(40202)
    if operator not in OPERATORS:
        raise PlatformError(40203)
    if not call.app.callback_url:
        raise PlatformError(40201)
    network = "UNICOM" if operator == "DEFAULT" else operator
    found: dict[str, Any] = {}
    if action in ("dns", "all"):
        found["dns"] = [{"ip": ip, "real_operator": network} for ip in ADDRESSES]
    if action in ("ping", "all"):
        found["ping"] = [
            {"ip": ip, "from_operator": network, "package_loss": "0%", "time": "23.079ms"} for ip in ADDRESSES
        ]
    return found
