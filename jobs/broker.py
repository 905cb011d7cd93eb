"""The queue: Dramatiq on the Redis protocol. A killed worker's messages come back after seconds, not minutes."""

import dramatiq
from dramatiq.brokers.redis import RedisBroker

from app.kernel.settings import settings

# Defaults bring a dead worker's messages back after about 137 s: a heartbeat counts as missed after 5 s, and every
# fetch does the maintenance instead of one in a thousand.
HEARTBEAT_MS = 5_000
MAINTENANCE_CHANCE = 1_000_000


def configure() -> RedisBroker:
    """Make the broker the one that actors register with."""
    broker = RedisBroker(  # type: ignore[no-untyped-call]
        url=settings().redis_url, heartbeat_timeout=HEARTBEAT_MS, maintenance_chance=MAINTENANCE_CHANCE
    )
    dramatiq.set_broker(broker)
    return broker
