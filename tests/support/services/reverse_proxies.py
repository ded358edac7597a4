"""The reverse proxies that tests use."""

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


def nginx(folder: Path, servers: str) -> list[str]:
    """The command of an nginx with these `server` blocks, which keeps its files in a folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{servers}\n}}\n"
    )
    return [str(find_nginx()), "-p", str(folder), "-c", "nginx.conf"]
