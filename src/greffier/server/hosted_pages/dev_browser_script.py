"""The browser SDK's script for applications that are developed against this server: the published file
between two small ones, which give the page a development browser and let it speak for the page."""

from __future__ import annotations

import gzip
import re
from functools import cache, lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec

from greffier.server.clients.handshake.app_cookies import dev_browser_names
from greffier.server.web.instance.instance import Instance

_SCRIPT = re.compile(r"dist/clerk\.([a-z]+\.)?browser\.js")


def is_beginning(instance: Instance, package: str, file: str) -> bool:
    """Whether this is the script with which an application's page begins, in development."""
    return instance.is_development and package == "@clerk/clerk-js" and _SCRIPT.fullmatch(file) is not None


def with_dev_browser(instance: Instance, script: Path, *, compressed: bool) -> tuple[bytes, str]:
    """The file to serve, and its entity tag."""
    return _joined(dev_browser_names(instance), script, compressed)


@cache
def _source(part: str) -> str:
    return (files("greffier.server.hosted_pages") / "templates" / f"dev_browser_{part}.js").read_text("utf-8")


@lru_cache(maxsize=16)
def _joined(names: tuple[str, ...], script: Path, compressed: bool) -> tuple[bytes, str]:
    # The path has the version in it, and a published version never changes.
    before, after = (
        _source(part).replace("NAMES", msgspec.json.encode(names).decode()).encode()
        for part in ("before", "after")
    )
    body = before + script.read_bytes() + after
    tag = f'"{sha256(body).hexdigest()[:20]}{"-gzip" if compressed else ""}"'
    return (gzip.compress(body, 6, mtime=0) if compressed else body), tag
