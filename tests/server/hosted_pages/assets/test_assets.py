"""Browser files of npm packages: what is fetched, which version answers, what is served and what never is."""

import io
import json
import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from greffier.cli.assets import assets as assets_command
from greffier.server.hosted_pages.assets.installation import AssetsError, install
from greffier.server.hosted_pages.assets.npm_packages import default_directory, resolve
from greffier.server.hosted_pages.assets.serving import npm_file
from tests.support.instances import instance

CLERK_JS = "@clerk/clerk-js"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Four versions of clerk-js and one of ui, each with a script, as `install` leaves them."""
    root = tmp_path / "npm"
    for version in ("5.9.0", "6.9.1", "6.40.0", "7.0.0-canary.2"):
        put(root, CLERK_JS, version, "dist/clerk.browser.js", f"/* {version} */")
    put(root, "@clerk/ui", "1.36.0", "dist/ui.browser.js", "/* ui */")
    return root


@pytest.fixture
async def browser(directory: Path) -> AsyncIterator[httpx.AsyncClient]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix("/npm/")
        response = await npm_file(Request(scope, receive), path, directory, instance("production"))
        await response(scope, receive, send)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def put(root: Path, package: str, version: str, name: str, text: str) -> Path:
    path = root / package / version / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


# Which version answers


@pytest.mark.parametrize(
    ("wanted", "version"),
    [
        ("6.40.0", "6.40.0"),
        ("6", "6.40.0"),
        ("6.9", "6.9.1"),
        ("5", "5.9.0"),
        ("latest", "6.40.0"),
        ("canary", "7.0.0-canary.2"),
        ("7.0.0-canary.2", "7.0.0-canary.2"),
        ("7", None),
        ("4", None),
        ("6.4", None),
        ("6.40.1", None),
        ("", None),
        ("..", None),
    ],
)
def test_a_range_means_the_newest_installed_version_it_covers(
    directory: Path, wanted: str, version: str | None
):
    assert resolve(directory, CLERK_JS, wanted) == version


def test_latest_browser_sdk_is_of_the_era_whose_sdks_ask_for_it(directory: Path):
    for version in ("4.9.0", "4.73.14", "4.74.0-beta.1"):
        put(directory, CLERK_JS, version, "package.json", "{}")

    assert resolve(directory, CLERK_JS, "latest") == "4.73.14"
    assert resolve(directory, CLERK_JS, "6") == "6.40.0"


def test_latest_of_another_package_is_the_newest(tmp_path: Path):
    for version in ("4.1.0", "6.2.0"):
        put(tmp_path, "@clerk/ui", version, "package.json", "{}")

    assert resolve(tmp_path, "@clerk/ui", "latest") == "6.2.0"


def test_latest_is_a_prerelease_only_when_nothing_else_is_installed(tmp_path: Path):
    for version in ("1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-beta"):
        put(tmp_path, CLERK_JS, version, "package.json", "{}")
    assert resolve(tmp_path, CLERK_JS, "latest") == "1.0.0-beta.11"


@pytest.mark.parametrize("package", ["left-pad", "@other/clerk-js", "@clerk/..", "@clerk/../@clerk/ui"])
def test_packages_outside_the_scope_are_never_installed(directory: Path, package: str):
    assert resolve(directory, package, "latest") is None


def test_the_directory_is_outside_the_project():
    assert default_directory({"GREFFIER_ASSETS_DIR": "/srv/npm"}) == Path("/srv/npm")
    assert default_directory({"XDG_CACHE_HOME": "/cache"}) == Path("/cache/greffier/npm")
    assert default_directory({"XDG_CACHE_HOME": "relative"}) == Path("~/.cache/greffier/npm").expanduser()


# What is served


async def test_a_script_is_served_to_any_page_as_a_script(browser: httpx.AsyncClient):
    answer = await browser.get(f"/npm/{CLERK_JS}@6.40.0/dist/clerk.browser.js")
    assert (answer.status_code, answer.text) == (200, "/* 6.40.0 */")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_head_answers_as_get_without_the_body(browser: httpx.AsyncClient):
    answer = await browser.head(f"/npm/{CLERK_JS}@6/dist/clerk.browser.js")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len("/* 6.40.0 */"))


async def test_an_exact_version_is_cached_for_ever_and_a_range_only_shortly(browser: httpx.AsyncClient):
    exact = await browser.get(f"/npm/{CLERK_JS}@6.40.0/dist/clerk.browser.js")
    ranged = await browser.get(f"/npm/{CLERK_JS}@6/dist/clerk.browser.js")
    assert exact.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert ranged.headers["cache-control"] == "public, max-age=300"
    assert ranged.text == exact.text


@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
async def test_a_browser_that_has_the_file_is_told_so(browser: httpx.AsyncClient, known: str):
    url = f"/npm/{CLERK_JS}@6/dist/clerk.browser.js"
    etag = (await browser.get(url)).headers["etag"]
    answer = await browser.get(url, headers={"if-none-match": known.format(etag)})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_range_that_moved_on_is_sent_again(browser: httpx.AsyncClient, directory: Path):
    url = f"/npm/{CLERK_JS}@6/dist/clerk.browser.js"
    etag = (await browser.get(url)).headers["etag"]
    put(directory, CLERK_JS, "6.41.0", "dist/clerk.browser.js", "/* 6.41.0 */")
    answer = await browser.get(url, headers={"if-none-match": etag})
    assert (answer.status_code, answer.text) == (200, "/* 6.41.0 */")


@pytest.mark.parametrize(
    ("wanted", "command"),
    [
        ("@clerk/clerk-js@4", "greffier assets install @clerk/clerk-js@4"),
        ("@clerk/react@6", "greffier assets install @clerk/react@6"),
        ("@clerk/clerk-js@6.40.1", "greffier assets install @clerk/clerk-js@6.40.1"),
    ],
)
async def test_a_missing_package_names_the_command_that_fetches_it(
    browser: httpx.AsyncClient, wanted: str, command: str
):
    answer = await browser.get(f"/npm/{wanted}/dist/clerk.browser.js")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.text.endswith(f"Run: {command}\n")


async def test_the_tested_versions_need_no_argument(browser: httpx.AsyncClient, directory: Path):
    (directory / CLERK_JS).rename(directory / "elsewhere")
    answer = await browser.get(f"/npm/{CLERK_JS}@6/dist/clerk.browser.js")
    assert answer.status_code == 404
    assert answer.text.endswith("Run: greffier assets install\n")


async def test_a_file_that_the_package_does_not_have_is_not_found(browser: httpx.AsyncClient):
    answer = await browser.get(f"/npm/{CLERK_JS}@6/dist/nothing.js")
    assert (answer.status_code, answer.text) == (404, f"{CLERK_JS} 6.40.0 has no such file.\n")


async def test_nothing_can_be_written(browser: httpx.AsyncClient):
    answer = await browser.post(f"/npm/{CLERK_JS}@6/dist/clerk.browser.js")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


# What is never served


@pytest.mark.parametrize(
    "path",
    [
        "@clerk/clerk-js@6/../../../secret.txt",
        "@clerk/clerk-js@6/dist/%2e%2e/%2e%2e/%2e%2e/%2e%2e/secret.txt",
        "@clerk/clerk-js@6/dist/%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e%2fsecret.txt",
        "@clerk/clerk-js@6/dist/%252e%252e/secret.txt",
        "@clerk/clerk-js@6/..%5c..%5csecret.txt",
        "@clerk/clerk-js@6//secret.txt",
        "@clerk/clerk-js@6/%2Fsecret.txt",
        "@clerk/clerk-js@6/dist/clerk.browser.js%00.txt",
        "@clerk/clerk-js@6/dist",
        "@clerk/clerk-js@6/dist/",
        "@clerk/clerk-js@6/",
        "@clerk/clerk-js@../6.40.0/dist/clerk.browser.js",
        "@clerk/..@latest/secret.txt",
        "@clerk/%2e%2e@latest/secret.txt",
        "@clerk/clerk-js@6/" + "x" * 5000,
        "clerk-js@6/dist/clerk.browser.js",
        "secret.txt",
    ],
)
async def test_no_path_leads_out_of_the_package(browser: httpx.AsyncClient, directory: Path, path: str):
    (directory / "secret.txt").write_text("secret")
    (directory.parent / "secret.txt").write_text("secret")
    answer = await browser.send(httpx.Request("GET", f"http://localhost/npm/{path}"))
    assert (answer.status_code, "secret\n" in answer.text) == (404, False)


@pytest.mark.parametrize("link", ["file", "folder", "version"])
async def test_links_are_not_followed(browser: httpx.AsyncClient, directory: Path, tmp_path: Path, link: str):
    outside = tmp_path / "outside" / "dist"
    outside.mkdir(parents=True)
    (outside / "linked.js").write_text("secret")
    package = directory / CLERK_JS
    if link == "file":
        os.symlink(outside / "linked.js", package / "6.40.0/dist/linked.js")
    elif link == "folder":
        put(directory, CLERK_JS, "6.50.0", "package.json", "{}")
        os.symlink(outside, package / "6.50.0/dist")
    else:
        os.symlink(outside.parent, package / "6.50.0")
    answer = await browser.get(f"/npm/{CLERK_JS}@6/dist/linked.js")
    assert answer.status_code == 404


# What is fetched


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `npm` on PATH whose `npm pack NAME@VERSION` hands out archives put into the returned folder."""
    archives, programs = tmp_path / "registry", tmp_path / "bin"
    archives.mkdir()
    programs.mkdir()
    npm = programs / "npm"
    npm.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> {archives}/calls\n'
        f'archive={archives}/$(echo "$2" | tr -d @/).tgz\n'
        'test -f "$archive" || { echo "npm error 404 $2 is not in this registry" >&2; exit 1; }\n'
        'for target; do :; done\ncp "$archive" "$target/"\n'
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return archives


