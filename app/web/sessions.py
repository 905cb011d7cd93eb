"""Sessions in Redis: a random token outside, its digest inside. Losing Redis means signing in again, nothing more."""

import datetime as dt
import hashlib
import json
import secrets
from typing import Any

from app.kernel.redis import client


def _key(kind: str, token: str) -> str:
    return f"session:{kind}:{hashlib.sha256(token.encode()).hexdigest()}"


def open_session(kind: str, *, subject: int | str, data: dict[str, Any], lasts: dt.timedelta) -> str:
    """A new session's token. `subject` is whose it is, so that all of them can be closed at once."""
    token = secrets.token_urlsafe(32)
    seconds = int(lasts.total_seconds())
    with client().pipeline() as pipe:
        pipe.set(_key(kind, token), json.dumps(data), ex=seconds)
        pipe.sadd(f"sessions-of:{kind}:{subject}", _key(kind, token))
        pipe.expire(f"sessions-of:{kind}:{subject}", seconds)
        pipe.execute()
    return token


def find_session(kind: str, token: str) -> dict[str, Any] | None:
    """What the session holds, None when it does not exist or has ended."""
    stored = client().get(_key(kind, token))
    return json.loads(stored) if stored else None  # type: ignore[arg-type]


def close_session(kind: str, token: str) -> None:
    """End one session."""
    client().delete(_key(kind, token))


def close_sessions_of(kind: str, subject: int | str) -> int:
    """End every session of somebody: signed out everywhere. How many keys were dropped."""
    name = f"sessions-of:{kind}:{subject}"
    keys = client().smembers(name)
    return int(client().delete(name, *keys))  # type: ignore[misc,arg-type]
