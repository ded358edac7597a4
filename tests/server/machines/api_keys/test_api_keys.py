"""API keys as an application's backend makes, lists, changes and removes them."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from greffier.server.machines.api_keys import lifecycle as api_keys
from tests.support.answers import error_of, errors_of
from tests.support.server import Backend, TestServer

UNKNOWN_USER = "user_" + "0" * 27


@pytest.fixture
async def user_id(backend: Backend) -> str:
    return (await backend.add_user())["id"]


async def create(backend: Backend, user_id: str, name: str = "deploy", **fields: Any) -> dict[str, Any]:
    response = await backend.post("/v1/api_keys", name=name, subject=user_id, **fields)
    assert response.status_code == 200, response.text
    return response.json()


async def names(backend: Backend, user_id: str, **query: Any) -> list[str]:
    response = await backend.get("/v1/api_keys", subject=user_id, **query)
    assert response.status_code == 200, response.text
    return [key["name"] for key in response.json()["data"]]


# --- making -------------------------------------------------------------------------------------------------


async def test_key_is_made_with_defaults_and_found_again_without_its_secret(
    server: TestServer, backend: Backend, user_id: str
) -> None:
    made = await create(backend, user_id)

    secret = made.pop("secret")
    assert re.fullmatch(r"ak_[\w-]{43}", secret)
    assert made == {
        "object": "api_key",
        "id": made["id"],
        "type": "api_key",
        "subject": user_id,
        "name": "deploy",
        "description": None,
        "claims": None,
        "scopes": [],
        "revoked": False,
        "revocation_reason": None,
        "expired": False,
        "expiration": None,
        "created_by": None,
        "last_used_at": None,
        "created_at": pytest.approx(server.clock.now_ms(), abs=5000),
        "updated_at": made["created_at"],
    }
    assert (await backend.get(f"/v1/api_keys/{made['id']}")).json() == made
    assert (await backend.get(f"/v1/api_keys/{made['id'].replace('ak_', 'api_key_')}")).json() == made


async def test_key_carries_what_it_was_given(backend: Backend, user_id: str) -> None:
    given = {
        "type": "robot",
        "description": "It deploys.",
        "claims": {"role": "deployer", "levels": [1, {"a": None}]},
        "scopes": ["read", "write"],
        "created_by": user_id,
    }

    made = await create(backend, user_id, seconds_until_expiration=90.5, **given)

    assert {name: made[name] for name in given} == given
    assert made["expiration"] == made["created_at"] + 90_500
    assert (await backend.get(f"/v1/api_keys/{made['id']}")).json()["claims"] == given["claims"]


@pytest.mark.parametrize("claims", [None, False, 0, -1.5, "", "0", [], {}, [None]])
async def test_claims_may_be_any_json(backend: Backend, user_id: str, claims: Any) -> None:
    made = await create(backend, user_id, claims=claims)

    found = (await backend.get(f"/v1/api_keys/{made['id']}")).json()["claims"]
    assert (type(found), found) == (type(claims), claims)


async def test_sdks_that_speak_an_older_date_are_answered_201(server: TestServer, user_id: str) -> None:
    older = server.backend(version="2025-11-10")

    response = await older.post("/v1/api_keys", name="deploy", subject=user_id)

    assert (response.status_code, response.headers["content-type"]) == (201, "application/json")
    assert response.json()["secret"].startswith("ak_")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": "ab"}, "name"),
        ({"name": " deploy"}, "name"),
        ({"name": "deploy\n"}, "name"),
        ({"name": "d" * 256}, "name"),
        ({"name": None}, "name"),
        ({"description": "d" * 256}, "description"),
        ({"type": "ab"}, "type"),
        ({"type": "t" * 26}, "type"),
        ({"scopes": "read"}, "scopes"),
        ({"scopes": [1]}, "scopes"),
        ({"scopes": ["s"] * 101}, "scopes"),
        ({"claims": "c" * 9000}, "claims"),
        ({"seconds_until_expiration": 0}, "seconds_until_expiration"),
        ({"seconds_until_expiration": -1}, "seconds_until_expiration"),
        ({"seconds_until_expiration": 1e300}, "seconds_until_expiration"),
        ({"seconds_until_expiration": "60"}, "seconds_until_expiration"),
        ({"subject": "ada"}, "subject"),
        ({"subject": UNKNOWN_USER}, "subject"),
        ({"subject": UNKNOWN_USER + "\n"}, "subject"),
        ({"subject": "org_" + "0" * 27}, "subject"),
        ({"created_by": UNKNOWN_USER}, "created_by"),
        ({"secret": "ak_mine"}, "secret"),
        ({"revoked": False}, "revoked"),
    ],
)
async def test_wrong_parameter_is_refused_by_name(
    backend: Backend, user_id: str, fields: dict[str, Any], param: str
) -> None:
    body = {"name": "deploy", "subject": user_id} | fields

    assert error_of(await backend.post("/v1/api_keys", **body))[::2] == (400, param)
    assert await names(backend, user_id) == []


async def test_everything_wrong_is_told_at_once(backend: Backend) -> None:
    missing = await backend.post("/v1/api_keys")
    malformed = await backend.post("/v1/api_keys", name="ab", subject="ada", scopes=1)

    assert errors_of(missing) == dict.fromkeys(("name", "subject"), "form_param_missing")
    assert errors_of(malformed) == {
        "name": "form_param_format_invalid",
        "subject": "form_param_format_invalid",
        "scopes": "form_param_type_invalid",
    }


async def test_claims_too_deep_to_handle_are_refused(backend: Backend, user_id: str) -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]

    refused = await backend.post("/v1/api_keys", name="deploy", subject=user_id, claims=deep)

    assert error_of(refused) == (400, "form_param_exceeds_allowed_size", "claims")


async def test_name_is_taken_while_a_key_of_it_works(
    server: TestServer, backend: Backend, user_id: str
) -> None:
    first = await create(backend, user_id)
    eve = (await backend.add_user("eve@example.com"))["id"]

    again = await backend.post("/v1/api_keys", name="deploy", subject=user_id)
    assert error_of(again)[:2] == (409, "token_creation_conflict")
    await create(backend, eve)
    await create(backend, user_id, type="robot")

    await backend.post(f"/v1/api_keys/{first['id']}/revoke")
    await create(backend, user_id, seconds_until_expiration=60)
    server.clock.advance(seconds=61)
    await create(backend, user_id)


async def test_of_keys_with_one_name_made_at_once_one_is_kept(backend: Backend, user_id: str) -> None:
    answers = await asyncio.gather(
        *(backend.post("/v1/api_keys", name="deploy", subject=user_id) for _ in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]
    assert await names(backend, user_id, include_invalid="true") == ["deploy"]


async def test_subject_has_so_many_working_keys_at_most(
    backend: Backend, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS", 2)
    first = await create(backend, user_id, "first")
    await create(backend, user_id, "second")

    third = await backend.post("/v1/api_keys", name="third", subject=user_id)
    assert error_of(third)[:2] == (400, "token_quota_exceeded")

    await backend.delete(f"/v1/api_keys/{first['id']}")
    await create(backend, user_id, "third")


# --- lists --------------------------------------------------------------------------------------------------


async def test_list_is_newest_first_and_in_pages(server: TestServer, backend: Backend, user_id: str) -> None:
    for number in range(12):
        await create(backend, user_id, f"key {number:02}")
        server.clock.advance(seconds=1)

    page = (await backend.get("/v1/api_keys", subject=user_id)).json()
    assert ([key["name"] for key in page["data"]][::9], page["total_count"]) == (["key 11", "key 02"], 12)
    assert "secret" not in page["data"][0]
    assert await names(backend, user_id, limit=2, offset=10) == ["key 01", "key 00"]
    assert await names(backend, user_id, limit="2.0", offset="10.0") == ["key 01", "key 00"]
    assert len(await names(backend, user_id, limit=100, offset="")) == 12
    assert await names(backend, user_id, offset=12) == []


async def test_list_hides_what_does_not_work_unless_asked(
    server: TestServer, backend: Backend, user_id: str
) -> None:
    revoked = await create(backend, user_id, "revoked")
    await create(backend, user_id, "expired", seconds_until_expiration=60)
    await create(backend, user_id, "working", seconds_until_expiration=120)
    await backend.post(f"/v1/api_keys/{revoked['id']}/revoke")
    server.clock.advance(seconds=60)

    assert await names(backend, user_id) == ["working"]
    assert await names(backend, user_id, include_invalid="false") == ["working"]
    everything = (await backend.get("/v1/api_keys", subject=user_id, include_invalid="true")).json()
    states = {key["name"]: (key["revoked"], key["expired"]) for key in everything["data"]}
    assert states == {"working": (False, False), "expired": (False, True), "revoked": (True, False)}
    assert everything["total_count"] == 3


async def test_list_is_searched_by_name_and_has_one_type(backend: Backend, user_id: str) -> None:
    for name in ("Deploy 100%", "deploy", "Überwachung"):
        await create(backend, user_id, name)
    await create(backend, user_id, "deploy", type="robot")

    assert set(await names(backend, user_id, query="DEPLOY")) == {"Deploy 100%", "deploy"}
    assert await names(backend, user_id, query="100%") == ["Deploy 100%"]
    assert await names(backend, user_id, query="_") == []
    assert await names(backend, user_id, query="überw") == ["Überwachung"]
    assert len(await names(backend, user_id, query="")) == 3
    assert await names(backend, user_id, type="robot") == ["deploy"]


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "nan"}, "limit"),
        ({"offset": -1}, "offset"),
        ({"offset": "inf"}, "offset"),
        ({"include_invalid": "maybe"}, "include_invalid"),
        ({"type": "ab"}, "type"),
        ({"subject": "ada"}, "subject"),
    ],
)
async def test_wrong_query_is_refused_by_name(
    backend: Backend, user_id: str, query: dict[str, Any], param: str
) -> None:
    assert error_of(await backend.get("/v1/api_keys", **({"subject": user_id} | query)))[::2] == (400, param)


async def test_list_is_of_a_subject_that_exists(backend: Backend) -> None:
    assert error_of(await backend.get("/v1/api_keys"))[::2] == (400, "subject")
    for unknown in (UNKNOWN_USER, "org_" + "0" * 27, "mch_" + "0" * 27, "scim_" + "0" * 27):
        assert error_of(await backend.get("/v1/api_keys", subject=unknown))[:2] == (404, "resource_not_found")


# --- changing and removing ----------------------------------------------------------------------------------


async def test_update_changes_what_it_names_and_keeps_the_rest(
    server: TestServer, backend: Backend, user_id: str
) -> None:
    eve = (await backend.add_user("eve@example.com"))["id"]
    made = await create(backend, user_id, description="old", scopes=["read"], claims={"a": 1})
    path = f"/v1/api_keys/{made['id']}"
    server.clock.advance(seconds=5)

    nothing = (await backend.patch(path)).json()
    changed = (await backend.patch(path, scopes=[], claims=None, seconds_until_expiration=60)).json()
    moved = (await backend.patch(path, description=None, subject=eve, seconds_until_expiration=None)).json()

    assert (nothing["description"], nothing["scopes"], nothing["claims"]) == ("old", ["read"], {"a": 1})
    assert nothing["updated_at"] >= nothing["created_at"] + 5000
    assert (changed["description"], changed["scopes"], changed["claims"]) == ("old", [], None)
    assert changed["expiration"] == changed["updated_at"] + 60_000
    assert (moved["description"], moved["subject"], moved["expiration"]) == (None, eve, None)
    assert (await backend.get(path)).json() == moved
    assert (await names(backend, user_id), await names(backend, eve)) == ([], ["deploy"])


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": "other"}, "name"),
        ({"description": 1}, "description"),
        ({"scopes": None}, "scopes"),
        ({"claims": "c" * 9000}, "claims"),
        ({"subject": UNKNOWN_USER}, "subject"),
        ({"subject": None}, "subject"),
        ({"seconds_until_expiration": 0}, "seconds_until_expiration"),
    ],
)
async def test_wrong_change_is_refused_and_changes_nothing(
    backend: Backend, user_id: str, fields: dict[str, Any], param: str
) -> None:
    made = await create(backend, user_id)
    path = f"/v1/api_keys/{made['id']}"

    refused = await backend.patch(path, **({"description": "new"} | fields))

    assert error_of(refused)[::2] == (400, param)
    assert (await backend.get(path)).json()["description"] is None


async def test_revocation_is_final_and_keeps_its_first_reason(backend: Backend, user_id: str) -> None:
    path = f"/v1/api_keys/{(await create(backend, user_id))['id']}"

    first = (await backend.post(f"{path}/revoke", revocation_reason="It leaked.")).json()
    second = (await backend.post(f"{path}/revoke", revocation_reason="Again.")).json()
    extended = (await backend.patch(path, seconds_until_expiration=60)).json()

    assert (first["revoked"], first["revocation_reason"]) == (True, "It leaked.")
    assert second == first
    assert extended["revoked"] is True
    assert error_of(await backend.post(f"{path}/revoke", revocation_reason=1))[::2] == (
        400,
        "revocation_reason",
    )


async def test_secret_is_shown_on_request_until_the_key_is_revoked(backend: Backend, user_id: str) -> None:
    made = await create(backend, user_id)
    path = f"/v1/api_keys/{made['id']}"

    assert (await backend.get(f"{path}/secret")).json() == {"secret": made["secret"]}

    await backend.post(f"{path}/revoke")
    assert error_of(await backend.get(f"{path}/secret"))[:2] == (404, "resource_not_found")


async def test_deleted_key_is_gone(backend: Backend, user_id: str) -> None:
    made = await create(backend, user_id)
    path = f"/v1/api_keys/{made['id']}"

    assert (await backend.delete(path)).json() == {"object": "api_key", "id": made["id"], "deleted": True}

    for answer in (
        await backend.get(path),
        await backend.get(f"{path}/secret"),
        await backend.patch(path, description="new"),
        await backend.post(f"{path}/revoke"),
        await backend.delete(path),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    await create(backend, user_id)


async def test_keys_end_with_their_user(backend: Backend, user_id: str) -> None:
    made = await create(backend, user_id)

    await backend.delete(f"/v1/users/{user_id}")

    assert error_of(await backend.get(f"/v1/api_keys/{made['id']}"))[0] == 404
    assert error_of(await backend.post("/v1/api_keys/verify", secret=made["secret"]))[0] == 404
    assert error_of(await backend.get("/v1/api_keys", subject=user_id))[0] == 404


async def test_another_instance_neither_sees_nor_changes_nor_verifies_a_key(
    server: TestServer, backend: Backend, user_id: str
) -> None:
    made = await create(backend, user_id)
    neighbour, path = await server.neighbour(), f"/v1/api_keys/{made['id']}"

    for answer in (
        await neighbour.get("/v1/api_keys", subject=user_id),
        await neighbour.get(path),
        await neighbour.get(f"{path}/secret"),
        await neighbour.patch(path, description="mine"),
        await neighbour.post(f"{path}/revoke"),
        await neighbour.delete(path),
        await neighbour.post("/v1/api_keys/verify", secret=made["secret"]),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    stolen = await neighbour.post("/v1/api_keys", name="deploy", subject=user_id)
    assert error_of(stolen)[::2] == (400, "subject")
    del made["secret"]
    assert (await backend.get(path)).json() == made
