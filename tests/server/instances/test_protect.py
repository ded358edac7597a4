"""Settings of a risk assessment that is not built: stored, and without any effect."""

from __future__ import annotations

from tests.support.answers import error_of
from tests.support.server import TestServer


async def test_settings_are_stored(server: TestServer) -> None:
    backend = server.backend()
    before = (await backend.get("/v1/instance/protect")).json()

    changed = await backend.patch("/v1/instance/protect", rules_enabled=True)
    other = await backend.patch("/v1/instance/protect", specter_enabled=True, rules_enabled=None)

    assert before == {
        "object": "instance_protect",
        "rules_enabled": False,
        "specter_enabled": False,
        "checks_bypassed": False,
    }
    assert changed.json() == before | {"rules_enabled": True}
    assert other.json() == before | {"rules_enabled": True, "specter_enabled": True}
    assert (await backend.get("/v1/instance/protect")).json() == other.json()


async def test_they_refuse_no_sign_up_and_no_sign_in(server: TestServer) -> None:
    await server.backend().patch("/v1/instance/protect", rules_enabled=True, specter_enabled=True)
    await server.app.reload()

    await server.browser().sign_up()
    signed_in = await server.browser().sign_in()

    assert len(signed_in["sessions"]) == 1


async def test_settings_of_another_instance_stay(server: TestServer) -> None:
    neighbour = await server.neighbour()

    await server.backend().patch("/v1/instance/protect", rules_enabled=True)

    assert (await neighbour.get("/v1/instance/protect")).json()["rules_enabled"] is False


async def test_wrong_types_and_unknown_parameters_are_refused(server: TestServer) -> None:
    backend = server.backend()

    wrong = await backend.patch("/v1/instance/protect", rules_enabled="yes")
    unknown = await backend.patch("/v1/instance/protect", gate=True)

    assert (wrong.status_code, error_of(unknown)) == (422, (422, "form_param_unknown", "gate"))
