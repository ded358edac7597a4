"""The databases of test servers: copies of one that this process has made, in memory where the system has a
file system for that."""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from functools import cache
from pathlib import Path

from greffier.sdk.keys import encode_publishable_key
from greffier.server.instances.creation import new_development_host, new_secret_key
from greffier.server.provisioning import WantedInstance, ensure_instance
from greffier.server.store.clock import Clock
from greffier.server.store.migrate import create_sqlite_file
from greffier.server.store.opening import open_database

_ONE_AT_A_TIME = threading.Lock()
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - only folders that `tempfile` makes for us alone


def new_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for databases, deleted with the object."""
    in_memory = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK)
    return tempfile.TemporaryDirectory(prefix="greffier-test-", dir=_IN_MEMORY if in_memory else None)


def first_database() -> tuple[WantedInstance, bytes]:
    """The keys of this process's test instance, and the content of a database that holds it and nothing else.

    Made once in a process: the instance's signing key takes longer to make than everything else.
    """
    with _ONE_AT_A_TIME:
        return _make()


def put_first_database(path: Path) -> None:
    """Write it to a file, in place of what is there."""
    content = first_database()[1]
    for former in path.parent.glob(path.name + "*"):  # a write-ahead log belongs to its database
        former.unlink()
    path.write_bytes(content)


@cache
def _make() -> tuple[WantedInstance, bytes]:
    wanted = WantedInstance(
        publishable_key=encode_publishable_key(new_development_host(), live=False),
        secret_key=new_secret_key("development"),
    )
    with new_folder() as folder:
        path = Path(folder) / "greffier.db"
        # In a thread: the caller may be in an event loop, in which no other can run.
        thread = threading.Thread(target=asyncio.run, args=(_build(wanted, path),))
        thread.start()
        thread.join()
        return wanted, path.read_bytes()


async def _build(wanted: WantedInstance, path: Path) -> None:
    create_sqlite_file(path)
    database = open_database(f"sqlite:///{path}")
    await database.start()
    await ensure_instance(database, Clock(), wanted)
    await database.stop()
