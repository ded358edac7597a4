"""Every route of the example apps is decided about."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEYS = {
    "GREFFIER_PUBLISHABLE_KEY": "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k",
    "GREFFIER_SECRET_KEY": "sk_test_unknown_0123456789abcdefghijklmnopqrstuvwx",
    "GREFFIER_PROXY_URL": "http://localhost:8787",
}


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (".", ("--factory", "examples.fastapi_app.app:create_app")),
        (".", ("--factory", "examples.flask_app.app:create_app")),
        (".", ("--factory", "examples.litestar_app.app:create_app")),
        ("examples/django_app", ("orchard.wsgi:application",)),
    ],
    ids=("fastapi", "flask", "litestar", "django"),
)
def test_every_route_of_an_example_is_decided(folder: str, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "greffier.cli", "routes", "--json", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")} | KEYS
    done = subprocess.run(command, cwd=ROOT / folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    gates = {one["path"]: one["gate"] for one in json.loads(done.stdout)}
    assert gates["/"] == "public"
    assert gates["/dashboard"] == "protected"
