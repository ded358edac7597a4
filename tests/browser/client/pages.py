"""Pages with the published browser client, with ours, and with both: scripts alone, driven by tests."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Page, Request

from tests.support.services.processes import Serving

PACKAGE = Path(__file__).parents[3] / "js" / "packages" / "client"

OFFICIAL = """
<script data-clerk-publishable-key="KEY" data-clerk-proxy-url="URL"
  src="URL/npm/@clerk/clerk-js@6/dist/clerk.browser.js"></script>
<script type="module">await Clerk.load({ telemetry: false }); window.ready = true;</script>
"""
OWN = """
<script type="module">
  import * as g from "/dist/index.js";
  window.g = g;
  window.greffier = g.createGreffier({ publishableKey: "KEY", proxyUrl: "URL" });
  await greffier.load();
  window.ready = true;
</script>
"""
BESIDE = """
<script data-clerk-publishable-key="KEY" data-clerk-proxy-url="URL"
  src="URL/npm/@clerk/clerk-js@6/dist/clerk.browser.js"></script>
<script type="module">
  import * as g from "/dist/index.js";
  import { createGreffierBeside, sentBy } from "/dist/official/index.js";
  await Clerk.load({ telemetry: false });
  window.g = g;
  const transport = location.search === "?sent" ? { transport: sentBy(Clerk) } : {};
  window.greffier = createGreffierBeside(Clerk, { publishableKey: "KEY", proxyUrl: "URL", ...transport });
  await greffier.load();
  window.ready = true;
</script>
"""
NOT_OURS = {"timezone", "debug", "tab_state"}
"""Names that ours does not send: no operation of this server reads them."""

BODIES = {"official": OFFICIAL, "own": OWN, "beside": BESIDE}


@contextmanager
def served_pages(server: Serving) -> Generator[str]:
    """The URL of the pages `/official`, `/own` and `/beside`, which use this server."""

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            body = BODIES.get(urlsplit(self.path).path.strip("/"))
            if body is None:
                return super().do_GET()
            text = body.replace("KEY", server.publishable_key).replace("URL", server.url)
            data = f'<!doctype html><title>Test</title><link rel="icon" href="data:,">{text}'.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(data)
            return None

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(PACKAGE))) as http:
        Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://localhost:{http.server_port}"
        http.shutdown()


@dataclass
class Client:
    """A page with one of the clients, and what it has sent."""

    page: Page
    server: Serving
    sent: list[tuple[str, str, tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]
    )
    """Method, path, and the names in query and body."""
    preflights: list[str] = field(default_factory=list[str])

    @classmethod
    def opened(cls, context: BrowserContext, url: str, server: Serving) -> Client:
        client = cls(context.new_page(), server)
        network: Any = context.new_cdp_session(client.page)
        network.send("Network.enable")
        network.on("Network.requestWillBeSent", client.note_preflight)
        client.page.on("request", client.note)
        client.page.goto(url)
        client.page.wait_for_function("window.ready")
        return client

    def note_preflight(self, event: dict[str, Any]) -> None:
        if event.get("type") == "Preflight" or event["request"]["method"] == "OPTIONS":
            self.preflights.append(event["request"]["url"])

    def note(self, request: Request) -> None:
        url = urlsplit(request.url)
        if not request.url.startswith(f"{self.server.url}/v1/") or url.path == "/v1/dev_browser":
            return
        path = re.sub(r"/[a-z]+_\w{20,}", "/ID", url.path)
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        method = query.get("_method", request.method)
        body = parse_qsl(request.post_data or "", keep_blank_values=True)
        body = [(name, value) for name, value in body if name not in NOT_OURS]
        self.sent.append(
            (method, path, tuple(sorted(query.keys() - NOT_OURS)), tuple(sorted({name for name, _ in body})))
        )

    def run(self, script: str, **values: Any) -> Any:
        """The result of statements, with `values` by their names."""
        names = ", ".join(values)
        return self.page.evaluate(f"async ({{{names}}}) => {{ {script} }}", values)
