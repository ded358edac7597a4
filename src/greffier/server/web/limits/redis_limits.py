"""Requests counted in Redis or Valkey, for all workers and machines that share it.

The algorithm and its answers are those of `memory_limits.py`. Without Redis each worker goes on by itself.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from typing import Any

from greffier.server.web.limits.memory_limits import MemoryLimits
from greffier.server.web.limits.rate_limits import Limit

REPLY_SECONDS = 0.05
"""The wait for an answer of Redis, after which a request goes on without."""
CONNECT_SECONDS = 0.1
CONNECTIONS = 8
"""Of one process. A crowd waits for its turn here, which is no reason to give Redis up."""
PAUSE_SECONDS = 1.0
"""The pause after a failure of Redis in which no request asks it."""
KEY_PREFIX = "greffier:limit:"

log = logging.getLogger("greffier.limits")

# The list has the times that count, in order. A machine whose clock is behind counts at the newest of them:
# it must not begin anew what others have counted. A clock that was wrong matters for one window, because
# then Redis forgets the key by its own clock.
_TAKE = """
local key, count, window, now = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local newest = tonumber(redis.call('LINDEX', key, -1))
if newest and newest > now then now = newest end
local oldest = tonumber(redis.call('LINDEX', key, 0))
while oldest and oldest <= now - window do
  redis.call('LPOP', key)
  oldest = tonumber(redis.call('LINDEX', key, 0))
end
if redis.call('LLEN', key) >= count then
  return tonumber(redis.call('LINDEX', key, -count)) + window - now
end
redis.call('RPUSH', key, now)
redis.call('PEXPIRE', key, window)
return 0
"""


def connect(url: str) -> Any:
    """A client that gives up soon and never tries twice. It connects when it is first used.

    Raises:
        ValueError: the URL cannot be used, or the `redis` package is not installed. The message names the
            setting and does not repeat the URL, which may hold a password.
    """
    try:  # it takes a while to import and only some installations have it
        from redis.asyncio import Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
    except ImportError:
        raise ValueError("GREFFIER_REDIS_URL needs another package: pip install 'greffier[redis]'") from None
    try:
        return Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url,
            socket_timeout=REPLY_SECONDS,
            socket_connect_timeout=CONNECT_SECONDS,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # one round trip less to connect; nothing here needs 3
        )
    except (ValueError, TypeError) as error:
        raise ValueError(f"GREFFIER_REDIS_URL cannot be used ({type(error).__name__})") from None


class RedisLimits:
    """Implements `limits.RateLimiter`.

    What Redis allows is counted in this process too. So a worker that loses Redis, or whose Redis has
    purged everything, still knows what it has let through itself.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
    """

    def __init__(self, url: str) -> None:
        self._own = MemoryLimits()
        self._redis = connect(url)
        self._script = self._redis.register_script(_TAKE)
        self._turn = asyncio.Semaphore(CONNECTIONS)
        self._lost = False
        self._ask_again_at = 0.0

    async def take(self, key: str, limit: Limit, now: int) -> int:
        return await self._take_shared(key, limit, now) or await self._own.take(key, limit, now)

    async def start(self) -> None:
        """Log it at once if Redis does not answer."""
        await self._ask(self._redis.ping)

    async def stop(self) -> None:
        await self._redis.aclose()

    async def _take_shared(self, key: str, limit: Limit, now: int) -> int:
        """The result of `take`; 0 without Redis."""
        keys = [stored_name(key, limit)]
        answer = await self._ask(self._script, keys=keys, args=[limit.count, limit.window, now])
        return int(answer or 0)

    async def _ask(self, command: Any, **arguments: Any) -> Any:
        """The answer, or `None` when there is none: Redis is slow, gone, full or refuses us."""
        from redis.exceptions import RedisError

        async with self._turn:
            was_lost = self._lost
            if was_lost:
                if time.monotonic() < self._ask_again_at:
                    return None
                self._ask_again_at = time.monotonic() + PAUSE_SECONDS  # one request tries, others go on
            try:
                answer = await command(**arguments)
            except (RedisError, OSError) as error:
                self._give_up(error)
                return None
        if was_lost and self._lost:
            self._lost = False
            log.info("Redis answers again: rate limits are shared")
        return answer

    def _give_up(self, error: Exception) -> None:
        self._ask_again_at = time.monotonic() + PAUSE_SECONDS
        if not self._lost:
            self._lost = True
            why = type(error).__name__
            log.warning("Redis does not answer (%s): every worker counts rate limits for itself", why)


def stored_name(key: str, limit: Limit) -> str:
    """The key in Redis: the instance's id can be read, addresses and mailboxes cannot."""
    instance_id, _, rest = key.partition(" ")
    digest = hashlib.blake2b(rest.encode(), digest_size=16).hexdigest()
    return f"{KEY_PREFIX}{instance_id}:{limit.window}:{digest}"
