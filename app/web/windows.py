"""How often somebody may do something: fixed windows in Redis, which may be lost."""

import functools

from limits import RateLimitItemPerMinute
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.kernel.errors import TooOften
from app.kernel.settings import settings


@functools.cache
def _windows() -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage_from_string(settings().redis_url))


def count(what: str, who: str, *, a_minute: int) -> None:
    """Count one time. Raises TooOften when it is more than so many within a minute."""
    if not _windows().hit(RateLimitItemPerMinute(a_minute), what, who):
        raise TooOften(a_minute=a_minute)
