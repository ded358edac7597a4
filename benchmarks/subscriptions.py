"""Reads of Stripe that a thousand concurrent readers cause, beside Stripe's limit of 100 a second."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from greffier.subscriptions import Subscriptions
from tests.support.services.redis_servers import RedisServer
from tests.support.stripe.service import StripeDouble, serve_stripe
from tests.support.stripe.traffic import READS_PER_SECOND

READERS = 1000
READS_OF_ONE = 4
"""Of one answer: the portal's configuration, prices of two products, and the subscription."""
SECONDS = 5
"""Each reader asks once a second for so long."""


def main() -> None:
    with serve_stripe() as double, tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            print(f"{READERS} concurrent readers, each once a second for {SECONDS} s. Without a cache they")
            print(
                f"cause {READERS * READS_OF_ONE} reads of Stripe a second; Stripe allows {READS_PER_SECOND}."
            )
            print("Milliseconds until the first and the later answers: median, slowest hundredth.")
            for cache, name in (("memory", "memory"), (server.url, "Redis")):
                for customers in (1, READERS):
                    _report(name, customers, double, cache)
        finally:
            server.kill()


def _report(name: str, customers: int, double: StripeDouble, cache: str) -> None:
    double.reset()
    double.fill()
    ids = [double.customer(f"{number}@example.com") for number in range(customers)]
    first, later = asyncio.run(_readers(double, ids, cache))
    traffic = double.traffic
    busiest, refused = traffic.most_reads_in_a_second(), traffic.refused_by_limit
    print(
        f"{name:>8}, {customers:4} customers: {busiest:4} reads in the busiest second, {refused} refused;",
        end="",
    )
    print(f" first {_median(first):8.1f}{_slow(first):9.1f}, later {_median(later):7.1f}{_slow(later):8.1f}")


async def _readers(double: StripeDouble, ids: list[str], cache: str) -> tuple[list[float], list[float]]:
    subscriptions = Subscriptions(
        secret_key=double.secret_key, api_base=double.url, cache=cache, timeout=30.0
    )
    await subscriptions.entitlements_async(ids[0])  # the library is loaded
    first: list[float] = []
    later: list[float] = []

    async def read(number: int) -> None:
        began = time.perf_counter()
        for second in range(SECONDS):
            asked = time.perf_counter()
            await subscriptions.handle_async(ids[number % len(ids)], {"action": "useSubscription"})
            (later if second else first).append((time.perf_counter() - asked) * 1000)
            await asyncio.sleep(max(0.0, began + second + 1 - time.perf_counter()))

    await asyncio.gather(*(read(number) for number in range(READERS)))
    return first, later


def _median(times: list[float]) -> float:
    return statistics.median(times)


def _slow(times: list[float]) -> float:
    return statistics.quantiles(times, n=100)[-1]


if __name__ == "__main__":
    main()
