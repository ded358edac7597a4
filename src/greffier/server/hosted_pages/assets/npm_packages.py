"""npm packages kept on disk for browsers: their folder, and the installed version for a range.

Installing them is `installation.py`, serving them `serving.py`. The directory looks like
`<directory>/@clerk/clerk-js/6.40.0/dist/...`.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

TESTED_VERSIONS = {"@clerk/clerk-js": "6.40.0", "@clerk/ui": "1.36.0"}
"""The versions this server is tested with; `greffier assets install` without arguments fetches these."""


AS_PUBLISHED = "published"
"""Query of a file that is wanted as npm has it, in development too: pages of this server need no more."""

INSTALL_COMMAND = "greffier assets install"

_LATEST = {"@clerk/clerk-js": "4"}
"""The version of `latest` where it is installed: only SDKs of that time ask for it by default."""

PACKAGE_NAME = re.compile(r"@clerk/[a-z0-9][a-z0-9._-]*")
_TAG = re.compile(r"[A-Za-z][0-9A-Za-z.-]*")
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?")


def default_directory(environ: Mapping[str, str] = os.environ) -> Path:
    """`GREFFIER_ASSETS_DIR`, else `greffier/npm` in the user's cache directory (XDG Base Directory)."""
    if chosen := environ.get("GREFFIER_ASSETS_DIR"):
        return Path(chosen).expanduser().absolute()
    cache = Path(environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        cache = Path("~/.cache").expanduser()
    return cache / "greffier" / "npm"


def resolve(directory: Path, package: str, wanted: str) -> str | None:
    """The installed version of `package` that answers `wanted`, or None.

    `wanted` is an exact version, a major (`6`), a minor (`6.40`), `latest`, or a release tag such as
    `canary`. A number never answers with a prerelease; `latest` does when nothing else is there, and
    of the browser SDK it is the newest of the era whose SDKs ask for it, where one is installed; any other
    tag means the newest installed version, since only the registry knows what it points to.
    """
    installed = installed_versions(directory, package)
    if wanted in installed:
        return wanted
    stable = [version for version in installed if "-" not in version]
    if re.fullmatch(r"\d+(\.\d+)?", wanted):
        return _newest_of(stable, wanted)
    if wanted == "latest":
        era = _LATEST.get(package)
        return (era and _newest_of(stable, era)) or next(iter(stable or installed), None)
    return next(iter(installed), None) if _TAG.fullmatch(wanted) else None


def _newest_of(versions: Sequence[str], number: str) -> str | None:
    return next((version for version in versions if version.startswith(number + ".")), None)


def installed_versions(directory: Path, package: str) -> list[str]:
    """Versions of `package` in `directory`, newest first; none for a package outside the scope."""
    if not PACKAGE_NAME.fullmatch(package):
        return []
    try:
        names = os.listdir(directory / package)
    except OSError:
        return []
    versions = [match for name in names if (match := VERSION.fullmatch(name))]
    return [match[0] for match in sorted(versions, key=_precedence, reverse=True)]


def install_command(package: str, wanted: str) -> str:
    """The command that installs `package@wanted`; the tested versions need no argument."""
    tested = TESTED_VERSIONS.get(package)
    if tested and (wanted == "latest" or f"{tested}.".startswith(f"{wanted}.")):
        return INSTALL_COMMAND
    return f"{INSTALL_COMMAND} {package}@{wanted}"


def _precedence(version: re.Match[str]) -> tuple[int, int, int, bool, list[tuple[bool, int, str]]]:
    """Semantic Versioning 2.0.0, section 11: a release is above its prereleases, numbers below words."""
    major, minor, patch, prerelease = version.groups()
    words = [
        (not word.isdigit(), int(word) if word.isdigit() else 0, word)
        for word in (prerelease or "").split(".")
    ]
    return int(major), int(minor), int(patch), prerelease is None, words


def is_plain_path(parts: Sequence[str]) -> bool:
    """Whether `parts` name something below a folder on any operating system, and nothing outside of it."""
    return not any(part in {"", ".", ".."} or any(c in part for c in "\\:\0") for part in parts)
