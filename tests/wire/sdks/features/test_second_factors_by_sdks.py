"""Second factors of users by the unmodified official SDKs for Node.js and Python."""

from __future__ import annotations

import time
from collections.abc import Iterator

import bcrypt
import pytest
from clerk_backend_api import Clerk, models

from greffier.server.crypto.time_based_codes import new_totp_secret
from tests.support.factors.authenticator_apps import code_of
from tests.support.services.node import NodeSdk
from tests.support.services.processes import Serving, apply_settings, greffier_dev
from tests.wire.sdks.features.test_phone_numbers_by_sdks import (
    SETTINGS,
    Node,
    new_number,
    new_user,
    refusal,
)

pytestmark = pytest.mark.sdk

FACTORS = f"""{SETTINGS}
[attributes.authenticator_app]
enabled = true

[attributes.backup_code]
enabled = true
"""


@pytest.fixture(scope="module")
def factors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with greffier_dev(tmp_path_factory.mktemp("factors")) as serving:
        apply_settings(serving.data, serving.url, FACTORS)
        yield serving


@pytest.fixture
def node(node_sdk: NodeSdk, factors: Serving) -> Node:
    return Node(node_sdk, factors)


@pytest.fixture
def python(factors: Serving) -> Iterator[Clerk]:
    with Clerk(bearer_auth=factors.secret_key, server_url=f"{factors.url}/v1") as clerk:
        yield clerk


def now_code(secret: str) -> str:
    return code_of(secret, seconds=int(time.time()))


def test_node_sdk_creates_users_with_factors_and_checks_their_codes(node: Node) -> None:
    secret = new_totp_secret()
    digest = bcrypt.hashpw(b"Xy-99", bcrypt.gensalt(4)).decode()
    fields = {"skipPasswordRequirement": True, "skipUserRequirement": True}
    user = node.call("users.createUser", {"totpSecret": secret, "backupCodes": ["spare-1", digest], **fields})
    code = now_code(secret)

    by_app = node.call("users.verifyTOTP", {"userId": user["id"], "code": code})
    again = node.refusal("users.verifyTOTP", {"userId": user["id"], "code": code})
    plain = node.call("users.verifyTOTP", {"userId": user["id"], "code": "SPARE1"})
    hashed = node.call("users.verifyTOTP", {"userId": user["id"], "code": "Xy-99"})
    used_up = node.refusal("users.verifyTOTP", {"userId": user["id"], "code": "Xy-99"})

    assert (user["totpEnabled"], user["backupCodeEnabled"], user["twoFactorEnabled"]) == (True, True, True)
    assert (by_app["verified"], by_app["code_type"]) == (True, "totp")
    assert again == used_up == (422, "totp_incorrect_code")
    assert plain["code_type"] == hashed["code_type"] == "backup_code"


@pytest.mark.parametrize("method", ["disableUserMFA", "deleteUserTOTP", "deleteUserBackupCodes"])
def test_node_sdk_removes_factors(node: Node, method: str) -> None:
    fields = {"skipPasswordRequirement": True, "skipUserRequirement": True}
    secret = new_totp_secret()
    user = node.call("users.createUser", {"totpSecret": secret, "backupCodes": ["spare-1"], **fields})

    node.call(f"users.{method}", user["id"])

    left = node.call("users.getUser", user["id"])
    assert left["backupCodeEnabled"] is False
    assert left["totpEnabled"] is left["twoFactorEnabled"] is (method == "deleteUserBackupCodes")


def test_node_sdk_is_told_of_a_user_without_an_app_and_of_no_user(node: Node, python: Clerk) -> None:
    user = new_user(python, new_number())

    without = node.refusal("users.verifyTOTP", {"userId": user.id, "code": "123456"})
    unknown = node.refusal("users.disableUserMFA", "user_unknown")

    assert (without, unknown) == ((400, "totp_disabled"), (404, "resource_not_found"))


def test_node_sdk_does_not_reserve_an_unverified_number(node: Node, python: Clerk) -> None:
    user = new_user(python, new_number())
    fields = {"userId": user.id, "phoneNumber": new_number(), "reservedForSecondFactor": True}

    made = node.refusal("phoneNumbers.createPhoneNumber", fields)

    assert made == (400, "identification_create_second_factor_unverified")


def test_python_sdk_creates_updates_and_checks(python: Clerk) -> None:
    first, second = new_totp_secret(), new_totp_secret()
    user = new_user(python, new_number(), totp_secret=first, backup_codes=["spare-1"])

    by_app = python.users.verify_totp(user_id=user.id, code=now_code(first))
    python.users.update(user_id=user.id, totp_secret=second, backup_codes=["spare-2"])
    with pytest.raises(models.SDKError) as old:  # the contract has no body for it
        python.users.verify_totp(user_id=user.id, code="spare-1")
    new = python.users.verify_totp(user_id=user.id, code=now_code(second))

    assert (by_app.verified, by_app.code_type) == (True, models.CodeType.TOTP)
    assert (old.value.raw_response.status_code, new.verified) == (422, True)
    assert "totp_incorrect_code" in old.value.body
    refused = refusal(lambda: new_user(python, new_number(), totp_secret="not base32!"))
    assert refused == (422, "invalid_totp_secret_code")


def test_python_sdk_reserves_numbers_and_removes_every_factor(python: Clerk) -> None:
    user = new_user(python, new_number(), new_number(), totp_secret=new_totp_secret())
    number = user.phone_numbers[1].id

    reserved = python.phone_numbers.update(phone_number_id=number, reserved_for_second_factor=True)
    python.users.delete_totp(user_id=user.id)
    kept = python.users.get(user_id=user.id)
    python.users.disable_mfa(user_id=user.id)
    left = python.users.get(user_id=user.id)
    python.users.delete_backup_codes(user_id=user.id)

    assert (reserved.reserved_for_second_factor, reserved.default_second_factor) == (True, True)
    assert (kept.two_factor_enabled, left.two_factor_enabled) == (True, False)
    assert left.mfa_enabled_at is not None
    assert left.mfa_disabled_at is not None
    assert not any(one.reserved_for_second_factor for one in left.phone_numbers)


def test_python_sdk_does_not_reserve_an_unverified_number(python: Clerk) -> None:
    user = new_user(python, new_number())
    made = python.phone_numbers.create(request={"user_id": user.id, "phone_number": new_number()})
    assert made is not None

    refused = refusal(
        lambda: python.phone_numbers.update(phone_number_id=made.id or "", reserved_for_second_factor=True)
    )

    assert refused == (400, "identification_update_second_factor_unverified")
