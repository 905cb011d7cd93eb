"""The platform's access token: one for all processes, in Redis, refreshed by one of them at a time."""

from collections.abc import Callable

from redis.exceptions import LockError

from app.gateways.wechat.transport import Unconnected
from app.kernel.redis import client

# A normal answer of stable_token has at least 300 seconds left; we stop using a token well before its end.
MARGIN_SECONDS = 120
LEAST_SECONDS = 60
LOCK_SECONDS = 15
WAIT_SECONDS = 8

Fetch = Callable[[bool], tuple[str, int]]


def _name(appid: str) -> str:
    return f"platform-token:{appid}"


def token_for(appid: str, *, fetch: Fetch, stale: str | None = None) -> str:
    """The shared token; a newer one than `stale` when that was refused.

    `fetch(force)` asks the platform and gives the token with its seconds; forced only when the platform goes on handing
    out what it just refused, for that kills the old token at once and works twenty times a day. Raises Unconnected when
    another process has been fetching for too long, and what `fetch` raises.
    """
    known = _known(appid)
    if known and known != stale:
        return known
    try:
        with client().lock(f"{_name(appid)}:refresh", timeout=LOCK_SECONDS, blocking_timeout=WAIT_SECONDS):
            known = _known(appid)
            if known and known != stale:
                return known  # somebody else has been to the platform meanwhile
            token, seconds = fetch(False)
            if token == stale:
                token, seconds = fetch(True)
            client().set(_name(appid), token, ex=max(LEAST_SECONDS, seconds - MARGIN_SECONDS))
            return token
    except LockError:
        raise Unconnected("somebody else has been fetching the token for too long") from None


def _known(appid: str) -> str | None:
    return client().get(_name(appid))  # type: ignore[return-value]
