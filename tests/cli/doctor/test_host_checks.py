"""Findings of `greffier doctor` about the hosts of a production instance and its reverse proxy."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from greffier.cli.certificates import ensure_certificate
from greffier.cli.doctor.host_checks import check_hosts
from greffier.server.web.instance.instance import Instance, Satellite
from tests.support.instances import instance

HOST, ACCOUNTS, SATELLITE = "clerk.example.com", "accounts.example.com", "clerk.example.dev"
IN_ORDER = {"host": True, "instance": True, "https": True, "forwarded_for": "believed"}
Lead = Callable[..., None]


@pytest.fixture
def shop() -> Instance:
    return msgspec.structs.replace(
        instance("production"),
        hosts=frozenset({HOST, ACCOUNTS}),
        satellites=(Satellite(domain="example.dev", host=SATELLITE),),
    )


@pytest.fixture
def lead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lead]:
    """`lead(*hosts, **answered)`: these hosts lead to a server with a good certificate, where requests arrive
    as they should but for what is `answered`."""
    files = ensure_certificate(tmp_path, [HOST, ACCOUNTS])
    servers: list[ThreadingHTTPServer] = []
    connect, look_up = socket.create_connection, socket.getaddrinfo
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))

    def start(*hosts: str, **answered: Any) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                said = answered["body"] if "body" in answered else IN_ORDER | answered
                self.wfile.write(json.dumps(said).encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.chain, files.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)

        def find(host: str, *arguments: Any, **options: Any) -> list[Any]:
            if host not in (*hosts, "127.0.0.1"):
                raise socket.gaierror
            return look_up("127.0.0.1", *arguments, **options)

        def reach(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
            return connect(("127.0.0.1", server.server_address[1]), *arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", find)
        monkeypatch.setattr(socket, "create_connection", reach)

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def report(shop: Instance) -> set[tuple[str, str, str]]:
    """Level, host and the beginning of every line."""
    return {(check.level, check.subject, " ".join(check.text.split()[:3])) for check in check_hosts(shop)}


def test_host_without_a_dns_entry_is_reported_and_the_optional_one_is_not(
    shop: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)

    assert report(shop) == {
        ("warning", HOST, "it has no"),
        ("warning", SATELLITE, "it has no"),
        ("ok", ACCOUNTS, "it has no"),
    }


def test_host_that_leads_here_is_in_order(shop: Instance, lead: Lead) -> None:
    lead(HOST)

    assert {line for line in report(shop) if line[1] == HOST} == {
        ("ok", HOST, "certificate of clerk.example.com"),
        ("ok", HOST, "leads to this"),
    }


@pytest.mark.parametrize(
    ("answered", "line"),
    [
        ({"host": False, "instance": False}, ("problem", "the reverse proxy does not pass Host on")),
        ({"instance": False}, ("problem", "another instance answers there")),
        ({"https": False}, ("problem", "X-Forwarded-Proto does not say https")),
        ({"forwarded_for": "missing"}, ("problem", "X-Forwarded-For is missing")),
        ({"forwarded_for": "written_by_browser"}, ("problem", "X-Forwarded-For is passed on as browsers")),
        (
            {"forwarded_for": "not_believed", "https": False},
            (
                "warning",
                "X-Forwarded-For is not believed: name the reverse proxy in GREFFIER_TRUSTED",
            ),
        ),
    ],
)
def test_what_a_reverse_proxy_leaves_out_is_named(
    shop: Instance, lead: Lead, answered: dict[str, Any], line: tuple[str, str]
) -> None:
    lead(HOST, ACCOUNTS, **answered)

    for host in (HOST, ACCOUNTS):
        (found,) = [check for check in check_hosts(shop) if check.subject == host and check.level != "ok"]
        assert found.level == line[0]
        assert found.text.startswith(line[1])


@pytest.mark.parametrize("answered", [[], None, {"id": "ins_1"}, {"errors": []}])
def test_other_server_is_a_problem(shop: Instance, lead: Lead, answered: Any) -> None:
    lead(HOST, body=answered)

    assert ("problem", HOST, "another server answers") in report(shop)


def test_certificate_of_another_host_is_a_problem(shop: Instance, lead: Lead) -> None:
    lead(SATELLITE)

    assert ("problem", SATELLITE) in {(level, host) for level, host, _ in report(shop)}


def test_development_has_no_hosts_to_look_up() -> None:
    assert list(check_hosts(instance("development"))) == []
