"""JWT templates as the Backend API makes, shows, changes and removes them."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from tests.support.answers import error_of
from tests.support.server import Backend, TestServer


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def create(backend: Backend, name: str = "hasura", **fields: Any) -> dict[str, Any]:
    response = await backend.post("/v1/jwt_templates", name=name, **({"claims": {}} | fields))
    assert response.status_code == 200, response.text
    return response.json()


async def test_template_is_made_with_defaults_and_found_again(backend: Backend) -> None:
    claims = {"aud": "hasura", "roles": ["user", "{{user.public_metadata.role}}"], "nested": {"none": None}}

    made = await create(backend, claims=claims)

    assert made["id"].startswith("jtmp_")
    assert made["claims"] == claims
    assert (made["lifetime"], made["allowed_clock_skew"]) == (60, 5)
    assert (made["custom_signing_key"], made["signing_algorithm"]) == (False, "RS256")
    assert (await backend.get(f"/v1/jwt_templates/{made['id']}")).json() == made


async def test_list_is_newest_first_and_in_pages(server: TestServer, backend: Backend) -> None:
    assert (await backend.get("/v1/jwt_templates")).json() == []
    for name in ("one", "two", "three"):
        await create(backend, name)
        server.clock.advance(seconds=1)

    bare = (await backend.get("/v1/jwt_templates")).json()
    page = (await backend.get("/v1/jwt_templates", paginated="true", limit=1, offset=1)).json()

    assert [found["name"] for found in bare] == ["three", "two", "one"]
    assert ([found["name"] for found in page["data"]], page["total_count"]) == (["two"], 3)
    assert error_of(await backend.get("/v1/jwt_templates", limit=0))[::2] == (422, "limit")


async def test_update_keeps_what_is_absent_and_null_is_the_default(
    server: TestServer, backend: Backend
) -> None:
    made = await create(backend, lifetime=120, allowed_clock_skew=0)
    server.clock.advance(seconds=1)

    path = f"/v1/jwt_templates/{made['id']}"
    renamed = (await backend.patch(path, name="convex", claims={"aud": "convex"})).json()
    defaults = (await backend.patch(path, name="convex", claims={}, lifetime=None)).json()

    assert (renamed["name"], renamed["claims"]) == ("convex", {"aud": "convex"})
    assert (renamed["lifetime"], renamed["allowed_clock_skew"]) == (120, 0)
    assert renamed["updated_at"] > renamed["created_at"] == made["created_at"]
    assert (defaults["lifetime"], defaults["allowed_clock_skew"]) == (60, 0)
    assert (await backend.get(path)).json() == defaults
    assert error_of(await backend.patch(path, name="convex"))[::2] == (422, "claims")


async def test_deleted_template_is_gone(backend: Backend) -> None:
    path = f"/v1/jwt_templates/{(await create(backend))['id']}"

    assert (await backend.delete(path)).json()["deleted"] is True

    assert error_of(await backend.get(path))[:2] == (404, "resource_not_found")
    assert error_of(await backend.delete(path))[:2] == (404, "resource_not_found")
    await create(backend)  # its name is free again


async def test_name_is_unique_in_its_instance_alone(server: TestServer, backend: Backend) -> None:
    await create(backend, "hasura")
    other = await create(backend, "convex")

    again = await backend.post("/v1/jwt_templates", name="hasura", claims={})
    renamed = await backend.patch(f"/v1/jwt_templates/{other['id']}", name="hasura", claims={})

    assert error_of(again) == error_of(renamed) == (422, "form_identifier_exists", "name")
    assert (await backend.get(f"/v1/jwt_templates/{other['id']}")).json() == other
    await create(await server.neighbour(), "hasura")


async def test_of_two_templates_with_one_name_made_at_once_one_is_kept(backend: Backend) -> None:
    answers = await asyncio.gather(
        *(backend.post("/v1/jwt_templates", name="hasura", claims={"n": n}) for n in range(4))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert len((await backend.get("/v1/jwt_templates")).json()) == 1


async def test_another_instance_neither_sees_nor_changes_a_template(
    server: TestServer, backend: Backend
) -> None:
    made = await create(backend)
    neighbour, path = await server.neighbour(), f"/v1/jwt_templates/{made['id']}"

    assert (await neighbour.get("/v1/jwt_templates")).json() == []
    for answer in (
        await neighbour.get(path),
        await neighbour.patch(path, name="mine", claims={}),
        await neighbour.delete(path),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    assert (await backend.get(path)).json() == made


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"name": ""}, "name"),
        ({"name": "with space"}, "name"),
        ({"name": "a/b"}, "name"),
        ({"name": "n" * 65}, "name"),
        ({"name": None}, "name"),
        ({"claims": []}, "claims"),
        ({"claims": None}, "claims"),
        ({"claims": {"big": "x" * 9000}}, "claims"),
        ({"claims": {"role": "{{}}"}}, "claims"),
        ({"claims": {"deep": [{"role": "{{user.id ||}}"}]}}, "claims"),
        ({"claims": {"role": "{{user.id | 'x'}}"}}, "claims"),
        ({"claims": {"role": "{{user.id"}}, "claims"),
        ({"lifetime": 29}, "lifetime"),
        ({"lifetime": 315_360_001}, "lifetime"),
        ({"lifetime": "60"}, "lifetime"),
        ({"allowed_clock_skew": -1}, "allowed_clock_skew"),
        ({"allowed_clock_skew": 301}, "allowed_clock_skew"),
        ({"custom_signing_key": "yes"}, "custom_signing_key"),
        ({"unheard_of": 1}, "unheard_of"),
    ],
)
async def test_what_a_template_cannot_have_is_refused_and_nothing_is_kept(
    backend: Backend, fields: dict[str, Any], param: str
) -> None:
    answer = await backend.call("POST", "/v1/jwt_templates", {"name": "hasura", "claims": {}} | fields)

    assert error_of(answer)[::2] == (422, param)
    assert (await backend.get("/v1/jwt_templates")).json() == []


@pytest.mark.parametrize("claim", ["azp", "exp", "iat", "iss", "jti", "nbf", "sid", "sub"])
async def test_claims_of_the_server_are_reserved(backend: Backend, claim: str) -> None:
    made = await create(backend)

    refused = await backend.patch(f"/v1/jwt_templates/{made['id']}", name="hasura", claims={claim: "mine"})

    assert error_of(refused) == (400, "jwt_template_reserved_claim", "claims")
    assert claim in refused.text


async def test_claims_that_nest_too_deeply_are_refused(backend: Backend) -> None:
    claims: dict[str, Any] = {}
    for _ in range(101):
        claims = {"in": claims}

    answer = await backend.post("/v1/jwt_templates", name="deep", claims=claims)

    assert error_of(answer) == (422, "form_param_exceeds_allowed_size", "claims")


async def test_numbers_are_kept_as_they_are(backend: Backend) -> None:
    claims = {"large": 10**40, "small": -1.5, "zero": 0}

    made = await create(backend, claims=claims)

    assert made["claims"] == claims
    assert (await backend.get(f"/v1/jwt_templates/{made['id']}")).json()["claims"] == claims


async def test_instance_has_a_hundred_templates_at_most(backend: Backend) -> None:
    for number in range(100):
        await create(backend, f"t{number}")

    assert error_of(await backend.post("/v1/jwt_templates", name="t100", claims={}))[:2] == (
        403,
        "quota_exceeded",
    )
    assert (await backend.get("/v1/jwt_templates", paginated="true")).json()["total_count"] == 100


async def test_lifetime_over_five_minutes_is_accepted_with_a_warning_of_xss(
    backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    quiet = await backend.post("/v1/jwt_templates", name="quiet", claims={}, lifetime=300)
    with caplog.at_level(logging.WARNING):
        made = await backend.post("/v1/jwt_templates", name="long", claims={}, lifetime=301)
    path = f"/v1/jwt_templates/{quiet.json()['id']}"
    changed = await backend.patch(path, name="quiet", claims={}, lifetime=315_360_000)

    assert "greffier-warning" not in quiet.headers
    assert made.json()["lifetime"] == 301
    assert "301 s" in made.headers["greffier-warning"]
    assert "XSS" in made.headers["greffier-warning"]
    assert "301 s" in caplog.text
    assert "315360000 s" in changed.headers["greffier-warning"]
