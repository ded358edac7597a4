"""Every example refuses a revoked session within a minute. Time is that of a test server here; once, for one
framework, it passes: see test_example_apps.py."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[3]


class Example:
    """An example application, its server and the server's clock, in a process of their own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.url: str = self._answer()["url"]

    def sign_in(self) -> dict[str, Any]:
        """A signed-in user's `user_id` and `cookies`."""
        return self._tell({"do": "sign_in"})

    def revoke(self) -> None:
        self._tell({"do": "revoke"})

    def advance(self, seconds: int) -> None:
        self._tell({"do": "advance", "seconds": seconds})

    def _tell(self, command: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the example ended with status {self._process.wait()}"
        return json.loads(line)


@pytest.fixture(params=["fastapi", "litestar", "flask", "django"])
def example(request: pytest.FixtureRequest) -> Iterator[Example]:
    command = [sys.executable, "-m", "tests.browser.example_by_test_clock", request.param]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        yield Example(process)
        assert process.stdin
        process.stdin.close()


def test_revoked_session_is_refused_within_a_minute(chromium: Browser, example: Example) -> None:
    # Without scripts only the application's server acts on the cookies.
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{example.url}/dashboard")
    assert page.url.startswith(f"{example.url}/sign-in?")

    who = example.sign_in()
    context.add_cookies(
        [{"name": name, "value": value, "url": example.url} for name, value in who["cookies"].items()]
    )
    page.goto(f"{example.url}/dashboard")
    expect(page.locator("#user-id")).to_have_text(who["user_id"])

    example.revoke()
    example.advance(50)
    page.goto(f"{example.url}/dashboard")
    expect(page.locator("#user-id")).to_have_text(who["user_id"])
    example.advance(16)  # 60 s, of which one may have passed, and 5 s by which clocks may differ
    assert context.request.get(f"{example.url}/api/me").status == 401
    page.goto(f"{example.url}/dashboard")
    assert page.url.startswith(f"{example.url}/sign-in?")
