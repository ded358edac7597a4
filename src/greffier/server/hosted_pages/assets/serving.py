"""Serves browser files of installed npm packages under `/npm/@clerk/<package>@<range>/<path>`.

Loaders ask for a major or a tag first; the running bundle then asks for its chunks by exact version.
Choosing versions is `npm_packages.py`.
"""

import os
import re
import stat
from pathlib import Path

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from greffier.server.hosted_pages.assets.compression import ENCODINGS, accepted
from greffier.server.hosted_pages.assets.npm_packages import (
    AS_PUBLISHED,
    install_command,
    installed_versions,
    is_plain_path,
    resolve,
)
from greffier.server.hosted_pages.dev_browser_script import is_beginning, with_dev_browser
from greffier.server.web.instance.instance import Instance

_EXACT_VERSION_CACHE = "public, max-age=31536000, immutable"
_RANGE_CACHE = "public, max-age=300"

_PATH = re.compile(
    r"(?P<package>@clerk/[a-z0-9][a-z0-9._-]*)@(?P<range>[0-9A-Za-z][0-9A-Za-z.+-]*)/(?P<file>.+)"
)

# Of our own, because `mimetypes` reads the machine's tables, and a script must not be called anything else.
_MEDIA_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".cjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".ts": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
}

# Script tags of the loaders say crossorigin=anonymous, so any page may read these public files.
_HEADERS = {
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}


async def npm_file(request: Request, path: str, directory: Path, instance: Instance) -> Response:
    """Answer GET or HEAD for `path`, the decoded part of the URL behind `/npm/`, from `directory`.

    A package, version or file that is not there is 404 in plain text that names the command to run.

    Args:
        instance: the instance of the page; in development its SDK is given a development browser.
    """
    if request.method not in {"GET", "HEAD"}:
        return _refused(405, "Only GET and HEAD are served here.", {"allow": "GET, HEAD"})
    match = _PATH.fullmatch(path)
    if match is None:
        return _refused(404, "Only /npm/@clerk/<package>@<version>/<file> is served here.")
    package, wanted, name = match["package"], match["range"], match["file"]
    version = await run_sync(resolve, directory, package, wanted)
    if version is None:
        return _not_installed(package, wanted, await run_sync(installed_versions, directory, package))
    found = await run_sync(_regular_file, directory, package, version, name)
    if found is None:
        return _refused(404, f"{package} {version} has no such file.")
    as_published = wanted == version and AS_PUBLISHED in request.query_params
    if not as_published and is_beginning(instance, package, name):
        return await run_sync(_beginning, request, instance, found[0])
    served, status, coding = await run_sync(_smallest, request, *found)
    return _file(request, served, status, coding, found[0].suffix, version=version, exact=wanted == version)


def _smallest(
    request: Request, path: Path, status: os.stat_result
) -> tuple[Path, os.stat_result, str | None]:
    """The smallest copy of a file that the request takes, and its content coding."""
    for coding in accepted(request.headers.get("accept-encoding", "")):
        copy = path.with_name(path.name + ENCODINGS[coding])
        if copy.is_file():
            return copy, copy.stat(), coding
    return path, status, None


def _beginning(request: Request, instance: Instance, path: Path) -> Response:
    """The script that an application's page begins with, in development."""
    compressed = "gzip" in request.headers.get("accept-encoding", "")
    body, etag = with_dev_browser(instance, path, compressed=compressed)
    headers = {**_HEADERS, "cache-control": "no-cache", "etag": etag, "vary": "accept-encoding"}
    if _is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    if compressed:
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=_MEDIA_TYPES[".js"])


def _file(
    request: Request,
    path: Path,
    status: os.stat_result,
    coding: str | None,
    suffix: str,
    *,
    version: str,
    exact: bool,
) -> Response:
    headers = {
        **_HEADERS,
        "cache-control": _EXACT_VERSION_CACHE if exact else _RANGE_CACHE,
        # A published version never changes, so this is equal on every machine that serves it.
        "etag": f'"{version}-{status.st_size:x}"',
        "vary": "accept-encoding",
    }
    if _is_known(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(status_code=304, headers=headers)
    if coding is not None:
        headers["content-encoding"] = coding
    media_type = _MEDIA_TYPES.get(suffix, "application/octet-stream")
    return FileResponse(path, headers=headers, media_type=media_type, stat_result=status)


def _is_known(if_none_match: str, etag: str) -> bool:
    """RFC 9110, section 13.1.2: the weak comparison, over a list or `*`."""
    known = [candidate.strip().removeprefix("W/") for candidate in if_none_match.split(",")]
    return etag in known or known == ["*"]


def _regular_file(
    directory: Path, package: str, version: str, name: str
) -> tuple[Path, os.stat_result] | None:
    """The regular file `name` of an installed package; None for anything that would lead out of it."""
    parts = name.split("/")
    if not is_plain_path(parts):
        return None
    try:
        path = directory.resolve(strict=True).joinpath(package, version, *parts)
        if path.resolve(strict=True) != path:
            return None  # a link somewhere on the way: an installed package holds none
        status = path.stat()
    except (OSError, RuntimeError):
        return None  # not there, a name too long, a loop of links
    return (path, status) if stat.S_ISREG(status.st_mode) else None


def _not_installed(package: str, wanted: str, installed: list[str]) -> Response:
    there = f"Installed: {', '.join(installed)}." if installed else "No version of it is."
    command = install_command(package, wanted)
    return _refused(404, f"{package}@{wanted} is not installed on this server. {there} Run: {command}")


def _refused(status: int, text: str, extra: dict[str, str] | None = None) -> Response:
    headers = {**_HEADERS, "cache-control": "no-store", **(extra or {})}
    return PlainTextResponse(text + "\n", status_code=status, headers=headers)
