"""Handlers and the list of published operations, compared with the published contract."""

from __future__ import annotations

import re

import pytest

from greffier.server.app import declare_operations
from greffier.server.web.operations.declaration import Face, backend_api, frontend_api
from greffier.server.web.operations.routing import published_operations
from tests.support.contract.deviation_kinds import ExtraOperation
from tests.support.contract.deviations import DEVIATIONS
from tests.support.contract.published import operations

FACES = [("fapi", frontend_api), ("bapi", backend_api)]
BEYOND_THE_CONTRACT = {
    *(
        "list_biometric_credentials",
        "prepare_biometric_credential",
        "attempt_biometric_credential",
        "revoke_biometric_credential",
    ),
    *("list_token_gates", "read_token_gates"),  # why a gate is shut
    "get_handshake_payload",  # what `@clerk/backend` calls to redeem a nonce
    "get_internal_interstitial",  # what SDKs of 2022-23 fetch with their secret key
    "verify_session",  # what SDKs of before 2025-04-10 ask for
    "get_host_health",  # what `greffier doctor` asks each host for
    "touch_client",  # where the browser SDK goes when its cookie is about to expire
}


def shape(path: str) -> str:
    return re.sub(r"{\w+}", "{}", path)


def snake(name: str) -> str:
    name = name.replace("M2M", "M2m")
    words = re.sub(r"([A-Z]+)([A-Z][a-z])|([a-z0-9])([A-Z])", r"\1\3_\2\4", name)
    return words.lower()


@pytest.mark.parametrize(("contract", "face"), FACES, ids=["fapi", "bapi"])
def test_every_published_operation_has_a_route(contract: str, face: Face) -> None:
    prefix = "/v1" if contract == "bapi" else ""
    extra = {row.operation for row in DEVIATIONS if isinstance(row, ExtraOperation)}
    published = {
        (o.method, prefix + o.path, o.operation_id)
        for o in operations(contract)
        if o.operation_id not in extra
    }

    assert {(o.method, o.path, o.operation_id) for o in published_operations(face)} == published


@pytest.mark.parametrize(("contract", "face"), FACES, ids=["fapi", "bapi"])
def test_handlers_are_named_after_their_operation(contract: str, face: Face) -> None:
    declare_operations()
    names = {(o.method, shape(o.path)): snake(o.operation_id) for o in published_operations(face)}

    for operation in face.operations:
        if operation.name not in BEYOND_THE_CONTRACT:
            assert operation.name == names[operation.method, shape(operation.path)]


def test_no_operation_is_declared_twice() -> None:
    declare_operations()

    for _, face in FACES:
        declared = [(o.method, shape(o.path)) for o in face.operations]
        assert len(declared) == len(set(declared))
