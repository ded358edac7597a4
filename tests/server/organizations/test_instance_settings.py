"""The instance's settings of organizations, by the Backend API."""

from __future__ import annotations

from typing import Any

from tests.support.answers import error_of, errors_of
from tests.support.organizations import Person, add_organization, add_role
from tests.support.server import TestServer

PATH = "/v1/instance/organization_settings"


async def test_backend_switches_organizations_on_and_off(server: TestServer) -> None:
    backend = server.backend()
    before = (await backend.get(PATH)).json()

    on = (await backend.patch(PATH, enabled=True, max_allowed_memberships=0, slug_disabled=True)).json()
    await server.app.poll()
    made = await add_organization(backend)
    off = (await backend.patch(PATH, enabled=False)).json()
    await server.app.poll()

    assert (before["enabled"], before["max_allowed_memberships"], before["creator_role"]) == (
        False,
        5,
        "org:admin",
    )
    assert on == before | {"enabled": True, "max_allowed_memberships": 0, "slug_disabled": True}
    assert made["max_allowed_memberships"] == 0
    assert off == on | {"enabled": False}
    assert (await backend.get(PATH)).json() == off
    refused = await backend.get(f"/v1/organizations/{made['id']}")
    assert error_of(refused)[:2] == (403, "organization_not_enabled_in_instance")


async def test_null_and_absent_change_nothing(enabled: TestServer) -> None:
    backend = enabled.backend()
    before = (await backend.get(PATH)).json()

    answer = await backend.patch(PATH, enabled=None, creator_role_id=None, admin_delete_enabled=None)

    assert (answer.status_code, answer.json()) == (200, before)


async def test_creators_role_is_chosen_by_id(enabled: TestServer, ada: Person) -> None:
    backend = enabled.backend()
    needed = ("org:sys_memberships:manage", "org:sys_memberships:read", "org:sys_profile:delete")
    owner, guest = await add_role(backend, "org:owner", *needed), await add_role(backend, "org:guest")

    weak = await backend.patch(PATH, creator_role_id=guest["id"])
    unknown = await backend.patch(PATH, creator_role_id="role_unknown")
    chosen = await backend.patch(PATH, creator_role_id=owner["id"])
    await enabled.app.poll()
    await add_organization(backend, created_by=ada.user_id)

    assert error_of(weak)[:2] == (422, "organization_missing_creator_role_permissions")
    assert error_of(unknown) == (404, "resource_not_found", "creator_role_id")
    assert chosen.json()["creator_role"] == "org:owner"
    own = (await ada.browser.get("/v1/me/organization_memberships")).json()["response"]
    assert own[0]["role"] == "org:owner"


async def test_domains_are_refused_by_name(enabled: TestServer) -> None:
    backend = enabled.backend()
    asked: dict[str, Any] = {
        "domains_enabled": True,
        "domains_enrollment_modes": ["automatic_invitation"],
        "domains_default_role_id": "role_1",
    }

    answer = await backend.patch(PATH, **asked)

    assert errors_of(answer) == dict.fromkeys(asked, "form_param_unknown")
    assert (await backend.patch(PATH, domains_enabled=False)).status_code == 200
