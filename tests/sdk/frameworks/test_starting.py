"""Settings that cannot work stop the start of a server, with one line and a status that says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from greffier.sdk.errors import ConfigurationError
from greffier.starlette import AddedAuthMiddleware
from tests.sdk.apps import PRODUCTION

STARLETTE = "from starlette.applications import Starlette as App\n"
APPS = {
    "fastapi": "from fastapi import FastAPI as App\nfrom greffier.fastapi import add_auth\n",
    "starlette": f"{STARLETTE}from greffier.starlette import add_auth\n",
}
LITESTAR = "from litestar import Litestar\nfrom greffier.litestar import AuthPlugin\n"
MISTAKES = {
    "": "Give publishable_key, or set GREFFIER_PUBLISHABLE_KEY.",
    "publishable_key='sk_test_x'": "You put a secret key (sk_...) where the publishable key",
    "public_routes=['about']": "The path pattern 'about' must begin with a slash.",
    "sekret_key='x'": "unknown option 'sekret_key'",
}


def started(code: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    (folder / "app.py").write_text(code)
    known = {name: value for name, value in os.environ.items() if not name.startswith("GREFFIER_")}
    return subprocess.run(
        [sys.executable, "-m", "uvicorn", "app:app", "--uds", str(folder / "socket")],
        cwd=folder,
        env=known | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def code_of(framework: str, mistake: str) -> str:
    if framework == "litestar":
        return f"{LITESTAR}app = Litestar(plugins=[AuthPlugin({mistake})])\n"
    return f"{APPS[framework]}app = App()\nadd_auth(app, {mistake})\n"


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("framework", [*APPS, "litestar"])
def test_mistake_stops_the_start_with_one_line(framework: str, mistake: str, tmp_path: Path) -> None:
    known = {"GREFFIER_PUBLISHABLE_KEY": PRODUCTION.publishable_key} if mistake else {}

    done = started(code_of(framework, mistake), tmp_path, **known)

    assert done.returncode not in (0, None)
    told = [line for line in done.stderr.splitlines() if MISTAKES[mistake] in line]
    assert len(told) == 1
    assert "greffier: " in told[0]
    assert "Traceback" not in done.stderr
    assert "unsupported" not in done.stderr


async def test_mistake_is_raised_where_a_server_starts_nothing() -> None:
    middleware = AddedAuthMiddleware(None, publishable_key="sk_test_x")

    with pytest.raises(ConfigurationError, match="secret key"):
        await middleware({"type": "http"}, None, None)
