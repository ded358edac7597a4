"""Weight of the hosted sign-in page, and time until its first field is visible.

A real browser opens `/sign-in` of `greffier dev`: with an empty cache, and again with what it kept; then both
on a network like a phone's. Bytes are those on the wire (DevTools Protocol, `Network.loadingFinished`), the
time is from the navigation to the visible e-mail field, with a processor four times as slow as this one
(`Emulation.setCPUThrottlingRate`). Goal: 450 KB cold.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.serving import serving
from tests.support.services.chromium import launch_options

Figures = tuple[float, float, float]
ROUNDS = 5
PHONE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 100_000}
"""Milliseconds, and bytes a second."""
SLOWER = 4


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder, serving(Path(folder)) as server:
        url = f"http://localhost:{server.port}/sign-in"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(**launch_options())
            visits = [_visit_twice(browser, url, phone=False) for _ in range(ROUNDS)]
            on_a_phone = [_visit_twice(browser, url, phone=True) for _ in range(ROUNDS)]
            browser.close()
    print(f"the hosted sign-in page, median of {ROUNDS}, processor slowed {SLOWER} times")
    _print(visits)
    print("the same on a phone's network (1.6 Mbit/s, 150 ms)")
    _print(on_a_phone)


def _print(visits: list[list[Figures]]) -> None:
    for index, name in enumerate(("cold", "warm")):
        requests, kilobytes, seconds = (
            statistics.median(visit[index][figure] for visit in visits) for figure in range(3)
        )
        print(f"{name:6}{requests:4.0f} requests{kilobytes:8.0f} KB{seconds:8.2f} s to the e-mail field")


def _visit_twice(browser: Browser, url: str, *, phone: bool) -> list[Figures]:
    context = browser.new_context()
    visits = [_visit(context, url, phone=phone), _visit(context, url, phone=phone)]
    context.close()
    return visits


def _visit(context: BrowserContext, url: str, *, phone: bool) -> Figures:
    """Requests that reached the network, kilobytes, and seconds to the field."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    if phone:
        network.send("Network.emulateNetworkConditions", PHONE)
    sizes: list[float] = []

    def note(event: dict[str, Any]) -> None:
        sizes.append(event["encodedDataLength"])

    network.on("Network.loadingFinished", note)
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_label("Email address").wait_for()
    seconds = time.perf_counter() - began
    page.wait_for_load_state("networkidle")
    page.close()
    sent = [size for size in sizes if size > 0]
    return len(sent), sum(sent) / 1024, seconds


if __name__ == "__main__":
    main()
