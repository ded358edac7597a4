"""A single-page application of the unmodified `@clerk/react`, built with Vite, and its server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.visitor import Site
from tests.support.services.node import FOLDER
from tests.support.services.ports import free_port
from tests.support.services.processes import answers, apply_settings, greffier_dev, running_process
from tests.support.waiting import wait_until

VITE = str(FOLDER / "node_modules" / ".bin" / "vite")


@contextmanager
def react_site(data: Path, settings: str) -> Iterator[Site]:
    """`vite build && vite preview` of `tests/sdk_node/react`, in a copy beside the installed packages.

    Args:
        data: the folder of the server's data.
        settings: those of the instance, as TOML.
    """
    app = FOLDER / f".{data.name}-{os.getpid()}"
    shutil.copytree(FOLDER / "react", app)
    try:
        with greffier_dev(data) as server:
            apply_settings(server.data, server.url, settings)
            keys = {"VITE_PUBLISHABLE_KEY": server.publishable_key, "VITE_GREFFIER_URL": server.url}
            subprocess.run([VITE, "build", "--logLevel", "warn"], cwd=app, env=os.environ | keys, check=True)
            port = free_port()
            preview = [VITE, "preview", "--host", "localhost", "--port", str(port), "--strictPort"]
            with running_process(preview, cwd=app):
                url = f"http://localhost:{port}"
                wait_until(lambda: answers(url), "the React application answers")
                yield Site(url, server.url, server.secret_key)
    finally:
        shutil.rmtree(app)
