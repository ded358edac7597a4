"""Domains as a backend manages them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import LIVE_SECRET_KEY, Backend, TestServer


@pytest.fixture
def backend(production: TestServer) -> Backend:
    return production.backend(secret_key=LIVE_SECRET_KEY)


async def add(backend: Backend, name: str = "example.dev", **more: Any) -> dict[str, Any]:
    response = await backend.post("/v1/domains", name=name, is_satellite=True, **more)
    assert response.status_code == 200, response.text
    return response.json()


async def names(backend: Backend) -> list[str]:
    listed = (await backend.get("/v1/domains")).json()
    assert listed["total_count"] == len(listed["data"])
    return [domain["name"] for domain in listed["data"]]


async def test_primary_domain_is_there_from_the_start(backend: Backend) -> None:
    (primary,) = (await backend.get("/v1/domains")).json()["data"]

    assert (primary["name"], primary["is_satellite"]) == ("example.com", False)
    assert primary["frontend_api_url"] == "https://clerk.example.com"
    assert primary["accounts_portal_url"] == "https://clerk.example.com"


async def test_satellite_that_is_added_works_without_a_restart(
    production: TestServer, backend: Backend
) -> None:
    added = await add(backend)
    await production.app.poll()

    response = await production.browser(
        origin="https://app.example.dev", base_url="https://clerk.example.dev"
    ).get("/v1/client")

    assert response.status_code == 200
    assert added["is_satellite"]
    assert added["frontend_api_url"] == "https://clerk.example.dev"
    assert added["cname_targets"] == [
        {"host": "clerk.example.dev", "value": "clerk.example.com", "required": True}
    ]


async def test_domains_are_listed_newest_first(production: TestServer, backend: Backend) -> None:
    for name in ("example.dev", "example.org"):
        production.clock.advance(seconds=1)
        await add(backend, name)

    assert await names(backend) == ["example.org", "example.dev", "example.com"]


async def test_proxy_takes_the_place_of_a_host_and_can_go_again(backend: Backend) -> None:
    proxy = "https://example.dev/__clerk"
    added = await add(backend, proxy_url=proxy)

    changed = await backend.patch(f"/v1/domains/{added['id']}", proxy_url=None)

    assert (added["proxy_url"], added["frontend_api_url"], added["cname_targets"]) == (proxy, proxy, [])
    assert (changed.json()["id"], changed.json()["proxy_url"]) == (added["id"], None)
    assert changed.json()["frontend_api_url"] == "https://clerk.example.dev"


async def test_satellite_can_be_renamed_and_keeps_its_id(production: TestServer, backend: Backend) -> None:
    added = await add(backend)

    changed = await backend.patch(f"/v1/domains/{added['id']}", name="example.org")
    await production.app.poll()

    assert (changed.json()["id"], changed.json()["name"]) == (added["id"], "example.org")
    former = await production.browser(origin="https://example.dev", base_url="https://clerk.example.com").get(
        "/v1/client"
    )
    assert former.status_code == 403


async def test_satellite_that_is_deleted_is_gone(production: TestServer, backend: Backend) -> None:
    added = await add(backend)

    deleted = await backend.delete(f"/v1/domains/{added['id']}")
    again = await backend.delete(f"/v1/domains/{added['id']}")

    assert deleted.json() == {"object": "domain", "id": added["id"], "deleted": True}
    assert again.status_code == 404
    assert await names(backend) == ["example.com"]


async def test_primary_domain_cannot_be_deleted_or_renamed(backend: Backend) -> None:
    (primary,) = (await backend.get("/v1/domains")).json()["data"]
    path = f"/v1/domains/{primary['id']}"

    assert error_of(await backend.delete(path))[0] == 403
    assert error_of(await backend.patch(path, name="example.org"))[0] == 422
    assert error_of(await backend.patch(path, proxy_url="https://example.com/__clerk"))[0] == 422
    assert (await backend.patch(path, name="example.com")).json() == primary


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "https://example.org", "is_satellite": True}, "name"),
        ({"name": "example.org:3000", "is_satellite": True}, "name"),
        ({"name": "example", "is_satellite": True}, "name"),
        ({"name": "shop.example.com", "is_satellite": True}, "name"),
        ({"name": "example.dev", "is_satellite": True}, "name"),
        ({"name": "app.example.dev", "is_satellite": True}, "name"),
        ({"name": "example.org", "is_satellite": True, "proxy_url": "https://evil.example/"}, "proxy_url"),
        ({"name": "example.org", "is_satellite": False}, "is_satellite"),
        ({"name": "example.org"}, "is_satellite"),
        ({"is_satellite": True}, "name"),
        ({"name": "example.org", "is_satellite": True, "colour": 1}, "colour"),
    ],
)
async def test_domain_that_cannot_be_is_refused_by_its_parameter(
    backend: Backend, body: dict[str, Any], param: str
) -> None:
    await add(backend)

    response = await backend.post("/v1/domains", **body)

    assert response.status_code == 422, response.text
    assert response.json()["errors"][0]["meta"]["param_name"] == param
    assert await names(backend) == ["example.dev", "example.com"]


async def test_of_requests_at_once_for_one_name_one_succeeds(
    production: TestServer, backend: Backend
) -> None:
    neighbour = await production.neighbour()

    answers = await asyncio.gather(
        *(
            asked.post("/v1/domains", name="example.dev", is_satellite=True)
            for asked in (backend, neighbour)
            for _ in range(3)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200, *[422] * 5]


async def test_change_into_what_cannot_be_is_refused(backend: Backend) -> None:
    first, second = await add(backend), await add(backend, "example.org")

    for change in (
        {"name": "example.dev"},
        {"name": "www.example.com"},
        {"proxy_url": "https://example.dev/__clerk"},
        {"is_secondary": True},
    ):
        response = await backend.patch(f"/v1/domains/{second['id']}", **change)
        assert response.status_code == 422, change
    assert sorted(await names(backend)) == ["example.com", "example.dev", "example.org"]
    assert first["id"] != second["id"]


async def test_domain_of_another_instance_is_out_of_reach(production: TestServer, backend: Backend) -> None:
    added = await add(backend)
    neighbour = await production.neighbour()
    path = f"/v1/domains/{added['id']}"

    taken = await neighbour.post("/v1/domains", name="example.dev", is_satellite=True)
    changed = await neighbour.patch(path, name="evil.example")
    deleted = await neighbour.delete(path)

    assert [taken.status_code, changed.status_code, deleted.status_code] == [422, 404, 404]
    assert "ins_" not in taken.text
    assert "example.dev" in await names(backend)


async def test_development_takes_a_name_with_a_port_and_no_proxy(server: TestServer) -> None:
    backend = server.backend()

    added = await add(backend, "shop.test:3001")
    proxied = await backend.post(
        "/v1/domains", name="shop.dev", is_satellite=True, proxy_url="https://shop.dev/__clerk"
    )
    await server.app.poll()

    assert added["name"] == "shop.test"
    assert error_of(proxied)[:2] == (400, "domain_update_forbidden")
    page = await server.browser(origin="http://shop.test:3001").get("/v1/client")
    assert page.status_code == 200
