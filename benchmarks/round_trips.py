"""Time saved by requests that need no preflight.

A real browser sends requests to a server that is a given distance away: once as the browser SDK sends them,
and once as JSON, for which a browser asks with a preflight first.
"""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, async_playwright

from benchmarks.serving import serving
from tests.support.services.chromium import launch_options

DISTANCES = (20, 100)
"""Milliseconds to the server and back: at an edge close by, and on another continent."""
TIMES = 21

# Each request has an address of its own, because what a preflight allowed is remembered by address.
SEND = """async ([url, headers]) => {
  const started = performance.now();
  const response = await fetch(url, {method: "POST", credentials: "include", headers, body: "{}"});
  if (!response.ok) throw new Error(await response.text());
  await response.text();
  return performance.now() - started;
}"""
SIMPLE, ASKED = {"content-type": "text/plain"}, {"content-type": "application/json"}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="greffier-bench-") as folder, serving(Path(folder)) as server:
        print("milliseconds until the answer is there, median; the goal is to save the distance once")
        print(f"{'distance':>10}{'simple request':>17}{'with a preflight':>19}{'saved':>8}")
        for distance in DISTANCES:
            simple, asked = asyncio.run(_measure(server.port, distance))
            print(f"{distance:10}{simple:17.1f}{asked:19.1f}{asked - simple:8.1f}")


async def _measure(port: int, distance: int) -> tuple[float, float]:
    async with _far_away(port, distance / 2000) as far, async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        page = await browser.new_page()
        await page.goto(f"http://localhost:{port}/v1/health")  # another origin, for it is another port
        url = f"http://127.0.0.1:{far}/v1/client?_method=GET&_content_type=application/json"
        await page.evaluate(SEND, [f"{url}&warm=1", ASKED])  # connects
        simple = await _median(page, f"{url}&simple", SIMPLE)
        asked = await _median(page, f"{url}&asked", ASKED)
        await browser.close()
    return simple, asked


async def _median(page: Page, url: str, headers: dict[str, str]) -> float:
    return statistics.median([await page.evaluate(SEND, [f"{url}={n}", headers]) for n in range(TIMES)])


@asynccontextmanager
async def _far_away(port: int, one_way: float) -> AsyncIterator[int]:
    """A port of this machine that leads to another one; every byte is `one_way` seconds on its way."""

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("localhost", port)
        await asyncio.gather(_carry(reader, back, one_way), _carry(there, writer, one_way))

    server = await asyncio.start_server(connect, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, one_way: float) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            await asyncio.sleep(one_way)
            writer.write(data)
            await writer.drain()
        writer.close()


if __name__ == "__main__":
    main()
