"""Say where the programs are that tests drive, and in one message which are missing (exit status 1).

    .venv/bin/python -m scripts.find_test_programs [NAME...]

`postgresql` and `redis` mean those of the system, `postgresql-any` and `redis-any` also those of the wheels
in the `dev` extra.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.services.chromium import ChromiumMissingError, find_chromium
from tests.support.services.databases import PostgresMissingError, find_programs, find_system_programs
from tests.support.services.redis_servers import RedisMissingError, find_redis, find_system_redis
from tests.support.services.reverse_proxies import ReverseProxyMissingError, find_caddy, find_nginx

NODE_MAJOR = 20


class MissingError(Exception):
    """Node.js or npm was not found."""


def find_node() -> Path:
    """Node.js on PATH, of a version that the SDKs under test support."""
    node = shutil.which("node")
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout if node else ""
    if node is None or int(said.lstrip("v").split(".")[0] or 0) < NODE_MAJOR:
        raise MissingError(
            f"Node.js {NODE_MAJOR} or newer was not found (node --version: {said.strip() or 'none'})."
        )
    return Path(node)


def find_npm() -> Path:
    """npm on PATH."""
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm was not found: it comes with Node.js.")
    return Path(npm)


_MISSING = (
    ChromiumMissingError,
    PostgresMissingError,
    RedisMissingError,
    ReverseProxyMissingError,
    MissingError,
)

FINDERS: dict[str, Callable[[], Path]] = {
    "chromium": find_chromium,
    "postgresql": find_system_programs,
    "postgresql-any": find_programs,
    "redis": find_system_redis,
    "redis-any": find_redis,
    "node": find_node,
    "npm": find_npm,
    "nginx": find_nginx,
    "caddy": find_caddy,
}


def main(names: list[str]) -> int:
    """Look for each of `names`."""
    problems: list[str] = []
    for name in names:
        try:
            print(f"{name}: {FINDERS[name]()}")
        except _MISSING as error:
            problems.append(str(error))
    if problems:
        print("\n".join(["The tests need programs that are not here:", *problems]), file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(FINDERS)))
