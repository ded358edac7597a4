"""Health reports to `greffier doctor` at each host of the reverse proxy in front."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.support.server import PRODUCTION, TestServer, running

PROXY, BROWSER, CLAIMED = "10.0.0.1", "203.0.113.9", "192.0.2.1"
HOST = "clerk.example.com"


@pytest.fixture
async def server(production_database: str) -> AsyncIterator[TestServer]:
    async with running(production_database, PRODUCTION, trusted_proxies=(PROXY,), show_inbox=False) as server:
        yield server


async def ask(server: TestServer, peer: str = PROXY, **headers: str) -> dict[str, Any]:
    """The answer to a request that a proxy passes on with these headers, to the address of this server."""
    instance = server.app.instances.any()
    assert instance is not None
    transport = httpx.ASGITransport(app=server.app, client=(peer, 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8787") as http:
        response = await http.get(
            "/v1/host-health",
            params={"host": HOST, "instance_id": instance.id, "address": CLAIMED},
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )
    assert response.status_code == 200, response.text
    return response.json()


IN_ORDER = {
    "host": HOST,
    "x_forwarded_host": HOST,
    "x_forwarded_proto": "https",
    "x_forwarded_for": f"{CLAIMED}, {BROWSER}",
}


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in IN_ORDER.items() if name not in names}


async def test_sender_that_is_trusted_itself_finds_its_proxy_in_order(server: TestServer) -> None:
    answer = await ask(server, **IN_ORDER | {"x_forwarded_for": f"{CLAIMED}, {PROXY}"})

    assert answer["forwarded_for"] == "believed"


@pytest.mark.parametrize("left_out", [(), ("x_forwarded_host",), ("host",)])
async def test_request_that_arrives_as_it_was_sent_is_in_order(
    server: TestServer, left_out: tuple[str, ...]
) -> None:
    assert await ask(server, **without(*left_out)) == {
        "host": True,
        "instance": True,
        "https": True,
        "forwarded_for": "believed",
    }


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (without("host", "x_forwarded_host"), {"host": False}),
        (IN_ORDER | {"host": "evil.example", "x_forwarded_host": "evil.example"}, {"host": False}),
        (without("x_forwarded_proto"), {"https": False}),
        (without("x_forwarded_for"), {"forwarded_for": "missing"}),
        (IN_ORDER | {"x_forwarded_for": CLAIMED}, {"forwarded_for": "written_by_browser"}),
    ],
)
async def test_what_the_proxy_leaves_out_is_told(
    server: TestServer, headers: dict[str, str], found: dict[str, Any]
) -> None:
    answer = await ask(server, **headers)

    assert found.items() <= answer.items()


async def test_proxy_that_is_not_trusted_is_not_believed(server: TestServer) -> None:
    answer = await ask(server, "10.0.0.2", **IN_ORDER)

    assert (answer["https"], answer["forwarded_for"]) == (False, "not_believed")


@pytest.mark.parametrize("host", ["internal.example", "10.0.0.3:8787"])
async def test_stranger_learns_no_name_or_address(server: TestServer, host: str) -> None:
    answer = await ask(server, **IN_ORDER | {"host": host, "x_forwarded_host": host})

    assert set(answer) == {"host", "instance", "https", "forwarded_for"}
    assert all(value in (True, False, "believed") for value in answer.values())
