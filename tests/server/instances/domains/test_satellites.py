"""Satellite domains as an operator declares them."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.instances.administration import (
    choose_instance,
    hosts_of,
    read_instance_document,
    satellite_domains_of,
    update_instance,
)
from greffier.server.instances.document import SettingsError
from greffier.server.web.instance.instance import Satellite
from tests.support.server import APP_ORIGIN, TestServer

EXAMPLE = Satellite(domain="example.dev", host="clerk.example.dev")


async def update(server: TestServer, name: str | None = None, /, **document: Any) -> list[Satellite]:
    async with server.app.database.transaction() as db:
        row = await choose_instance(db, name)
        await update_instance(db, row, read_instance_document(document), server.clock.now_ms())
        return await satellite_domains_of(db, row)


async def test_host_of_a_satellite_is_clerk_and_its_domain(production: TestServer) -> None:
    assert await update(production, satellites=[{"domain": "example.dev"}]) == [EXAMPLE]


async def test_update_that_does_not_mention_satellites_keeps_them(production: TestServer) -> None:
    await update(production, satellites=[{"domain": "example.dev"}])

    assert await update(production, hosts=["clerk.legacy.example"]) == [EXAMPLE]


async def test_list_of_satellites_replaces_the_former_one(production: TestServer) -> None:
    await update(production, satellites=[{"domain": "example.dev"}, {"domain": "example.org"}])

    kept = await update(production, satellites=[{"domain": "example.org", "host": "auth.example.org"}])

    assert kept == [Satellite(domain="example.org", host="auth.example.org")]


async def test_satellites_are_no_hosts_of_the_primary_domain(production: TestServer) -> None:
    await update(production, satellites=[{"domain": "example.dev"}], hosts=["clerk.legacy.example"])

    async with production.app.database.transaction() as db:
        hosts = await hosts_of(db, await choose_instance(db, None))
    assert hosts == ["clerk.example.com", "clerk.legacy.example"]


@pytest.mark.parametrize(
    ("satellites", "path"),
    [
        ([{"domain": "https://example.dev"}], "satellites[0].domain"),
        ([{"domain": "example"}], "satellites[0].domain"),
        ([{"domain": "*.example.dev"}], "satellites[0].domain"),
        ([{"domain": "example.dev", "host": "clerk.example.org"}], "satellites[0].host"),
        ([{"domain": "example.dev", "host": "clerk.notexample.dev"}], "satellites[0].host"),
        ([{"domain": "example.dev", "proxy_url": "http://example.dev/__clerk"}], "satellites[0].proxy_url"),
        ([{"domain": "example.dev", "proxy_url": "https://evil.example/x"}], "satellites[0].proxy_url"),
        ([{"domain": "example.dev", "proxy_url": "https://example.dev/x/"}], "satellites[0].proxy_url"),
        ([{"domain": "example.dev", "proxy_url": "https://example.dev@evil.example"}], "satellites[0].proxy"),
        ([{"domain": "example.dev", "proxy_url": "https://example.dev/x?y"}], "satellites[0].proxy_url"),
        ([{"domain": "example.dev"}, {"domain": "app.example.dev"}], "satellites[1].domain"),
        ([{"domain": "example.dev"}, {"domain": "example.dev"}], "satellites[1].domain"),
        ([{"domain": "example.com"}], "satellites[0].domain"),
        ([{"domain": "shop.example.com"}], "satellites[0].domain"),
        ([{"domain": "com"}], "satellites[0].domain"),
        ([{"host": "clerk.example.dev"}], "satellites[0]"),
        ([{"domain": "example.dev", "colour": 1}], "satellites[0].colour"),
    ],
)
async def test_mistake_is_told_with_its_path_and_nothing_is_written(
    production: TestServer, satellites: list[dict[str, Any]], path: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        await update(production, satellites=satellites)

    assert str(refused.value).startswith(path)
    assert await update(production) == []


async def test_host_of_another_instance_is_refused(production: TestServer) -> None:
    await production.neighbour()

    with pytest.raises(SettingsError, match=r"satellites\[0\]\.host: .* belongs to instance ins_"):
        await update(production, "example.com", satellites=[{"domain": "next-door-7.localhost"}])


async def test_host_is_the_primary_domains_or_a_satellites_not_both(production: TestServer) -> None:
    await update(production, satellites=[{"domain": "example.dev"}])

    with pytest.raises(SettingsError, match=r"hosts\[0\]: clerk\.example\.dev is a satellite's"):
        await update(production, hosts=["clerk.example.dev"])


async def test_new_domain_must_fit_the_satellites_that_are_there(production: TestServer) -> None:
    await update(production, satellites=[{"domain": "example.dev"}])

    with pytest.raises(SettingsError, match=r"satellites\[0\]\.domain"):
        await update(production, domain="app.example.dev")


async def test_pages_of_a_satellite_may_call_without_being_listed(production: TestServer) -> None:
    origins = {
        "https://example.dev": 200,
        "https://app.example.dev": 200,
        "http://app.example.dev": 403,
        "https://notexample.dev": 403,
        "https://example.dev.evil.example": 403,
        APP_ORIGIN: 403,
    }
    await update(production, satellites=[{"domain": "example.dev"}])
    await production.app.poll()

    for origin, status in origins.items():
        response = await production.browser(origin=origin, base_url="https://clerk.example.com").get(
            "/v1/client"
        )
        assert response.status_code == status, origin
