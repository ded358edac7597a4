"""Rate limits that several workers share over Redis, and what happens when Redis is slow, gone or back."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack

import pytest

from greffier.server.settings import from_environment
from greffier.server.web.limits import redis_limits
from greffier.server.web.limits.memory_limits import MemoryLimits
from greffier.server.web.limits.rate_limits import Limit, RateLimiter
from greffier.server.web.limits.redis_limits import RedisLimits
from tests.server.web.limits.test_rate_limits import get_often, statuses, visitor
from tests.support.server import DEVELOPMENT, LIVE_SECRET_KEY, PRODUCTION, TestServer, running
from tests.support.services.redis_servers import RedisServer

NOW = 1_795_000_000_000
FIVE = Limit(5)
KEY = "ins_1 create_sign_in 192.0.2.1"
OTHER_ADDRESS = "ins_1 create_sign_in 192.0.2.2"


@pytest.fixture(params=["memory", "redis"])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[RateLimiter]:
    """The store that counts requests; the test runs once with each kind."""
    if request.param == "memory":
        yield MemoryLimits()
        return
    shared = RedisLimits(request.getfixturevalue("redis_server").url)
    yield shared
    await shared.stop()


async def take(limiter: RateLimiter, times: int, *, now: int = NOW, key: str = KEY) -> list[int]:
    return [await limiter.take(key, FIVE, now) for _ in range(times)]


# --- wherever requests are counted --------------------------------------------------------------------------


async def test_refusal_says_how_many_milliseconds_to_wait(limiter: RateLimiter) -> None:
    await take(limiter, 1)
    await take(limiter, 4, now=NOW + 4_000)

    assert await take(limiter, 1, now=NOW + 7_500) == [2_500]


async def test_client_that_waits_to_the_millisecond_is_served(limiter: RateLimiter) -> None:
    await take(limiter, 5)

    assert await take(limiter, 1, now=NOW + 9_999) == [1]
    assert await take(limiter, 1, now=NOW + 10_000) == [0]


async def test_window_slides(limiter: RateLimiter) -> None:
    await take(limiter, 1)
    await take(limiter, 4, now=NOW + 9_000)

    assert await take(limiter, 2, now=NOW + 11_000) == [0, 8_000]


async def test_refused_requests_do_not_count(limiter: RateLimiter) -> None:
    assert await take(limiter, 20) == [0] * 5 + [10_000] * 15
    assert await take(limiter, 6, now=NOW + 10_000) == [0] * 5 + [10_000]


async def test_each_key_counts_apart(limiter: RateLimiter) -> None:
    await take(limiter, 5)

    assert await take(limiter, 1, key=OTHER_ADDRESS) == [0]
    assert await take(limiter, 1, key=KEY.replace("ins_1", "ins_2")) == [0]


async def test_requests_at_the_same_moment_get_no_more_than_the_limit(limiter: RateLimiter) -> None:
    answers = await asyncio.gather(*(limiter.take(KEY, FIVE, NOW) for _ in range(50)))

    assert sorted(answers) == [0] * 5 + [10_000] * 45


# --- several workers ----------------------------------------------------------------------------------------


@pytest.fixture
async def worker(redis_server: RedisServer) -> AsyncIterator[Callable[[], RedisLimits]]:
    """`worker()` is what one more worker process counts with."""
    async with AsyncExitStack() as stack:

        def another() -> RedisLimits:
            made = RedisLimits(redis_server.url)
            stack.push_async_callback(made.stop)
            return made

        yield another


async def test_workers_count_together(worker: Callable[[], RedisLimits]) -> None:
    first, second = worker(), worker()

    together = [(await take(limits, 1))[0] for limits in (first, second) * 4]

    assert together == [0] * 5 + [10_000] * 3


async def test_machine_whose_clock_is_behind_does_not_begin_anew(worker: Callable[[], RedisLimits]) -> None:
    ahead, behind = worker(), worker()
    await take(ahead, 5)

    assert await take(behind, 1, now=NOW - 300) == [10_000]
    assert await take(ahead, 1, now=NOW + 1) == [9_999]


async def test_clock_that_was_wrong_matters_for_one_window(
    worker: Callable[[], RedisLimits], redis_server: RedisServer
) -> None:
    await take(worker(), 5, now=NOW + 3_600_000)

    (wait,) = await take(worker(), 1)

    (name,) = redis_server.client.keys()
    assert wait == 10_000
    assert 0 < redis_server.client.pttl(name) <= 10_000


async def test_redis_learns_no_address_and_forgets_by_itself(
    worker: Callable[[], RedisLimits], redis_server: RedisServer
) -> None:
    await take(worker(), 1)

    (name,) = redis_server.client.keys()
    assert name.startswith(b"greffier:limit:ins_1:10000:")
    assert b"192" not in name
    assert 9_000 < redis_server.client.pttl(name) <= 10_000
    assert redis_server.client.lrange(name, 0, -1) == [str(NOW).encode()]


async def test_check_is_one_command(worker: Callable[[], RedisLimits], redis_server: RedisServer) -> None:
    limits = worker()
    await take(limits, 1)
    redis_server.client.config_resetstat()

    await take(limits, 10)

    assert redis_server.client.info("commandstats")["cmdstat_evalsha"]["calls"] == 10


async def test_servers_on_one_database_share_a_limit(
    production_database: str, redis_server: RedisServer
) -> None:
    async with AsyncExitStack() as stack:
        servers = [
            await stack.enter_async_context(
                running(
                    production_database,
                    PRODUCTION,
                    show_inbox=False,
                    rate_limit_scale=1.0,
                    redis_url=redis_server.url,
                )
            )
            for _ in range(2)
        ]

        first = await statuses(visitor(servers[0], "192.0.2.1"), 3)
        second = await statuses(visitor(servers[1], "192.0.2.1"), 3)
        elsewhere = await statuses(visitor(servers[1], "192.0.2.2"), 1)

    assert first + second == [200] * 5 + [429]
    assert elsewhere == [200]


# --- without Redis ------------------------------------------------------------------------------------------


@pytest.fixture
async def shared(
    production_database: str, redis_server: RedisServer, quick: None
) -> AsyncIterator[TestServer]:
    """A server whose Redis may go."""
    async with running(
        production_database, PRODUCTION, show_inbox=False, rate_limit_scale=1.0, redis_url=redis_server.url
    ) as started:
        yield started


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request asks a Redis again that did not answer."""
    monkeypatch.setattr(redis_limits, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """`logged()` are the levels of what was said about Redis."""
    caplog.set_level(logging.INFO, logger="greffier.limits")
    return lambda: [entry.levelname for entry in caplog.records if entry.name == "greffier.limits"]


async def test_server_goes_on_by_itself_when_redis_is_killed_and_together_when_it_is_back(
    shared: TestServer, redis_server: RedisServer, logged: Callable[[], list[str]]
) -> None:
    browser = visitor(shared, "192.0.2.1")
    before = await statuses(browser, 3)
    redis_server.kill()
    without = await statuses(browser, 3)
    said = logged()
    redis_server.start()
    elsewhere = await statuses(visitor(shared, "192.0.2.2"), 1)

    assert before + without == [200] * 5 + [429]
    assert said == ["WARNING"]
    assert elsewhere == [200]
    assert logged() == ["WARNING", "INFO"]
    assert len(redis_server.client.keys()) == 2  # sign-ins, and the new client that one made


async def test_redis_that_lost_its_data_resets_no_limit(
    shared: TestServer, redis_server: RedisServer
) -> None:
    browser = visitor(shared, "192.0.2.1")
    await statuses(browser, 5)
    redis_server.client.flushall()

    assert await statuses(browser, 1) == [429]


async def test_server_starts_without_redis_and_says_so(
    production_database: str, redis_server: RedisServer, logged: Callable[[], list[str]]
) -> None:
    redis_server.kill()
    async with running(
        production_database, PRODUCTION, show_inbox=False, rate_limit_scale=1.0, redis_url=redis_server.url
    ) as server:
        said = logged()
        answers = await statuses(visitor(server, "192.0.2.1"), 6)

    assert said == ["WARNING"]
    assert answers == [200] * 5 + [429]
    assert logged() == ["WARNING"]


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Lets clients connect and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


async def test_silent_redis_costs_one_request_a_moment_and_the_others_nothing(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], list[str]]
) -> None:
    monkeypatch.setattr(redis_limits, "PAUSE_SECONDS", 3600.0)
    limits = RedisLimits(f"redis://:secret@127.0.0.1:{silent.getsockname()[1]}/0")
    began = time.monotonic()

    answers = await take(limits, 6)
    await limits.stop()

    assert answers == [0] * 5 + [10_000]
    assert time.monotonic() - began < 5
    assert logged() == ["WARNING"]
    silent.accept()[0].close()
    with pytest.raises(BlockingIOError):
        silent.accept()


