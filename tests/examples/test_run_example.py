"""`make run` in the end: one command starts the example and its server, and Ctrl-C stops both."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.waiting import wait_until

SCRIPT = Path(__file__).parents[2] / "scripts" / "run_example.py"


@dataclass
class Run:
    """The script at work, and what it has printed."""

    process: subprocess.Popen[str]
    printed: str

    def value(self, name: str) -> str:
        found = re.search(rf"{re.escape(name)}:?\s+(\S+)", self.printed)
        assert found is not None, self.printed
        return found[1]

    @property
    def url(self) -> str:
        return self.value("The example is ready")


@contextmanager
def running(data: Path, *options: str) -> Iterator[Run]:
    command = [
        sys.executable,
        str(SCRIPT),
        "--data",
        str(data),
        "--port",
        "0",
        "--server-port",
        "0",
        *options,
    ]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        for line in process.stdout:
            printed += line
            if "Stop with Ctrl-C" in line:
                break
        try:
            yield Run(process, printed)
        finally:
            process.terminate()
            process.wait(30)


def is_gone(url: str) -> bool:
    try:
        httpx.get(url)
    except httpx.TransportError:
        return True
    return False


@pytest.mark.parametrize(
    ("options", "stop"),
    [((), signal.SIGINT), (("--embedded",), signal.SIGTERM)],
    ids=["separate", "embedded"],
)
def test_one_command_starts_both_and_a_signal_stops_both(
    tmp_path: Path, options: tuple[str, ...], stop: signal.Signals
):
    with running(tmp_path, *options) as run:
        assert httpx.get(run.url).status_code == 200
        assert httpx.get(run.value("Inbox")).json() == []
        assert httpx.get(f"{run.value('Greffier')}/v1/health").status_code == 200
        assert run.value("Publishable key").startswith("pk_test_")
        assert run.value("Secret key").startswith("sk_test_")
        run.process.send_signal(stop)
        assert run.process.wait(30) == 0
        wait_until(lambda: is_gone(run.url), "the application has stopped")
        wait_until(lambda: is_gone(run.value("Greffier")), "the server has stopped")


def test_the_example_protects_its_api_and_its_pages(tmp_path: Path):
    with running(tmp_path) as run, httpx.Client(base_url=run.url) as http:
        refused = http.get("/api/me", headers={"accept": "application/json"})
        assert refused.status_code == 401
        assert refused.json()["errors"][0]["code"] == "authentication_required"
        assert http.get("/static/app.css").status_code == 200
        assert run.value("Secret key") not in http.get("/").text


def test_the_keys_are_the_same_after_a_restart(tmp_path: Path):
    with running(tmp_path) as first:
        keys = first.value("Publishable key"), first.value("Secret key")
    with running(tmp_path, "--embedded") as second:
        assert (second.value("Publishable key"), second.value("Secret key")) == keys


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_server_is_embedded_in_asgi_applications_only(framework: str):
    command = [sys.executable, str(SCRIPT), "--framework", framework, "--embedded"]
    refused = subprocess.run(command, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "--embedded is for fastapi" in refused.stderr
