"""The Redis protocol server: it holds what may be lost (sessions, platform tokens, windows, queues) and nothing else."""

import functools

import redis

from app.kernel.settings import settings


@functools.cache
def client() -> "redis.Redis":
    """This process's client; text in, text out, short time-outs so that a dead server is noticed at once."""
    return redis.Redis.from_url(
        settings().redis_url, decode_responses=True, socket_timeout=2, socket_connect_timeout=2, max_connections=512
    )