def publish(registry: Path, package: str, version: str, entries: dict[str, str | tarfile.TarInfo]) -> None:
    """Write the archive that npm packs for `package@version`, with `entries` beside its package.json."""
    manifest = json.dumps({"name": package, "version": version})
    name = f"{package}@{version}".replace("@", "").replace("/", "")
    with tarfile.open(registry / f"{name}.tgz", "w:gz") as archive:
        for path, entry in {"package/package.json": manifest, **entries}.items():
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry)
            else:
                info = tarfile.TarInfo(path)
                info.size = len(entry)
                archive.addfile(info, io.BytesIO(entry.encode()))


def test_a_package_is_fetched_into_a_folder_of_its_version(npm: Path, tmp_path: Path):
    publish(npm, CLERK_JS, "6.40.0", {"package/dist/clerk.browser.js": "/* fetched */"})
    (folder,) = install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")
    assert folder == tmp_path / "npm" / CLERK_JS / "6.40.0"
    assert (folder / "dist/clerk.browser.js").read_text() == "/* fetched */"
    assert "--ignore-scripts" in (npm / "calls").read_text()


def test_an_exact_version_is_fetched_once(npm: Path, tmp_path: Path):
    publish(npm, CLERK_JS, "6.40.0", {})
    first = install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")
    again = install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")
    assert first == again
    assert len((npm / "calls").read_text().splitlines()) == 1


