"""Installation of npm packages for browsers with the npm client: `greffier assets install` alone does it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from greffier.server.hosted_pages.assets.compression import compress
from greffier.server.hosted_pages.assets.npm_packages import (
    PACKAGE_NAME,
    TESTED_VERSIONS,
    VERSION,
    is_plain_path,
)

SCOPE = "@clerk"
DEFAULT_PACKAGES = tuple(f"{name}@{version}" for name, version in TESTED_VERSIONS.items())
_NPM_SECONDS = 300
_RANGE = re.compile(r"[0-9A-Za-z^~][0-9A-Za-z.+-]*")


class AssetsError(Exception):
    """A package could not be fetched; the text tells the operator what to do about it."""


@dataclass(frozen=True, slots=True)
class Package:
    """One package as npm writes it, e.g. `@clerk/clerk-js@6.40.0`."""

    name: str
    range: str

    @classmethod
    def parse(cls, text: str) -> Package:
        """Read `NAME@RANGE`; a name alone means `latest`. Raises `AssetsError` for anything else."""
        name, _, wanted = text.rpartition("@") if "@" in text[1:] else (text, "", "latest")
        if not PACKAGE_NAME.fullmatch(name) or not _RANGE.fullmatch(wanted):
            raise AssetsError(
                f"{text!r} is not a package of the {SCOPE} scope; write for example {DEFAULT_PACKAGES[0]}."
            )
        return cls(name, wanted)

    @property
    def is_exact(self) -> bool:
        return VERSION.fullmatch(self.range) is not None

    def __str__(self) -> str:
        return f"{self.name}@{self.range}"


def install(packages: Sequence[str], directory: Path) -> list[Path]:
    """Put `packages` (`NAME@RANGE`) into `directory` with the npm client; returns a folder for each.

    An exact version that is already there is not fetched again. Compressed copies of files are made where
    they are missing. Scripts of packages never run.
    Raises `AssetsError` when npm is missing, a package does not exist, or an archive is not as it should be.
    """
    wanted = [Package.parse(text) for text in packages]
    folders = {item: directory / item.name / item.range for item in wanted}
    missing = [item for item in wanted if not (item.is_exact and folders[item].is_dir())]
    if missing:
        _make_directory(directory)
        with tempfile.TemporaryDirectory(prefix=".install-", dir=directory) as scratch:
            for item in missing:
                folders[item] = _fetch(item, directory, Path(scratch))
    for folder in folders.values():
        _compress(folder)
    return [folders[item] for item in wanted]


def _compress(folder: Path) -> None:
    try:
        compress(folder)
    except OSError as error:
        raise AssetsError(f"Cannot write to {folder}: {error.strerror}.") from error
    except subprocess.SubprocessError as error:
        raise AssetsError(f"{folder} could not be compressed: {error}") from error


def _make_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise AssetsError(f"Cannot write to {directory}: {error.strerror}.") from error


def _fetch(item: Package, directory: Path, scratch: Path) -> Path:
    """Download one package beside its place and move it there in one step, so that no reader sees half."""
    archive = _download(item, Path(tempfile.mkdtemp(dir=scratch)))
    unpacked = Path(tempfile.mkdtemp(dir=scratch))
    _unpack(archive, unpacked)
    version = _version_in(unpacked, item)
    folder = directory / item.name / version
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        unpacked.chmod(0o755)
        unpacked.rename(folder)
    except OSError as error:
        if not folder.is_dir():  # otherwise another process was faster, with the same immutable files
            raise AssetsError(f"Cannot write {folder}: {error.strerror}.") from error
    return folder


def _download(item: Package, target: Path) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise AssetsError(f"npm is needed to fetch {item} and was not found: install Node.js 20 or newer.")
    command = [npm, "pack", str(item), "--ignore-scripts", "--silent", "--pack-destination", str(target)]
    try:
        done = subprocess.run(  # noqa: S603 - the only argument from outside is checked by Package.parse
            command,
            cwd=target,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_NPM_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise AssetsError(f"npm did not fetch {item} within {_NPM_SECONDS} seconds.") from error
    archives = list(target.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        said = (done.stderr or done.stdout).strip()
        raise AssetsError(f"npm could not fetch {item}.\n{said}".rstrip())
    return archives[0]


def _unpack(archive: Path, target: Path) -> None:
    """Write the regular files of an npm archive, whose one top folder (usually `package/`) is dropped.

    Links, devices and names that would leave `target` are refused rather than skipped: no honest
    package of this scope has them. (`tarfile`'s own `data` filter is missing from Python 3.11.0-3.11.3.)
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if member.isdir():
                    continue
                top, *parts = member.name.split("/")
                plain = parts and is_plain_path([top, *parts]) and member.isreg()
                source = tar.extractfile(member) if plain else None
                if source is None:
                    raise AssetsError(f"{archive.name} holds an unsafe entry: {member.name!r}.")
                path = target.joinpath(*parts)
                path.parent.mkdir(parents=True, exist_ok=True)
                with source, path.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise AssetsError(f"{archive.name} could not be unpacked: {error}") from error


def _version_in(unpacked: Path, item: Package) -> str:
    try:
        manifest = json.loads((unpacked / "package.json").read_bytes())
        name, version = manifest["name"], manifest["version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AssetsError(f"The archive of {item} has no readable package.json.") from error
    if name != item.name or not isinstance(version, str) or not VERSION.fullmatch(version):
        raise AssetsError(f"The archive of {item} holds {name} {version} instead.")
    return version
