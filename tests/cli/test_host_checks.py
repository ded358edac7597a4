"""What `greffier doctor` says of the hosts of a production instance."""

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
from greffier.cli.host_checks import check_hosts
from greffier.server.web.instance import Instance, Satellite
from tests.support.instances import instance

HOST, ACCOUNTS, SATELLITE = "clerk.example.com", "accounts.example.com", "clerk.example.dev"
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
    """`lead(*hosts, to=id)`: these hosts lead to a server with a good certificate, the instance `id`."""
    files = ensure_certificate(tmp_path, [HOST, ACCOUNTS])
    servers: list[ThreadingHTTPServer] = []
    connect, look_up = socket.create_connection, socket.getaddrinfo
    monkeypatch.setenv("SSL_CERT_FILE", str(files.ca))

    def start(*hosts: str, to: str) -> None:
        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps({"id": to}).encode())

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


def report(shop: Instance, *, proxies_trusted: bool = True) -> set[tuple[str, str, str]]:
    """Level, host and the beginning of every line."""
    checks = check_hosts(shop, proxies_trusted=proxies_trusted)
    return {(check.level, check.subject, " ".join(check.text.split()[:3])) for check in checks}


def test_host_that_nobody_can_find_is_reported_and_the_optional_one_is_not(
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
    lead(HOST, to=shop.id)

    assert {("ok", HOST, "certificate of clerk.example.com"), ("ok", HOST, "leads to this")} <= report(shop)


def test_host_that_leads_to_another_instance_is_a_problem(shop: Instance, lead: Lead) -> None:
    lead(HOST, ACCOUNTS, to="ins_another")

    found = report(shop)

    assert {("problem", HOST, "another server or"), ("problem", ACCOUNTS, "another server or")} <= found


def test_certificate_of_another_host_is_a_problem(shop: Instance, lead: Lead) -> None:
    lead(SATELLITE, to=shop.id)

    assert ("problem", SATELLITE) in {(level, host) for level, host, _ in report(shop)}


def test_proxy_that_nobody_trusts_is_reported(shop: Instance, lead: Lead) -> None:
    lead(HOST, to=shop.id)

    assert ("warning", HOST, "GREFFIER_TRUSTED_PROXIES names no") in report(shop, proxies_trusted=False)


def test_development_has_no_hosts_to_look_up() -> None:
    assert list(check_hosts(instance("development"), proxies_trusted=False)) == []
