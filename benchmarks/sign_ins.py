"""Password sign-ins per second on one core, compared with what argon2id alone would allow."""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from pathlib import Path

from benchmarks.load import sign_in_request, throughput
from benchmarks.population import populate
from benchmarks.serving import CLIENT_CORE, SERVER_CORE, serving
from benchmarks.yardstick import argon2id_verifications_per_second

USERS = 10_000


def main() -> None:
    os.sched_setaffinity(0, {CLIENT_CORE})
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder:
        people = populate(Path(folder), USERS)
        with serving(Path(folder)) as server:
            requests = [sign_in_request(who) for who in people]
            asyncio.run(throughput(server.port, requests, connections=4, seconds=2))  # warm
            print(f"POST /v1/client/sign_ins by password, SQLite, {USERS:,} users, one worker on one core")
            print(f"{'':8}{'sign-ins/s':>12}{'argon2id/s':>15}{'ratio':>9}   (goal: at least 0.85)")
            ratios = list[float]()
            for turn in range(3):
                sign_ins = asyncio.run(throughput(server.port, requests, connections=4, seconds=5))
                verifications = argon2id_verifications_per_second(SERVER_CORE)
                ratios.append(sign_ins / verifications)
                print(f"turn {turn + 1}  {sign_ins:12.1f}{verifications:15.1f}{ratios[-1]:9.2f}")
    print(f"median  {'':27}{statistics.median(ratios):9.2f}")


if __name__ == "__main__":
    main()