def test_a_fetched_package_leaves_nothing_else_behind(npm: Path, tmp_path: Path):
    publish(npm, CLERK_JS, "6.40.0", {})
    install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")
    assert os.listdir(tmp_path / "npm") == ["@clerk"]
    assert os.listdir(tmp_path / "npm" / CLERK_JS) == ["6.40.0"]


def link_to_outside() -> tarfile.TarInfo:
    link = tarfile.TarInfo("package/dist/link.js")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return link


@pytest.mark.parametrize(
    "entries",
    [
        {"package/../../../escaped": "x"},
        {"/escaped": "x"},
        {"package/a\\b": "x"},
        {"link": link_to_outside()},
    ],
    ids=["parent", "absolute", "backslash", "link"],
)
def test_an_archive_that_would_write_elsewhere_is_refused(
    npm: Path, tmp_path: Path, entries: dict[str, str | tarfile.TarInfo]
):
    publish(npm, CLERK_JS, "6.40.0", entries)
    with pytest.raises(AssetsError, match="unsafe entry"):
        install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")
    assert not list(tmp_path.rglob("escaped"))
    assert resolve(tmp_path / "npm", CLERK_JS, "latest") is None


def test_a_broken_archive_is_refused(npm: Path, tmp_path: Path):
    (npm / "clerkclerk-js6.40.0.tgz").write_bytes(b"not an archive")
    with pytest.raises(AssetsError, match="could not be unpacked"):
        install([f"{CLERK_JS}@6.40.0"], tmp_path / "npm")


@pytest.mark.parametrize(
    "package", ["left-pad", "--help", "@clerk/clerk-js@file:../x", "@clerk/a b", "@clerk/"]
)
def test_only_packages_of_the_scope_are_fetched(npm: Path, tmp_path: Path, package: str):
    with pytest.raises(AssetsError, match="@clerk scope"):
        install([package], tmp_path / "npm")
    assert not (npm / "calls").exists()


def test_the_command_prints_where_the_packages_are(npm: Path, tmp_path: Path):
    publish(npm, CLERK_JS, "6.40.0", {})
    command = ["install", f"{CLERK_JS}@6.40.0", "--dir", str(tmp_path / "npm")]
    result = CliRunner().invoke(assets_command, command)
    assert (result.exit_code, result.output) == (0, f"{tmp_path}/npm/{CLERK_JS}/6.40.0\n")


def test_the_command_says_what_npm_said(npm: Path, tmp_path: Path):
    result = CliRunner().invoke(
        assets_command, ["install", f"{CLERK_JS}@9.9.9", "--dir", str(tmp_path / "npm")]
    )
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: npm could not fetch {CLERK_JS}@9.9.9.\nnpm error 404")


def test_the_command_says_that_npm_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    result = CliRunner().invoke(assets_command, ["install", "--dir", str(tmp_path / "npm")])
    assert result.exit_code == 1
    assert "npm is needed" in result.output
    assert "install Node.js" in result.output