async def test_crowd_at_one_moment_is_not_taken_for_a_redis_that_is_gone(
    worker: Callable[[], RedisLimits], redis_server: RedisServer, logged: Callable[[], list[str]]
) -> None:
    limits = worker()

    await asyncio.gather(*(limits.take(f"ins_1 create_sign_in {n}", FIVE, NOW) for n in range(500)))

    assert logged() == []
    assert redis_server.client.dbsize() == 500
    assert redis_server.client.info("clients")["connected_clients"] <= redis_limits.CONNECTIONS + 1


async def test_redis_that_is_full_or_refuses_us_is_as_one_that_is_gone(
    worker: Callable[[], RedisLimits], redis_server: RedisServer, logged: Callable[[], list[str]]
) -> None:
    limits = worker()
    redis_server.client.config_set("maxmemory", 1)
    redis_server.client.config_set("maxmemory-policy", "noeviction")

    assert await take(limits, 6) == [0] * 5 + [10_000]
    assert logged() == ["WARNING"]


async def test_backend_api_is_served_without_redis(shared: TestServer, redis_server: RedisServer) -> None:
    backend = shared.backend(secret_key=LIVE_SECRET_KEY)
    redis_server.kill()

    assert await get_often(backend, "/v1/users/count", 3) == [200] * 3


# --- the setting --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "localhost:6379",
        "http://:hunter2@localhost:6379/0",
        "redis://",
        "redis://:hunter2@localhost:many/0",
        "redis://:hunter2@localhost:6379/zero",
        "unix://",
    ],
)
def test_url_that_cannot_be_used_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"GREFFIER_REDIS_URL") as refused:
        from_environment({"GREFFIER_REDIS_URL": url})

    assert "hunter2" not in str(refused.value)


def test_empty_url_is_none() -> None:
    assert from_environment({"GREFFIER_REDIS_URL": ""}).redis_url is None


@pytest.mark.parametrize(
    "url",
    ["redis://localhost", "rediss://user:hunter2@[::1]:6380/3", "unix:///run/redis/redis.sock?db=1"],
)
def test_url_of_redis_is_read(url: str) -> None:
    assert from_environment({"GREFFIER_REDIS_URL": url}).redis_url == url


async def test_option_that_makes_no_sense_is_refused_before_the_start(production_database: str) -> None:
    with pytest.raises(ValueError, match="GREFFIER_REDIS_URL") as refused:
        async with running(
            production_database, DEVELOPMENT, redis_url="redis://:hunter2@localhost/0?socket_timeout=soon"
        ):
            pass

    assert "hunter2" not in str(refused.value)
