"""`greffier dev`: no configuration, keys that stay."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
from pathlib import Path

import httpx

from greffier.sdk.keys import decode_publishable_key
from tests.support.services.processes import GREFFIER, greffier_dev

FACTS = {
    "publishable_key",
    "secret_key",
    "frontend_api_url",
    "backend_api_url",
    "portal_url",
    "inbox_url",
    "jwks_url",
    "clerk_js_url",
    "clerk_ui_url",
    "sign_in_url",
    "sign_up_url",
}


def test_json_is_one_line_with_everything_an_application_needs(tmp_path: Path) -> None:
    command = [*GREFFIER, "dev", "--json", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        facts = json.loads(process.stdout.readline())
        answered = httpx.get(facts["jwks_url"]).status_code
        process.terminate()
        rest = process.stdout.read()

    assert set(facts) == FACTS
    assert answered == 200
    assert rest == ""


def test_keys_and_users_survive_a_restart(tmp_path: Path) -> None:
    with greffier_dev(tmp_path) as first:
        user = first.sign_up("dev+clerk_test@example.com")
    with greffier_dev(tmp_path) as second:
        found = second.backend().get(f"/v1/users/{user.user_id}")

    assert (second.publishable_key, second.secret_key) == (first.publishable_key, first.secret_key)
    assert found.status_code == 200


def test_host_of_the_key_has_dots_has_no_port_and_is_local(tmp_path: Path) -> None:
    with greffier_dev(tmp_path) as server:
        host = decode_publishable_key(server.publishable_key).frontend_api

    assert host.startswith("clerk.")
    assert host.endswith(".localhost")
    assert ":" not in host


def test_both_local_addresses_answer(tmp_path: Path) -> None:
    with greffier_dev(tmp_path) as server:
        port = server.url.rpartition(":")[2]

        assert httpx.get(f"http://127.0.0.1:{port}/v1/health").json() == {"status": "healthy"}
        assert httpx.get(f"{server.url}/v1/health").json() == {"status": "healthy"}


def test_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    with greffier_dev(tmp_path):
        assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with greffier_dev(tmp_path / "first") as server:
        port = server.url.rpartition(":")[2]
        second = subprocess.run(
            [*GREFFIER, "dev", "--port", port, "--data", str(tmp_path / "second")],
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert second.returncode == 1
    assert f"cannot listen on localhost:{port}" in second.stderr


def test_who_waits_for_mail_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    command = [*GREFFIER, "dev", "--json", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        inbox = json.loads(process.stdout.readline())["inbox_url"]
        with socket.create_connection(("localhost", httpx.URL(inbox).port or 80)) as waiting:
            waiting.sendall(b"GET /inbox?wait=60 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert httpx.get(inbox).json() == []  # answered after the request before was read
            process.terminate()
            answer = waiting.makefile().read()

    assert answer.startswith("HTTP/1.1 200")
    assert answer.endswith("[]")


def summary(data: Path, **environ: str) -> str:
    """The text that is printed at the start."""
    command = [*GREFFIER, "dev", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | environ) as process:
        assert process.stdout
        said = ""
        while "Stop with Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        process.terminate()
    return said


def test_lines_for_the_applications_shell_can_be_pasted(tmp_path: Path) -> None:
    said = summary(tmp_path)
    exports = "\n".join(line for line in said.splitlines() if line.startswith("export "))
    names = ("PUBLISHABLE_KEY", "SECRET_KEY", "PROXY_URL", "API_URL")
    script = f"{exports}\n" + "\n".join(f'echo "$GREFFIER_{name}"' for name in names)

    values = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split()

    keys = json.loads((tmp_path / "keys.json").read_text())
    assert values[:2] == [keys["publishable_key"], keys["secret_key"]]
    assert all(value.startswith("http://localhost:") for value in values[2:])


def test_browser_files_that_are_missing_are_warned_of(tmp_path: Path) -> None:
    said = summary(tmp_path / "data", GREFFIER_ASSETS_DIR=str(tmp_path / "none"))

    assert "greffier assets install" in said


def test_urls_have_the_prefix_that_the_public_url_says(tmp_path: Path) -> None:
    said = summary(tmp_path, GREFFIER_PUBLIC_URL="http://localhost:3000/__clerk")

    assert "Sign in           http://localhost:3000/__clerk/sign-in" in said
    assert "Inbox             http://localhost:3000/__clerk/inbox" in said
