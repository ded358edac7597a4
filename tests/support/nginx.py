"""Finds the reverse proxy that the tests of production use."""

import os
import shutil
from pathlib import Path


class NginxMissingError(Exception):
    """No nginx was found."""

    def __init__(self) -> None:
        super().__init__("nginx was not found: install it (Debian: apt install nginx-light).")


def find_nginx() -> Path:
    """On PATH, or where Debian has it; raises when there is none."""
    found = shutil.which("nginx", path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin"]))
    if found is None:
        raise NginxMissingError
    return Path(found)
