"""The keys of a development server, kept in its data folder so that they never change.

The database stores only a hash of a secret key; a developer's printed URLs and keys must survive a restart.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

import msgspec

from greffier.sdk.keys import encode_publishable_key
from greffier.server.settings import ENCRYPTION_KEY_BYTES, read_encryption_keys

ENCRYPTION_KEY_FILE = "encryption.key"


class DevelopmentKeys(msgspec.Struct, frozen=True):
    """The contents of `keys.json`."""

    publishable_key: str
    secret_key: str


def read_or_create_keys(data: Path, *, host: str, secret_key: str) -> DevelopmentKeys:
    """The keys in this folder; made from `host` and `secret_key` the first time.

    Of several processes that start together one writes the file and the others read it.
    """
    path = data / "keys.json"
    if not path.exists():
        keys = DevelopmentKeys(encode_publishable_key(host, live=False), secret_key)
        _create(path, msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
    return msgspec.json.decode(path.read_bytes(), type=DevelopmentKeys)


def read_or_create_encryption_key(data: Path) -> bytes:
    """The key in this folder of the secrets in its database; made the first time.

    Raises:
        ValueError: the file is damaged.
    """
    path = data / ENCRYPTION_KEY_FILE
    if not path.exists():
        _create(path, base64.b64encode(os.urandom(ENCRYPTION_KEY_BYTES)) + b"\n")
    return _read_encryption_key(path)


def encryption_key_beside(database_url: str) -> tuple[bytes, ...]:
    """The key of a development server's database, which is in the same folder; none of other databases.

    Raises:
        ValueError: the file is damaged.
    """
    if not database_url.startswith("sqlite:///"):
        return ()
    path = Path(database_url.removeprefix("sqlite:///")).parent / ENCRYPTION_KEY_FILE
    return (_read_encryption_key(path),) if path.exists() else ()


def _read_encryption_key(path: Path) -> bytes:
    try:
        return read_encryption_keys(path.read_text("ascii").strip())[0]
    except (ValueError, IndexError):
        raise ValueError(f"{path} is damaged: restore it, or delete the whole folder") from None


def _create(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, unless another process was first."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.parent / f".{path.stem}.{os.getpid()}"
    scratch.write_bytes(content)
    scratch.chmod(0o600)
    try:
        os.link(scratch, path)
    except FileExistsError:
        pass
    finally:
        scratch.unlink()
