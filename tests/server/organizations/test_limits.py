"""Limits on changes of organizations, memberships and invitations: the documented figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.organizations import add_member, add_organization, enable_organizations
from tests.support.server import LIVE_SECRET_KEY, PRODUCTION, Backend, TestServer, running

LIMITED = (429, "too_many_requests")


@pytest.fixture
async def production(production_database: str) -> AsyncIterator[TestServer]:
    """With the true figures."""
    async with running(production_database, PRODUCTION, show_inbox=False, rate_limit_scale=1.0) as started:
        await enable_organizations(started)
        yield started


@pytest.fixture
def backend(production: TestServer) -> Backend:
    return production.backend(secret_key=LIVE_SECRET_KEY)


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("PATCH", "/metadata"), ("PUT", "/metadata")])
async def test_organization_is_changed_ten_times_in_ten_seconds(
    production: TestServer, backend: Backend, method: str, path: str
) -> None:
    first, second = await add_organization(backend), await add_organization(backend)

    async def change(organization: dict[str, Any]) -> Any:
        return await backend.call(method, f"/v1/organizations/{organization['id']}{path}", {})

    statuses = [(await change(first)).status_code for _ in range(10)]
    over = await change(first)
    other = await change(second)
    production.clock.advance(seconds=10)

    assert (statuses, other.status_code) == ([200] * 10, 200)
    assert error_of(over)[:2] == LIMITED
    assert (await change(first)).status_code == 200


@pytest.mark.parametrize(("path", "body"), [("", {"role": "org:member"}), ("/metadata", {})])
async def test_membership_is_changed_ten_times_in_ten_seconds(
    backend: Backend, path: str, body: dict[str, Any]
) -> None:
    organization = await add_organization(backend)
    users = [await backend.add_user(f"user{number}@example.com") for number in range(2)]
    for user in users:
        await add_member(backend, organization, user["id"])

    async def change(user: dict[str, Any]) -> Any:
        members = f"/v1/organizations/{organization['id']}/memberships"
        return await backend.call("PATCH", f"{members}/{user['id']}{path}", body)

    statuses = [(await change(users[0])).status_code for _ in range(10)]

    assert statuses == [200] * 10
    assert error_of(await change(users[0]))[:2] == LIMITED
    assert (await change(users[1])).status_code == 200, "another member of the same organization"


@pytest.mark.parametrize(("path", "times"), [("", 250), ("/bulk", 50)])
async def test_only_so_many_are_invited_in_an_hour(
    production: TestServer, backend: Backend, path: str, times: int
) -> None:
    organization = await add_organization(backend)

    async def invite() -> Any:
        body: Any = [] if path else {"email_address": "unknown", "role": "org:member"}
        return await backend.call("POST", f"/v1/organizations/{organization['id']}/invitations{path}", body)

    statuses = {(await invite()).status_code for _ in range(times)}
    over = await invite()
    production.clock.advance(seconds=3601)

    assert statuses == {422}
    assert error_of(over)[:2] == LIMITED
    assert (await invite()).status_code == 422
