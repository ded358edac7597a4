"""The browser SDK's files that a hosted page needs: by exact version, so that browsers keep them, and with
those that the first ones will ask for, so that all are fetched at once."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import msgspec

from greffier.server.hosted_pages.assets.npm_packages import AS_PUBLISHED, resolve

CLERK_JS, UI = ("@clerk/clerk-js", "6"), ("@clerk/ui", "1")
_CHUNK_HASH = re.compile(r'=\(\)=>"([0-9a-f]{6})[0-9a-f]*"')
_EVERY_COMPONENT = ("framework", "vendors", "ui-common")


class PageScripts(msgspec.Struct, frozen=True):
    """Paths below `/npm/`."""

    clerk_js: str
    ui: str
    chunks: tuple[str, ...]
    """Parts of the UI that the component of the page needs."""


def page_scripts(directory: Path, component: str) -> PageScripts:
    """The installed scripts; a package that is missing is named by its major version, for the message."""
    clerk_js = resolve(directory, *CLERK_JS)
    ui = resolve(directory, *UI) or UI[1]
    query = f"?{AS_PUBLISHED}" if clerk_js else ""
    return PageScripts(
        f"{CLERK_JS[0]}@{clerk_js or CLERK_JS[1]}/dist/clerk.browser.js{query}",
        f"{UI[0]}@{ui}/dist/ui.browser.js",
        _chunks(directory / UI[0] / ui / "dist", ui, component.lower()),
    )


@lru_cache(maxsize=64)
def _chunks(folder: Path, version: str, component: str) -> tuple[str, ...]:
    """An installed version never changes. Names of chunks have the hash of their bundle in them; a version
    that names them differently gets no hints."""
    try:
        found = _CHUNK_HASH.search((folder / "ui.browser.js").read_text("utf-8"))
        names = sorted(path.name for path in folder.glob("*.js"))
    except OSError:
        return ()
    if found is None:
        return ()
    end = f"_ui_{found[1]}_{version}.js"
    wanted = {f"{name}{end}" for name in (*_EVERY_COMPONENT, component)}
    return tuple(f"{UI[0]}@{version}/dist/{name}" for name in names if name.lower() in wanted)
