"""The keys of a development instance, kept in its data folder so that they never change.

The database stores only a hash of a secret key; a developer's printed URLs and keys must survive a restart.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from greffier.sdk.keys import encode_publishable_key


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
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        keys = DevelopmentKeys(encode_publishable_key(host, live=False), secret_key)
        scratch = data / f".keys.{os.getpid()}.json"
        scratch.write_bytes(msgspec.json.format(msgspec.json.encode(keys)) + b"\n")
        scratch.chmod(0o600)
        try:
            os.link(scratch, path)
        except FileExistsError:
            pass
        finally:
            scratch.unlink()
    return msgspec.json.decode(path.read_bytes(), type=DevelopmentKeys)
