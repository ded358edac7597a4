"""A store in Redis or Valkey, which all processes of an application share.

Without Redis each process goes on with a store of its own.
"""

import hashlib
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.rare_log import log_rarely
from greffier.sdk.steps import Ask
from greffier.subscriptions.asking import PerLoop
from greffier.subscriptions.cache.memory import MemoryStore
from greffier.subscriptions.cache.pacing import BURST, MAX_WAIT_SECONDS
from greffier.subscriptions.cache.store import LOCK_SECONDS, MOVING_SECONDS, OUTAGE_SECONDS, Kept, Known

T = TypeVar("T")

KEY_PREFIX = "greffier:stripe:"
CONNECTIONS = 16
REPLY_SECONDS = 0.25
"""The wait for Redis, after which a reader goes on without it."""
PAUSE_SECONDS = 1.0
"""Redis is not asked again for so long after it failed."""
_VERSION_SECONDS = 7 * 24 * 3600

_UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
"""
# As `Pacer` does it, in microseconds of the clock of Redis.
_RESERVE = """
local apart, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local turn = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now - burst * apart)
if turn - now > longest then return -1 end
redis.call('SET', KEYS[1], string.format('%.0f', turn + apart), 'EX', 60)
return math.max(0, turn - now)
"""


_WAITING = """
local time = redis.call('TIME')
return math.max(0, tonumber(redis.call('GET', KEYS[1]) or 0) - time[1] * 1000000 - time[2])
"""


class RedisStore:
    """Implements `Store`.

    Args:
        url: `redis://`, `rediss://` or `unix://`.
        account: secret key of the account, whose answers are kept apart from those of others.
        reads_per_second: of all processes together.
    """

    def __init__(self, url: str, account: str, reads_per_second: float) -> None:
        self._own = MemoryStore(reads_per_second)
        self._apart = 1 / reads_per_second
        self._prefix = f"{KEY_PREFIX}{hashlib.sha256(account.encode()).hexdigest()[:16]}:"
        self.connections = _Connections(url)

    def look(self, key: str) -> Ask[Known]:
        names = [self._name(kind, key) for kind in ("kept", "version", "moving")] + [self._name("outage")]
        return _Question(self, lambda redis: redis.mget(names), _known, lambda: self._own.look(key))

    def keep(self, key: str, kept: Kept, seconds: float) -> Ask[None]:
        text = json.dumps(kept)
        self._own.keep(key, kept, seconds)  # so that a process that loses Redis has a last good answer
        return self._command(
            lambda redis: redis.set(self._name("kept", key), text, px=_milliseconds(seconds)),
            lambda: self._own.keep(key, kept, seconds),
        )

    def outdate(self, key: str, *, forget: bool, moving: bool) -> Ask[None]:
        def commands(redis: Any) -> Any:
            pipe = redis.pipeline()
            pipe.incr(self._name("version", key))
            pipe.expire(self._name("version", key), _VERSION_SECONDS)
            if forget:
                pipe.delete(self._name("kept", key))
            if moving:
                pipe.set(self._name("moving", key), 1, px=_milliseconds(MOVING_SECONDS))
            return pipe.execute()

        self._own.outdate(key, forget=forget, moving=moving)
        return self._command(commands, lambda: self._own.outdate(key, forget=forget, moving=moving))

    def note_outage(self) -> Ask[None]:
        name = self._name("outage")
        return self._command(
            lambda redis: redis.set(name, 1, px=_milliseconds(OUTAGE_SECONDS)), self._own.note_outage
        )

    def lock(self, key: str) -> Ask[str | None]:
        token, name = secrets.token_hex(8), self._name("lock", key)
        return _Question(
            self,
            lambda redis: redis.set(name, token, nx=True, px=_milliseconds(LOCK_SECONDS)),
            lambda done: token if done else None,
            lambda: self._own.lock(key),
        )

    def unlock(self, key: str, token: str) -> Ask[None]:
        name = self._name("lock", key)
        return self._command(
            lambda redis: redis.eval(_UNLOCK, 1, name, token), lambda: self._own.unlock(key, token)
        )

    def reserve(self) -> Ask[float | None]:
        arguments = (round(self._apart * 1e6), BURST, round(MAX_WAIT_SECONDS * 1e6))
        return _Question(
            self,
            lambda redis: redis.eval(_RESERVE, 1, self._name("turn"), *arguments),
            lambda wait: None if int(wait) < 0 else int(wait) / 1e6,
            self._own.reserve,
        )

    def waiting(self) -> Ask[float]:
        return _Question(
            self,
            lambda redis: redis.eval(_WAITING, 1, self._name("turn")),
            lambda wait: int(wait) / 1e6,
            self._own.waiting,
        )

    def _command(self, command: Callable[[Any], Any], own: Callable[[], Ask[None]]) -> Ask[None]:
        return _Question(self, command, lambda done: None, own)

    def _name(self, kind: str, key: str = "") -> str:
        return f"{self._prefix}{kind}:{key}"


@dataclass(frozen=True, slots=True)
class _Question(Generic[T]):
    """An `Ask` of Redis, or of the process's own store where Redis does not answer."""

    store: RedisStore
    command: Callable[[Any], Any]
    read: Callable[[Any], T]
    own: Callable[[], Ask[T]]

    def ask(self) -> T:
        """Block until it is answered."""
        connections = self.store.connections
        if connections.is_up:
            try:
                return self.read(self.command(connections.blocking))
            except connections.errors as error:
                connections.give_up(error)
        return self.own().ask()

    async def ask_async(self) -> T:
        """Wait until it is answered."""
        connections = self.store.connections
        if connections.is_up:
            try:
                return self.read(await self.command(connections.asynchronous.get()))
            except connections.errors as error:
                connections.give_up(error)
        return await self.own().ask_async()


