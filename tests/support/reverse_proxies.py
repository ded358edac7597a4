"""Finds the reverse proxies that the tests of production use."""

import os
import shutil
from pathlib import Path


class ReverseProxyMissingError(Exception):
    """A reverse proxy was not found."""

    def __init__(self, name: str, package: str) -> None:
        super().__init__(f"{name} was not found: install it (Debian: apt install {package}).")


def find_nginx() -> Path:
    """On PATH, or where Debian has it; raises when there is none."""
    return _find("nginx", "nginx-light")


def find_caddy() -> Path:
    """On PATH; raises when there is none."""
    return _find("caddy", "caddy")


def _find(name: str, package: str) -> Path:
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if found is None:
        raise ReverseProxyMissingError(name, package)
    return Path(found)
