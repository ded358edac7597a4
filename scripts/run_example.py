"""Run an example application together with the server it uses; Ctrl-C stops both.

.venv/bin/python scripts/run_example.py [--framework fastapi] [--embedded] [--port 8000] [--server-port 8787]
    [--data .greffier]
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"
START_SECONDS = 30
STOP_SECONDS = 10

Facts = dict[str, Any]


class StartError(Exception):
    """A program did not start; the text says which and what it said."""


@contextlib.contextmanager
def greffier_server(data: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], Facts]]:
    """`greffier dev`, and what it says of itself once it answers."""
    command = [
        sys.executable,
        "-m",
        "greffier.cli",
        "dev",
        "--json",
        "--port",
        str(port),
        "--data",
        str(data),
    ]
    with _running(command, {}, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise StartError(f"greffier dev ended with status {process.wait()}")
        yield process, json.loads(line)


def _fastapi(port: int) -> list[str]:
    return _asgi("fastapi_app", port)


def _asgi(folder: str, port: int) -> list[str]:
    app = ["--factory", "app:create_app", "--app-dir", str(EXAMPLES / folder)]
    return ["-m", "uvicorn", *app, "--host", "localhost", "--port", str(port), "--log-level", "warning"]


def _litestar(port: int) -> list[str]:
    return _asgi("litestar_app", port)


def _flask(port: int) -> list[str]:
    app = ["--app", str(EXAMPLES / "flask_app" / "app.py")]
    return ["-m", "flask", *app, "run", "--host", "localhost", "--port", str(port)]


def _django(port: int) -> list[str]:
    return [str(EXAMPLES / "django_app" / "manage.py"), "runserver", "--noreload", f"localhost:{port}"]


FRAMEWORKS = {"fastapi": _fastapi, "litestar": _litestar, "flask": _flask, "django": _django}


@contextlib.contextmanager
def example_app(
    port: int, environment: dict[str, str], framework: str = "fastapi"
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The example of a framework under its usual server, and its URL once it answers."""
    url = f"http://localhost:{port}"
    command = [sys.executable, *FRAMEWORKS[framework](port)]
    with _running(command, environment | {"APP_URL": url}) as process:
        _wait_until_it_answers(process, url)
        yield process, url


def environment_of(facts: Facts) -> dict[str, str]:
    """Returns an application's environment variables, from the line that `greffier dev --json` prints."""
    return {
        "GREFFIER_PUBLISHABLE_KEY": facts["publishable_key"],
        "GREFFIER_SECRET_KEY": facts["secret_key"],
        "GREFFIER_PROXY_URL": facts["frontend_api_url"],
        "GREFFIER_API_URL": facts["backend_api_url"],
        "GREFFIER_CLERK_JS_URL": facts["clerk_js_url"],
        "GREFFIER_CLERK_UI_URL": facts["clerk_ui_url"],
    }


def port_or_free(port: int) -> int:
    """Returns this port if it is free, else another one."""
    for candidate in (port, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", candidate))
            return probe.getsockname()[1]
    raise StartError("no port is free")


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], **options: Any
) -> Iterator[subprocess.Popen[str]]:
    # Whether Greffier is embedded is said by `environment` alone.
    inherited = {name: value for name, value in os.environ.items() if name != "GREFFIER_PUBLISHABLE_KEY"}
    # In a session of its own, so that Ctrl-C reaches it through us, in order.
    process = subprocess.Popen(
        command, env=inherited | environment, text=True, start_new_session=True, **options
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[str], url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise StartError(f"the example ended with status {process.returncode}")
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(url, timeout=5).close()
            return
        time.sleep(0.05)
    raise StartError(f"the example did not answer within {START_SECONDS} s")


def _embedded_facts(url: str, data: Path) -> Facts:
    keys = json.loads((data / "keys.json").read_text())
    return keys | {"frontend_api_url": f"{url}/__clerk", "inbox_url": f"{url}/__clerk/inbox"}


def _announce(app_url: str, facts: Facts) -> None:
    print(
        f"\n  The example is ready: {app_url}\n\n"
        f"    Greffier          {facts['frontend_api_url']}\n"
        f"    Inbox             {facts['inbox_url']}\n"
        f"    Publishable key   {facts['publishable_key']}\n"
        f"    Secret key        {facts['secret_key']}\n\n"
        "  Sign up with any address: its code is in the inbox. Stop with Ctrl-C.\n",
        flush=True,
    )


def _wait_for_an_end(*processes: subprocess.Popen[str]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.2)
    raise StartError("one of the two programs has ended")


def run(arguments: argparse.Namespace) -> None:
    """Start everything, say where it is, and wait."""
    app_port = port_or_free(arguments.port)
    with contextlib.ExitStack() as stack:
        processes: list[subprocess.Popen[str]] = []
        environment = {"GREFFIER_DATA": str(arguments.data)}
        facts: Facts | None = None
        if not arguments.embedded:
            server_port = port_or_free(arguments.server_port)
            server, facts = stack.enter_context(greffier_server(arguments.data, server_port))
            processes.append(server)
            environment = environment_of(facts)
        app, url = stack.enter_context(example_app(app_port, environment, arguments.framework))
        _announce(url, facts or _embedded_facts(url, arguments.data))
        _wait_for_an_end(*processes, app)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--framework", choices=FRAMEWORKS, default="fastapi", help="(default: %(default)s)")
    parser.add_argument("--embedded", action="store_true", help="one process: Greffier inside FastAPI")
    parser.add_argument("--port", type=int, default=8000, help="of the application (default: %(default)s)")
    parser.add_argument("--server-port", type=int, default=8787, help="of Greffier (default: %(default)s)")
    parser.add_argument("--data", type=Path, default=Path(".greffier"), help="folder of Greffier's data")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        arguments = parser.parse_args()
        if arguments.embedded and arguments.framework != "fastapi":
            parser.error("--embedded is for fastapi: the server inside needs an ASGI application")
        run(arguments)
    except KeyboardInterrupt:
        return 0
    except StartError as error:
        print(f"run_example: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
