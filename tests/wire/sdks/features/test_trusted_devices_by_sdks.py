"""Trusted devices of users by the official SDK for Python. That for JavaScript has no such methods."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from clerk_backend_api import Clerk, models

from tests.support.factors.trusted_devices import APP, Device
from tests.support.services.processes import Serving, apply_settings

pytestmark = pytest.mark.sdk
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def with_devices(dev_server: Serving) -> Iterator[Serving]:
    apply_settings(dev_server.data, dev_server.url, f'[native]\ntrusted_devices = true\nios = ["{APP}"]\n')
    yield dev_server
    apply_settings(dev_server.data, dev_server.url, "")


@pytest.fixture
def owner(with_devices: Serving) -> tuple[str, str]:
    """Ids of a user and their device."""
    ada, device = with_devices.sign_up(f"device{next(_numbers)}+clerk_test@example.com"), Device()
    headers = {"origin": ada.origin, "cookie": f"__client={ada.client_cookie}"}
    with with_devices.http(headers=headers) as http:
        prepared = http.post("/v1/me/trusted_devices/prepare", data=device.described()).raise_for_status()
        text: str = prepared.json()["response"]["client_data"]
        proof = device.described(client_data=text, signature=device.sign(text))
        enrolled = http.post("/v1/me/trusted_devices/attempt", data=proof).raise_for_status()
    return ada.user_id, enrolled.json()["response"]["id"]


def test_device_is_listed_and_revoked_in_python(sdk: Clerk, owner: tuple[str, str]) -> None:
    user_id, device_id = owner
    keys: dict[str, Any] = {"user_id": user_id, "trusted_device_id": device_id}

    listed = sdk.users.list_trusted_devices(user_id=user_id)
    revoked = sdk.users.revoke_trusted_device(**keys)
    with pytest.raises(models.ClerkErrors) as again:
        sdk.users.revoke_trusted_device(**keys)

    assert [(one.id, one.app_identifier, one.status) for one in listed.data] == [(device_id, APP, "active")]
    assert (revoked.id, revoked.status) == (device_id, "revoked")
    assert again.value.data.errors[0].code == "resource_not_found"
    assert sdk.users.list_trusted_devices(user_id=user_id).total_count == 0