class _Connections:
    """The clients of one Redis, and whether it answers."""

    def __init__(self, url: str) -> None:
        try:
            from redis.exceptions import RedisError
        except ImportError:
            raise ConfigurationError(
                "A cache in Redis needs another package: pip install 'greffier[redis]'."
            ) from None
        self.errors = (RedisError, OSError, TimeoutError)
        self._url = url
        self._ask_again_at = 0.0
        self.asynchronous = PerLoop(self._asynchronous)
        try:
            _ = self.blocking
        except (ValueError, TypeError) as error:
            # The URL may hold a password.
            raise ConfigurationError(
                f"The URL of the cache cannot be used ({type(error).__name__})."
            ) from None

    @cached_property
    def blocking(self) -> Any:
        """For code without an event loop."""
        import redis
        from redis.retry import Retry

        return self._client(redis, Retry)

    @property
    def is_up(self) -> bool:
        """Whether Redis is asked: not for a while after it failed."""
        return time.monotonic() >= self._ask_again_at

    def give_up(self, error: Exception) -> None:
        """Go on without Redis for a while."""
        self._ask_again_at = time.monotonic() + PAUSE_SECONDS
        log_rarely(
            "Redis does not answer (%s): each process keeps its own subscriptions", type(error).__name__
        )

    def _asynchronous(self) -> Any:
        import redis.asyncio
        from redis.asyncio.retry import Retry

        return self._client(redis.asyncio, Retry)

    def _client(self, library: Any, retry: Any) -> Any:
        from redis.backoff import NoBackoff

        pool = library.BlockingConnectionPool.from_url(
            self._url,
            max_connections=CONNECTIONS,
            timeout=REPLY_SECONDS * 20,
            socket_timeout=REPLY_SECONDS,
            socket_connect_timeout=REPLY_SECONDS,
            retry=retry(NoBackoff(), 0),
        )
        return library.Redis(connection_pool=pool)


def _known(values: list[bytes | None]) -> Known:
    kept, version, moving, outage = values
    return Known(
        _kept(kept),
        int(version or 0),
        moving is not None,
        outage is not None,
    )


def _kept(text: bytes | None) -> Kept | None:
    if text is None:
        return None
    try:
        return Kept(*json.loads(text))
    except (ValueError, TypeError):  # of another version of this package
        return None


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))
