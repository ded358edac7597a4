"""The cache: how often Stripe is read, how old answers may be, and what is answered while Stripe is away."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from greffier.subscriptions import StripeUnavailable, Subscriptions
from greffier.subscriptions.cache import memory, pacing, reading, store
from tests.support.services.redis_servers import RedisServer
from tests.support.stripe.service import Catalogue, StripeDouble
from tests.support.stripe.subscriptions import end
from tests.support.waiting import wait_until

STATE = {"action": "useSubscription"}
PORTAL = {"action": "redirectToCustomerPortal"}
READS = "/v1/subscriptions"
LONG = {"subscription_seconds": 600, "products_seconds": 600}


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(params=["memory", "redis"])
def cached(
    request: pytest.FixtureRequest, account: Callable[..., Subscriptions]
) -> Callable[..., Subscriptions]:
    """Subscriptions with each kind of cache."""
    if request.param == "memory":
        return account
    server: RedisServer = request.getfixturevalue("redis_server")
    server.client.flushall()
    return lambda **settings: account(**{"cache": server.url, **settings})


@pytest.fixture
def ada(stripe_double: StripeDouble, catalogue: Catalogue) -> str:
    """A customer with a subscription."""
    customer = stripe_double.customer()
    stripe_double.subscribe(customer, catalogue.pro_monthly)
    return customer


def test_fresh_answers_come_from_the_cache(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(**LONG)
    first = subscriptions.handle(ada, STATE)
    reads = stripe_double.traffic.reads()
    assert subscriptions.handle(ada, STATE) == first
    assert stripe_double.traffic.reads() == reads == 4  # configuration, prices of two products, subscription


def test_products_are_read_once_for_all_customers(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(**LONG)
    others = [stripe_double.customer(f"{number}@example.com") for number in range(5)]
    for customer in (ada, *others):
        subscriptions.handle(customer, STATE)
    assert stripe_double.traffic.reads("/v1/billing_portal") == 1
    assert stripe_double.traffic.reads(READS) == 6


def test_old_answers_are_read_anew(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(subscription_seconds=0.05)
    subscription = subscriptions.handle(ada, STATE)["subscription"]
    end(stripe_double.account, stripe_double.account.objects[subscription["id"]])
    wait_until(lambda: subscriptions.handle(ada, STATE)["subscription"] is None, "the end is seen")


async def test_readers_at_the_same_time_cause_one_read(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    stripe_double.traffic.slow = 0.2
    subscriptions = cached(**LONG)
    replies = await asyncio.gather(*(subscriptions.handle_async(ada, STATE) for _ in range(200)))
    assert {reply["subscription"]["customer"] for reply in replies} == {ada}
    assert stripe_double.traffic.reads(READS) == 1
    assert stripe_double.traffic.reads("/v1/billing_portal") == 1


def test_threads_and_event_loops_wait_for_one_read(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    stripe_double.traffic.slow = 0.2
    subscriptions = cached(**LONG)

    def in_a_loop() -> Any:
        return asyncio.run(subscriptions.handle_async(ada, STATE))

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(in_a_loop) for _ in range(3)]
        asked += [pool.submit(subscriptions.handle, ada, STATE) for _ in range(5)]
        assert {json.dumps(one.result()["subscription"]["customer"]) for one in asked} == {f'"{ada}"'}
    assert stripe_double.traffic.reads(READS) == 1


_PROCESS = """
import asyncio, sys
from greffier.subscriptions import Subscriptions
url, redis, key, customer = sys.argv[1:]
subscriptions = Subscriptions(secret_key=key, api_base=url, cache=redis, subscription_seconds=600, timeout=30)
import stripe, httpx, redis.asyncio
async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    found = await asyncio.gather(*(subscriptions.state_async(customer) for _ in range(20)))
    print({one.subscription["customer"] for one in found} == {customer})
