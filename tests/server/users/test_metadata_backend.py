"""Metadata: merged by one operation, replaced by another, and part of the user before 2026-05-12."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import Backend, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def test_merging_keeps_what_is_not_named_and_null_removes_at_any_depth(backend: Backend) -> None:
    user = await backend.add_user(
        public_metadata={"a": {"b": 1, "c": 2}, "d": 3}, private_metadata={"kept": True}
    )

    response = await backend.patch(
        f"/v1/users/{user['id']}/metadata",
        public_metadata={"a": {"b": None, "x": [1, {"y": None}]}, "d": None},
    )

    assert response.json()["public_metadata"] == {"a": {"c": 2, "x": [1, {"y": None}]}}
    assert response.json()["private_metadata"] == {"kept": True}


async def test_merges_at_once_lose_nothing(backend: Backend) -> None:
    user = await backend.add_user()
    path = f"/v1/users/{user['id']}"

    await asyncio.gather(
        *(backend.patch(f"{path}/metadata", public_metadata={f"key{n}": n}) for n in range(8))
    )

    merged = (await backend.get(path)).json()["public_metadata"]
    assert merged == {f"key{n}": n for n in range(8)}


async def test_replacing_discards_what_a_given_document_had(backend: Backend) -> None:
    user = await backend.add_user(public_metadata={"a": 1}, private_metadata={"kept": True})

    response = await backend.put(f"/v1/users/{user['id']}/metadata", public_metadata={"b": None})

    assert response.json()["public_metadata"] == {"b": None}
    assert response.json()["private_metadata"] == {"kept": True}


async def test_document_that_grows_too_large_by_merging_stays_as_it_was(backend: Backend) -> None:
    user = await backend.add_user(public_metadata={"a": "x" * 5000})
    path = f"/v1/users/{user['id']}"

    response = await backend.patch(f"{path}/metadata", public_metadata={"b": "x" * 5000})

    assert error_of(response) == (422, "form_param_exceeds_allowed_size", "public_metadata")
    assert (await backend.get(path)).json()["public_metadata"] == {"a": "x" * 5000}


DOCUMENTS = ("public_metadata", "private_metadata", "unsafe_metadata")


async def test_update_before_2026_05_12_replaces_metadata(server: TestServer) -> None:
    backend = server.backend(version="2025-11-10")
    user = await backend.add_user(**{name: {"a": 1} for name in DOCUMENTS})

    for name in DOCUMENTS:
        response = await backend.patch(f"/v1/users/{user['id']}", **{name: {"b": 2}})

        assert response.json()[name] == {"b": 2}


async def test_update_since_2026_05_12_names_the_operation_for_metadata(backend: Backend) -> None:
    user = await backend.add_user(**{name: {"a": 1} for name in DOCUMENTS})

    for name in DOCUMENTS:
        response = await backend.patch(f"/v1/users/{user['id']}", first_name="Eve", **{name: {"b": 2}})

        assert error_of(response) == (422, "form_param_unknown", name)
        assert "PATCH /v1/users/{user_id}/metadata" in response.json()["errors"][0]["long_message"]
    assert (await backend.get(f"/v1/users/{user['id']}")).json() == user


async def test_metadata_nested_without_end_is_refused(backend: Backend) -> None:
    document: dict[str, Any] = {}
    for _ in range(150):
        document = {"a": document}

    response = await backend.post(
        "/v1/users",
        email_address=["ada@example.com"],
        skip_password_requirement=True,
        unsafe_metadata=document,
    )

    assert error_of(response) == (422, "form_param_exceeds_allowed_size", "unsafe_metadata")
