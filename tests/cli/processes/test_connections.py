"""Connections that ask slowly, ask for too much, or are too many."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.services.ports import free_port
from tests.support.waiting import wait_until

# The bounds are minutes; here they are parts of a second.
SERVER = """
import resource, sys
import uvicorn
from greffier.cli.processes import connections, upgrades

connections.BODY_SECONDS = connections.WRITE_SECONDS = 0.5
connections.ENDING_SECONDS = float(sys.argv[3])
connections.HEAD_SECONDS = max(0.5, connections.ENDING_SECONDS)
files = int(sys.argv[2])
if files:
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            print("broke off", flush=True)
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"x" * 50_000_000 if scope["path"] == "/large" else str(size).encode()
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", str(len(body)).encode())]})
    await send({"type": "http.response.body", "body": body})

uvicorn.run(app, port=int(sys.argv[1]), http=connections.BoundedProtocol, ws=upgrades.RefusedUpgrade,
            lifespan="off", access_log=False)
"""


class Bounded:
    """A server with short bounds, and what it wrote on its standard error."""

    def __init__(self, port: int, log: Path, process: subprocess.Popen[bytes]) -> None:
        self.port, self.process = port, process
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def answers(self) -> bool:
        try:
            return httpx.get(self.url, timeout=5).status_code == 200
        except httpx.TransportError:
            return False


def start(tmp_path: Path, *, files: int = 0, ending: float = 0.2) -> Iterator[Bounded]:
    port, log = free_port(), tmp_path / "log"
    command = [sys.executable, "-c", SERVER, str(port), str(files), str(ending)]
    with (
        log.open("w") as stderr,
        subprocess.Popen(command, stderr=stderr, stdout=stderr) as process,
    ):
        bounded = Bounded(port, log, process)
        try:
            wait_until(bounded.answers, "the server answers")
            yield bounded
        finally:
            process.terminate()


@pytest.fixture
def bounded(tmp_path: Path) -> Iterator[Bounded]:
    yield from start(tmp_path)


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Bounded]:
    """A server that at its end gives connections more time than a busy machine needs."""
    yield from start(tmp_path, ending=8)


@pytest.fixture
def few_files(tmp_path: Path) -> Iterator[Bounded]:
    """A server that may have 100 files and connections open."""
    yield from start(tmp_path, files=100)


def read_all(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    answer = b""
    while part := connection.recv(65536):
        answer += part
    return answer


def test_head_that_does_not_end_is_given_up(bounded: Bounded) -> None:
    with bounded.connect() as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n")

        assert read_all(slow).startswith(b"HTTP/1.1 408 ")
    assert "heads were not whole" in bounded.log


def test_head_that_comes_drop_by_drop_is_given_up(bounded: Bounded) -> None:
    with bounded.connect() as slow:
        stop = threading.Event()

        def drip() -> None:
            while not stop.wait(0.05):
                try:
                    slow.sendall(b"x-a: b\r\n")
                except OSError:
                    return

        slow.sendall(b"GET / HTTP/1.1\r\n")
        dripping = threading.Thread(target=drip)
        dripping.start()
        answer = slow.recv(100)
        stop.set()
        dripping.join()

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_connection_that_asks_nothing_is_closed(bounded: Bounded) -> None:
    with bounded.connect() as idle:
        assert read_all(idle) == b""


def test_second_head_on_a_connection_is_given_up_too(bounded: Bounded) -> None:
    with bounded.connect() as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\nGET / HTTP/1.1\r\nhost:")

        answer = read_all(slow)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in answer


def test_body_that_does_not_end_is_given_up(bounded: Bounded) -> None:
    with bounded.connect() as slow:
        slow.sendall(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc")

        assert read_all(slow).startswith(b"HTTP/1.1 408 ")
    wait_until(lambda: "broke off" in bounded.log, "the application hears of it")
    assert "bodies were not whole" in bounded.log


def test_head_of_endless_length_is_refused(bounded: Bounded) -> None:
    with bounded.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: ")
        try:
            for _ in range(400):
                connection.sendall(b"y" * 65536)
        except OSError:
            pass

    wait_until(lambda: "heads were longer" in bounded.log, "the log says so")
    assert bounded.answers()


def test_answer_that_the_client_does_not_read_is_given_up(bounded: Bounded) -> None:
    with bounded.connect() as connection:
        connection.sendall(b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n")
        time_out = time.monotonic() + 20
        first = connection.recv(10)
        read = len(first)
        wait_until(lambda: is_reset(connection) or time.monotonic() > time_out, "the connection ends")
        try:
            while part := connection.recv(1 << 20):
                read += len(part)
        except ConnectionResetError:
            pass

    assert first == b"HTTP/1.1 2"
    assert read < 50_000_000


def is_reset(connection: socket.socket) -> bool:
    return bool(connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))


def test_large_body_in_good_time_is_taken(bounded: Bounded) -> None:
    assert httpx.post(bounded.url, content=b"x" * 5_000_000).text == "5000000"


def test_connection_is_used_again_and_again(bounded: Bounded) -> None:
    with httpx.Client(base_url=bounded.url) as http:
        assert [http.post("/", content=b"abc").text for _ in range(20)] == ["3"] * 20


def test_crowd_of_unfinished_heads_does_not_stop_the_server(few_files: Bounded) -> None:
    with ExitStack() as stack:
        refused = 0
        for _ in range(150):
            slow = stack.enter_context(few_files.connect())
            slow.sendall(b"GET / HTTP/1.1\r\n")
        wait_until(few_files.answers, "the server answers others")
        refused = few_files.log.count("connections were refused")

    assert refused >= 1
    assert "Too many open files" not in few_files.log


def test_limit_of_descriptors_is_raised_as_far_as_it_may() -> None:
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (256, 512));"
        "from greffier.cli.processes.connections import max_connections; print(max_connections())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "448\n"


@pytest.mark.parametrize("begun", [b"", b"GET / HT"])
def test_request_on_a_connection_that_an_ending_worker_has_taken_is_answered(
    patient: Bounded, begun: bytes
) -> None:
    with patient.connect() as early:
        early.sendall(begun)
        assert patient.answers()  # so the connection before it is taken
        patient.process.terminate()
        wait_until(lambda: "Shutting down" in patient.log, "the end begins")
        early.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n".removeprefix(begun))

        answer = read_all(early)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in answer


def test_connection_that_asks_nothing_does_not_keep_a_worker_from_ending(bounded: Bounded) -> None:
    with bounded.connect() as quiet:
        assert bounded.answers()
        bounded.process.terminate()

        assert read_all(quiet) == b""
        bounded.process.wait(timeout=10)


def test_websocket_is_refused_and_its_connection_ends(bounded: Bounded) -> None:
    upgrade = b"connection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
    with bounded.connect() as asking:
        asking.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\n" + upgrade)
        asking.sendall(b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")

        answer = read_all(asking)

    with bounded.connect() as slow:  # the bounds of the one before have passed when this one's have
        slow.sendall(b"GET / HTTP/1.1\r\n")
        read_all(slow)
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert "Traceback" not in bounded.log
    assert "1 heads were not whole" in bounded.log
