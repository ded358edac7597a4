"""The cost of counting a request: in memory, and in a Redis on this machine."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from greffier.server.web.limits.memory_limits import MemoryLimits
from greffier.server.web.limits.rate_limits import Limit, RateLimiter
from greffier.server.web.limits.redis_limits import RedisLimits
from tests.support.services.redis_servers import RedisServer

LIMITS = (Limit(5), Limit(1000))
TIMES = 4000


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            print("microseconds per check, median and the hundredth that takes longest")
            for limit in LIMITS:
                for name, limiter in (("memory", MemoryLimits()), ("Redis", RedisLimits(server.url))):
                    median, slow = asyncio.run(_measure(limiter, limit))
                    print(f"{name:>8}, {limit.count:4} in 10 s{median:10.1f}{slow:10.1f}")
        finally:
            server.kill()


async def _measure(limiter: RateLimiter, limit: Limit) -> tuple[float, float]:
    """One after the other, from twenty addresses, most of which are soon at their limit."""
    took: list[float] = []
    await limiter.start()
    for number in range(TIMES):
        began = time.perf_counter()
        await limiter.take(f"ins_1 create_sign_in {number % 20}", limit, 1_795_000_000_000 + number)
        took.append((time.perf_counter() - began) * 1e6)
    await limiter.stop()
    return statistics.median(took), statistics.quantiles(took, n=100)[-1]


if __name__ == "__main__":
    main()
