"""Finds a Chromium for the tests that drive a real browser."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

_ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
)


class ChromiumMissingError(Exception):
    """No Chromium was found."""

    def __init__(self) -> None:
        super().__init__(
            "Chromium was not found: install it (Debian: apt install chromium; anywhere: playwright install "
            "chromium) or set CHROMIUM to its program."
        )


def find_chromium(environ: Mapping[str, str] = os.environ) -> Path:
    """CHROMIUM, else a program on PATH, else what Playwright has downloaded; raises when there is none."""
    if chosen := environ.get("CHROMIUM"):
        if not os.access(chosen, os.X_OK):
            raise ChromiumMissingError
        return Path(chosen)
    path = environ.get("PATH", os.defpath)
    for command in COMMANDS:
        if found := shutil.which(command, path=path):
            return Path(found)
    downloaded = sorted(_playwright_browsers(environ))
    if not downloaded:
        raise ChromiumMissingError
    return downloaded[-1]


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `chromium.launch`: headless, fit for root, without traffic of its own."""
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": str(find_chromium()), "args": [*_ARGUMENTS, *sandbox], "headless": True}


def profile_without_cookies(folder: Path, *origins: str) -> Path:
    """The folder of a profile for Playwright, whose user blocks cookies: those of these origins, or
    all."""
    if origins:
        rules = {f"{origin},*": {"setting": 2} for origin in origins}
        preferences = {"content_settings": {"exceptions": {"cookies": rules}}}
    else:
        preferences = {"default_content_setting_values": {"cookies": 2}}
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": preferences}))
    return folder


@pytest.fixture
def chromium() -> Iterator[Browser]:
    """A browser; without one installed, a test that asks for it fails and says so."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


def _playwright_browsers(environ: Mapping[str, str]) -> list[Path]:
    cache = environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path("~/.cache/ms-playwright").expanduser()
    programs = Path(cache).glob("chromium*/chrome-*/*")
    return [path for path in programs if path.name in {"chrome", "headless_shell", "chrome-headless-shell"}]