asyncio.run(main())
"""


def test_processes_that_share_a_redis_cause_one_read(
    stripe_double: StripeDouble, redis_server: RedisServer, ada: str
):
    redis_server.client.flushall()
    stripe_double.traffic.slow = 0.3
    command = [sys.executable, "-c", _PROCESS, stripe_double.url, redis_server.url]
    command += [stripe_double.secret_key, ada]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in processes] == ["True\n"] * 3
    assert stripe_double.traffic.reads(READS) == 1
    assert stripe_double.traffic.reads("/v1/billing_portal") == 1


async def test_reader_who_goes_away_leaves_the_read_to_the_others(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], ada: str
):
    stripe_double.traffic.slow = 0.3
    subscriptions = account(**LONG)
    first = asyncio.create_task(subscriptions.entitlements_async(ada))
    while not stripe_double.traffic.calls:
        await asyncio.sleep(0.01)
    second = asyncio.create_task(subscriptions.entitlements_async(ada))
    await asyncio.sleep(0.01)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (await asyncio.wait_for(second, 10)).features == {"export", "api", "sso"}


async def test_reader_who_waits_and_goes_away_does_not_disturb_the_read(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], ada: str
):
    stripe_double.traffic.slow = 0.3
    subscriptions = account(**LONG)
    first = asyncio.create_task(subscriptions.entitlements_async(ada))
    while not stripe_double.traffic.calls:
        await asyncio.sleep(0.01)
    second = asyncio.create_task(subscriptions.entitlements_async(ada))
    await asyncio.sleep(0.01)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert (await first).features == {"export", "api", "sso"}
    assert stripe_double.traffic.reads(READS) == 1


async def test_many_customers_at_once_stay_below_the_limit(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], catalogue: Catalogue
):
    stripe_double.traffic.reads_per_second = 50
    subscriptions = cached(**LONG, reads_per_second=35)
    customers = [stripe_double.customer(f"{number}@example.com") for number in range(120)]
    replies = await asyncio.gather(*(subscriptions.handle_async(one, STATE) for one in customers))
    assert {reply.status for reply in replies} == {200}
    assert stripe_double.traffic.refused_by_limit == 0
    assert stripe_double.traffic.most_reads_in_a_second() <= 50
    assert stripe_double.traffic.reads(READS) == 120


async def test_when_too_many_wait_the_last_are_told_so(
    stripe_double: StripeDouble,
    account: Callable[..., Subscriptions],
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("greffier.subscriptions.cache.pacing.MAX_WAIT_SECONDS", 0.2)
    subscriptions = account(**LONG, reads_per_second=20)
    customers = [stripe_double.customer(f"{number}@example.com") for number in range(40)]
    asked = (subscriptions.entitlements_async(one) for one in customers)
    found = await asyncio.gather(*asked, return_exceptions=True)
    unavailable = [one for one in found if isinstance(one, StripeUnavailable)]
    assert 0 < len(unavailable) < 40
    # It is no outage: those who had an answer, and new readers a little later, are served.
    wait_until(lambda: subscriptions.entitlements(customers[-1]) is not None, "a turn is free", seconds=5)


async def test_while_many_wait_for_a_turn_answers_that_are_a_little_too_old_are_given_and_marked(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(subscription_seconds=0.001, products_seconds=600, reads_per_second=20)
    await subscriptions.state_async(ada)
    customers = [stripe_double.customer(f"{number}@example.com") for number in range(40)]
    crowd = [asyncio.create_task(subscriptions.state_async(one)) for one in customers]
    while not (await subscriptions.state_async(ada)).is_stale:
        await asyncio.sleep(0.01)
    # Not one who comes back from Stripe's pages: their last answer is wrong.
    await subscriptions.outdate_async(ada)
    assert not (await subscriptions.state_async(ada)).is_stale
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


@pytest.mark.parametrize("failure", [500, 0, 429])
def test_while_stripe_is_away_the_last_answer_is_given_and_marked(
    stripe_double: StripeDouble,
    cached: Callable[..., Subscriptions],
    ada: str,
    failure: int,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(memory, "OUTAGE_SECONDS", 0.1)
    monkeypatch.setattr("greffier.subscriptions.cache.redis.OUTAGE_SECONDS", 0.1)
    subscriptions = cached(subscription_seconds=0.01, products_seconds=0.01)
    good = subscriptions.handle(ada, STATE)
    stripe_double.traffic.failing = failure
    reply = {}
    wait_until(lambda: "stale" in reply or reply.update(subscriptions.handle(ada, STATE)), "it is too old")
    assert reply == {**good, "stale": True}
    assert subscriptions.entitlements(ada).is_stale
    assert subscriptions.entitlements(ada).features == {"export", "api", "sso"}
    calls = len(stripe_double.traffic.calls)
    for _ in range(50):
        subscriptions.handle(ada, STATE)
    assert len(stripe_double.traffic.calls) - calls <= 20  # Stripe is left alone for a while
    stripe_double.traffic.failing = None
    wait_until(lambda: subscriptions.handle(ada, STATE) == good, "Stripe is back")


def test_last_answers_are_given_for_a_bounded_time(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(subscription_seconds=0.01, products_seconds=0.01, last_good_seconds=0.4)
    subscriptions.handle(ada, STATE)
    stripe_double.traffic.failing = 500

    def is_over() -> bool:
        try:
            subscriptions.handle(ada, STATE)
        except StripeUnavailable:
            return True
        return False

    wait_until(is_over, "the last answer is too old", seconds=10)


def test_a_customer_who_was_never_read_is_not_answered_with_nothing(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(**LONG)
    subscriptions.handle(ada, STATE)
    stripe_double.traffic.failing = 500
    with pytest.raises(StripeUnavailable):
        subscriptions.handle(stripe_double.customer("bob@example.com"), STATE)


def test_slow_stripe_is_not_waited_for_longer_than_the_timeout(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], ada: str
):
    subscriptions = account(timeout=0.1, subscription_seconds=0.01, products_seconds=600)
    stripe_double.traffic.slow = 1.0
    with pytest.raises(StripeUnavailable):
        subscriptions.handle(ada, PORTAL, {})
    wait_until(lambda: len(stripe_double.traffic.calls) == 1, "it was asked once")


def test_customer_who_was_sent_to_stripe_is_read_anew(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(**LONG)
    subscription = subscriptions.handle(ada, STATE)["subscription"]
    subscriptions.handle(ada, PORTAL, {})
    end(stripe_double.account, stripe_double.account.objects[subscription["id"]])
    assert subscriptions.handle(ada, STATE)["subscription"] is None


def test_while_a_customer_is_on_stripes_pages_answers_are_fresh_for_a_second(
    stripe_double: StripeDouble,
    cached: Callable[..., Subscriptions],
    ada: str,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(reading, "MOVING_FRESH_SECONDS", 0.05)
    subscriptions = cached(**LONG)
    subscriptions.handle(ada, PORTAL, {})
    subscription = subscriptions.handle(ada, STATE)["subscription"]  # another tab asks meanwhile
    end(stripe_double.account, stripe_double.account.objects[subscription["id"]])
    wait_until(lambda: subscriptions.handle(ada, STATE)["subscription"] is None, "the end is seen", seconds=5)


async def test_a_read_that_began_before_a_change_is_not_kept_as_current(
    stripe_double: StripeDouble, cached: Callable[..., Subscriptions], ada: str
):
    subscriptions = cached(**LONG)
    await subscriptions.state_async(ada)
    subscription = stripe_double.account.all("sub")[0]
    await subscriptions.outdate_async(ada)
    began, stripe_double.traffic.slow = len(stripe_double.traffic.calls), 0.3
    reading_now = asyncio.create_task(subscriptions.state_async(ada))
    while len(stripe_double.traffic.calls) == began:
        await asyncio.sleep(0.01)
    await subscriptions.outdate_async(ada)
    await reading_now
    stripe_double.traffic.slow = 0.0
    end(stripe_double.account, subscription)
    assert (await subscriptions.state_async(ada)).subscription is None


def test_without_a_cache_each_read_is_a_new_one(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], ada: str
):
    subscriptions = account(cache=None)
    for _ in range(2):
        assert subscriptions.handle(ada, STATE)["subscription"] is not None
    assert stripe_double.traffic.reads() == 8
    stripe_double.traffic.failing = 500
    with pytest.raises(StripeUnavailable):
        subscriptions.handle(ada, STATE)


def test_without_redis_each_process_goes_on_by_itself(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], ada: str, tmp_path: Path
):
    server = RedisServer(tmp_path)
    server.start()
    subscriptions = account(cache=server.url, **LONG)
    good = subscriptions.handle(ada, STATE)
    server.kill()
    assert subscriptions.handle(ada, STATE) == good
    assert asyncio.run(subscriptions.handle_async(ada, STATE)) == good
    subscriptions.outdate(ada)
    assert subscriptions.handle(ada, STATE) == good


def test_damaged_entries_of_redis_are_read_anew(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], redis_server: RedisServer, ada: str
):
    redis_server.client.flushall()
    good = account(cache=redis_server.url, **LONG).handle(ada, STATE)
    for name in redis_server.client.scan_iter("greffier:stripe:*:kept:*"):
        redis_server.client.set(name, b'{"of": "another version"')
    assert account(cache=redis_server.url, **LONG).handle(ada, STATE) == good


def test_redis_keeps_accounts_apart_and_never_the_key(
    stripe_double: StripeDouble, account: Callable[..., Subscriptions], redis_server: RedisServer, ada: str
):
    redis_server.client.flushall()
    account(cache=redis_server.url, **LONG).handle(ada, STATE)
    names = [name.decode() for name in redis_server.client.scan_iter("*")]
    assert len({name.split(":")[2] for name in names}) == 1
    kept = [redis_server.client.get(name) or b"" for name in names]
    assert all(stripe_double.secret_key.encode() not in one for one in kept)
    assert all(stripe_double.secret_key not in name for name in names)
    # Another key of the same Stripe, such as that of the test mode, has entries of its own.
    with pytest.raises(Exception, match="401"):
        account(secret_key="sk_test_other", cache=redis_server.url, **LONG).handle(ada, STATE)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "MAX_ENTRIES", 3)
    kept = memory.MemoryStore(80)
    for number in range(5):
        kept.keep(f"key {number}", store.Kept(number, 1.0, 0), 60)
    assert [kept.look(f"key {number}").ask().kept is not None for number in range(5)] == [False] * 2 + [
        True
    ] * 3


def test_turns_of_threads_are_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pacing.time, "monotonic", lambda: 1000.0)
    pacer, waits = pacing.Pacer(100), []

    def reserve() -> None:
        waits.extend(pacer.reserve() for _ in range(10))

    threads = [threading.Thread(target=reserve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later = sorted(wait for wait in waits if wait)
    assert len(later) == 40 - pacing.BURST - 1
    assert later == pytest.approx([(number + 1) / 100 for number in range(len(later))])


def test_turns_that_a_busy_process_was_late_for_do_not_all_pass_at_once(monkeypatch: pytest.MonkeyPatch):
    now = 1000.0
    monkeypatch.setattr(pacing.time, "monotonic", lambda: now)
    gate = pacing.Gate(20)
    assert [gate.wait() for _ in range(30)].count(0.0) == 20 + pacing.BURST
    assert gate.wait() == 1.0
    now = 1001.0
    assert gate.wait() == 0.0
