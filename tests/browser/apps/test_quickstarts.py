"""Single-page applications with the keys and URLs of `greffier dev` and no other setting: people get to the
hosted sign-in page, come back signed in, and sign out; with and without TLS on either side."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from greffier.server.hosted_pages.assets.npm_packages import default_directory, resolve
from tests.support.server import PASSWORD
from tests.support.services.node import FOLDER
from tests.support.services.processes import GREFFIER
from tests.support.sign_in_form import enter_password

pytestmark = [pytest.mark.browser, pytest.mark.sdk]
ADA = "ada@example.com"
Scheme = Literal["http", "https"]
_EXACT = [
    version
    for major in ("4", "5", "6")
    if (version := resolve(default_directory(), "@clerk/clerk-js", major)) is not None
]

_SCRIPT_TAG = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Quickstart</title><link rel="icon" href="data:,"></head>
<body>
<button id="in" hidden>Sign in</button><button id="out" hidden>Sign out</button><p id="user"></p>
<script async crossorigin="anonymous" data-clerk-publishable-key="{key}" data-clerk-proxy-url="{server}"
  src="{server}/npm/@clerk/clerk-js@{version}/dist/clerk.browser.js"></script>
<script>
addEventListener("load", async () => {{
  await Clerk.load();
  document.getElementById("in").hidden = Boolean(Clerk.user);
  document.getElementById("out").hidden = !Clerk.user;
  document.getElementById("user").textContent = Clerk.user ? Clerk.user.id : "signed out";
}});
document.getElementById("in").onclick = () => Clerk.redirectToSignIn();
document.getElementById("out").onclick = () => Clerk.signOut();
</script>
</body>
</html>
"""


@dataclass
class Development:
    """A development server with one user, and the folder of the applications."""

    url: str
    user_id: str
    data: Path
    pages: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`vite build` of the React and the Vue application, beside the installed packages."""
    app = FOLDER / f".quickstarts-{os.getpid()}"
    shutil.copytree(FOLDER / "quickstarts", app)
    try:
        vite = str(FOLDER / "node_modules" / ".bin" / "vite")
        out = tmp_path_factory.mktemp("quickstarts") / "dist"
        subprocess.run([vite, "build", "--logLevel", "warn", "--outDir", str(out)], cwd=app, check=True)
        return out
    finally:
        shutil.rmtree(app)


@contextmanager
def development(data: Path, built: Path, scheme: Scheme) -> Generator[Development]:
    command = [*GREFFIER, "dev", "--json", "--port", "0", "--data", str(data)]
    command += ["--tls"] if scheme == "https" else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        key, url = facts["publishable_key"], facts["frontend_api_url"]
        pages = shutil.copytree(built, data / "pages")
        (pages / "config.js").write_text(f"window.config = {json.dumps({'key': key, 'server': url})};")
        for version in ("4", "5", "6", *_EXACT):
            page = _SCRIPT_TAG.format(key=key, server=url, version=version)
            (pages / f"script-{version}.html").write_text(page)
        user = httpx.post(
            f"{url}/v1/users",
            json={"email_address": [ADA], "password": PASSWORD},
            headers={"authorization": f"Bearer {facts['secret_key']}"},
            verify=ssl.create_default_context(cafile=facts["ca_certificate"]) if scheme == "https" else True,
        )
        try:
            yield Development(url, user.json()["id"], data, pages)
        finally:
            process.terminate()


class _Application(SimpleHTTPRequestHandler):
    """One page at `/`, and its files."""

    def __init__(self, *arguments: Any, start: str, directory: str) -> None:
        self._start = start
        super().__init__(*arguments, directory=directory)

    def do_GET(self) -> None:
        if self.path.partition("?")[0] == "/":
            self.path = f"/{self._start}.html"
        super().do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


@contextmanager
def served(server: Development, page_name: str, scheme: Scheme) -> Generator[str]:
    """An application at a port of localhost."""
    handler = partial(_Application, start=page_name, directory=str(server.pages))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as application:
        if scheme == "https":
            tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            tls.load_cert_chain(server.data / "tls" / "server.pem", server.data / "tls" / "server-key.pem")
            application.socket = tls.wrap_socket(application.socket, server_side=True)
        threading.Thread(target=application.serve_forever, daemon=True).start()
        yield f"{scheme}://localhost:{application.server_address[1]}"
        application.shutdown()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory, built: Path) -> Iterator[dict[Scheme, Development]]:
    with ExitStack() as stack:
        schemes: tuple[Scheme, Scheme] = ("http", "https")
        yield {
            scheme: stack.enter_context(development(tmp_path_factory.mktemp(scheme), built, scheme))
            for scheme in schemes
        }


@pytest.mark.parametrize(
    ("page_name", "page_scheme", "server_scheme"),
    [
        *((name, "http", "http") for name in ("script-4", "script-5", "script-6", "react", "vue")),
        *((f"script-{version}", "http", scheme) for version in _EXACT for scheme in ("http", "https")),
        *((name, "https", "https") for name in ("script-6", "react")),
        *((name, "http", "https") for name in ("script-4", "script-5", "script-6", "react", "vue")),
    ],
)
def test_button_opens_the_hosted_page_which_comes_back_signed_in(
    chromium: Browser,
    servers: dict[Scheme, Development],
    page_name: str,
    page_scheme: Scheme,
    server_scheme: Scheme,
) -> None:
    server = servers[server_scheme]
    context = chromium.new_context(ignore_https_errors=True)
    problems = list[str]()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            problems.append(message.text)

    def new_page() -> Page:
        made = context.new_page()
        made.on("console", note)
        made.on("pageerror", lambda error: problems.append(str(error)))
        return made

    page = new_page()
    with served(server, page_name, page_scheme) as url:
        start = f"{url}/"
        page.goto(start)
        expect(page.locator("#user")).to_have_text("signed out")
        page.get_by_role("button", name="Sign in").click()
        _sign_in(page, server)

        expect(page.locator("#user")).to_have_text(server.user_id)
        assert page.url == start
        page.reload()
        expect(page.locator("#user")).to_have_text(server.user_id)

        page.get_by_role("button", name="Sign out").click()
        page.wait_for_function("window.Clerk?.loaded && !Clerk.user")
        page.close()  # some SDKs navigate after signing out
        page = new_page()
        page.goto(start)
        expect(page.locator("#user")).to_have_text("signed out")
    assert problems == []


def _sign_in(page: Page, server: Development) -> None:
    page.get_by_label("Email address").wait_for()
    assert page.url.startswith(f"{server.url}/sign-in")
    enter_password(page, ADA)
