"""The API keys of the signed-in user, as pages manage them: JSON, and a session token in `Authorization`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.contract.published import check_response
from tests.support.server import APP_ORIGIN, TEST_CODE, Backend, Browser, TestServer

ADA, EVE = "ada+clerk_test@example.com", "eve+clerk_test@example.com"


@dataclass
class Page:
    """A page with its user's session token, and without cookies."""

    browser: Browser
    session_id: str
    user_id: str
    token: str | None

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        async with httpx.AsyncClient(
            transport=self.browser.http._transport,
            headers={"origin": APP_ORIGIN} | headers,
        ) as http:
            query |= {"__clerk_api_version": "2026-05-12", "_clerk_session_id": self.session_id}
            response = await http.request(method, f"http://localhost:8787{path}", json=body, params=query)
        content_type = response.headers.get("content-type")
        problems = check_response("fapi", method, path, response.status_code, content_type, response.content)
        assert not problems, "\n".join(problems)
        return response

    async def create(self, name: str = "laptop", **fields: Any) -> dict[str, Any]:
        response = await self.call("POST", "/api_keys", {"name": name, "subject": self.user_id} | fields)
        assert response.status_code == 201, response.text
        return response.json()

    async def names(self, **query: Any) -> list[str]:
        response = await self.call("GET", "/api_keys", subject=self.user_id, **query)
        assert response.status_code == 200, response.text
        return [key["name"] for key in response.json()["data"]]


async def page_of(server: TestServer, email_address: str = ADA) -> Page:
    browser = server.browser()
    session = (await browser.sign_up(email_address))["sessions"][0]
    token = (await browser.token(session["id"])).json()["jwt"]
    return Page(browser, session["id"], session["user"]["id"], token)


@pytest.fixture
async def enabled(server: TestServer) -> TestServer:
    await configure(server, {"api_keys": {"enabled": True}})
    return server


@pytest.fixture
async def ada(enabled: TestServer) -> Page:
    return await page_of(enabled)


@pytest.fixture
def backend(enabled: TestServer) -> Backend:
    return enabled.backend()


async def test_key_is_made_shown_once_and_listed(ada: Page, backend: Backend) -> None:
    made = await ada.create(description="On my desk.", seconds_until_expiration=3600)

    assert (made["subject"], made["created_by"]) == (ada.user_id, ada.user_id)
    assert (made["description"], made["scopes"], made["claims"]) == ("On my desk.", [], None)
    assert made["expiration"] == made["created_at"] + 3_600_000
    verified = await backend.post("/v1/api_keys/verify", secret=made.pop("secret"))
    assert verified.json()["subject"] == ada.user_id
    listed = (await ada.call("GET", "/api_keys", subject=ada.user_id)).json()
    assert listed == {"data": [made | {"last_used_at": verified.json()["last_used_at"]}], "total_count": 1}


async def test_browser_sdk_behind_a_proxy_asks_with_two_slashes(ada: Page) -> None:
    made = await ada.call(
        "POST",
        "//api_keys",
        {"type": "api_key", "name": "laptop", "subject": ada.user_id, "description": None},
    )

    assert made.status_code == 201
    assert [
        key["id"] for key in (await ada.call("GET", "//api_keys", subject=ada.user_id)).json()["data"]
    ] == [made.json()["id"]]


async def test_users_cannot_give_themselves_scopes_or_claims(ada: Page) -> None:
    made = await ada.create(scopes=["admin"], claims={"role": "admin"}, created_by="user_" + "0" * 27)

    assert (made["scopes"], made["claims"], made["created_by"]) == ([], None, ada.user_id)

    path = f"/api_keys/{made['id']}"
    changed = await ada.call("PATCH", path, {"scopes": ["admin"], "claims": {}, "description": "new"})
    assert (changed.json()["scopes"], changed.json()["claims"]) == ([], None)
    assert changed.json()["description"] == "new"


async def test_list_is_in_pages_searched_and_without_what_does_not_work(ada: Page) -> None:
    for name in ("laptop", "phone", "Laptop stand"):
        await ada.create(name)
    await ada.call("POST", f"/api_keys/{(await ada.create('old laptop'))['id']}/revoke", {})

    assert len(await ada.names(limit=2)) == 2
    assert set(await ada.names(query="LAPTOP")) == {"laptop", "Laptop stand"}
    assert len(await ada.names(query="", include_invalid="true")) == 4


async def test_name_of_a_working_key_is_taken(ada: Page) -> None:
    made = await ada.create()

    again = await ada.call("POST", "/api_keys", {"name": "laptop", "subject": ada.user_id})
    assert error_of(again)[:2] == (409, "token_creation_conflict")

    await ada.call("POST", f"/api_keys/{made['id']}/revoke", {})
    await ada.create()


async def test_revoked_key_opens_nothing(ada: Page, backend: Backend) -> None:
    made = await ada.create()

    revoked = await ada.call("POST", f"/api_keys/{made['id']}/revoke", {"revocation_reason": "Lost."})

    assert (revoked.json()["revoked"], revoked.json()["revocation_reason"]) == (True, "Lost.")
    assert error_of(await backend.post("/v1/api_keys/verify", secret=made["secret"]))[0] == 404


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": "ab"}, "name"),
        ({"name": None}, "name"),
        ({"description": "d" * 256}, "description"),
        ({"subject": "ada"}, "subject"),
        ({"subject": "org_" + "0" * 27}, "subject"),
        ({"subject": "mch_" + "0" * 27}, "subject"),
        ({"seconds_until_expiration": 0}, "seconds_until_expiration"),
    ],
)
async def test_wrong_parameter_is_refused_by_name(ada: Page, body: dict[str, Any], param: str) -> None:
    given = {"name": "laptop", "subject": ada.user_id} | body

    assert error_of(await ada.call("POST", "/api_keys", given))[::2] == (400, param)
    assert await ada.names() == []


async def test_key_of_another_user_is_not_found(enabled: TestServer, ada: Page) -> None:
    made = await ada.create()
    eve = await page_of(enabled, EVE)
    path = f"/api_keys/{made['id']}"

    listed = await eve.call("GET", "/api_keys", subject=ada.user_id)
    for answer in (
        listed,
        await eve.call("PATCH", path, {"description": "mine"}),
        await eve.call("POST", f"{path}/revoke", {}),
    ):
        assert error_of(answer)[:2] == (404, "resource_not_found")
    refused = await eve.call("POST", "/api_keys", {"name": "mine", "subject": ada.user_id})
    assert error_of(refused)[::2] == (400, "subject")
    unchanged = (await ada.call("GET", "/api_keys", subject=ada.user_id)).json()["data"]
    assert unchanged == [{name: value for name, value in made.items() if name != "secret"}]


# --- who is asking ------------------------------------------------------------------------------------------


async def refusal(page: Page) -> tuple[int, str]:
    """Returns the refusals of all four operations for this page."""
    path = f"/api_keys/ak_{'0' * 32}"
    answers = [
        await page.call("GET", "/api_keys", subject=page.user_id),
        await page.call("POST", "/api_keys", {"name": "laptop", "subject": page.user_id}),
        await page.call("PATCH", path, {"description": "new"}),
        await page.call("POST", f"{path}/revoke", {}),
    ]
    refusals = {error_of(answer)[:2] for answer in answers}
    assert len(refusals) == 1, refusals
    return refusals.pop()


async def test_cookie_of_the_client_is_not_enough(ada: Page) -> None:
    """Another site's page can make a browser send its cookies, and cannot read a session token."""
    body = {"name": "laptop", "subject": ada.user_id}

    answer = await ada.browser.http.post("/api_keys", json=body)

    assert "__client" in dict(ada.browser.http.cookies)
    assert error_of(answer)[:2] == (401, "authentication_invalid")
    assert await ada.names() == []


async def test_token_must_be_a_good_session_token(enabled: TestServer, ada: Page, backend: Backend) -> None:
    assert ada.token is not None
    head, claims, signature = ada.token.split(".")
    await backend.post("/v1/jwt_templates", name="other", claims={})
    template = await ada.browser.post(f"/v1/client/sessions/{ada.session_id}/tokens/other")
    made = await ada.create()

    for token in (
        None,
        "x",
        f"{head}.{claims}.",
        f"{head}.{claims}.{signature[::-1]}",
        template.json()["jwt"],
    ):
        ada.token = token
        assert await refusal(ada) == (401, "authentication_invalid")
    ada.token = made["secret"]  # which belongs to the Backend API, where it opens nothing
    answer = await ada.browser.http.get("/api_keys", headers={"authorization": f"Bearer {ada.token}"})
    assert error_of(answer)[:2] == (401, "clerk_key_invalid")


async def test_token_counts_until_its_end_and_a_few_seconds(enabled: TestServer, ada: Page) -> None:
    enabled.clock.advance(seconds=60)
    assert await ada.names() == []

    enabled.clock.advance(seconds=10)
    assert await refusal(ada) == (401, "authentication_invalid")


async def test_token_of_a_session_that_is_over_makes_no_key(ada: Page, backend: Backend) -> None:
    await backend.post(f"/v1/sessions/{ada.session_id}/revoke")

    assert await refusal(ada) == (401, "authentication_invalid")


async def test_token_of_a_pending_session_makes_no_key(enabled: TestServer, backend: Backend) -> None:
    """A session with a pending task is not signed in yet."""
    user = await backend.create_user(ADA)
    await backend.post(f"/v1/users/{user['id']}/password/set_compromised")
    browser = enabled.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}/attempt_first_factor"
    done = await browser.post(path, strategy="email_code", code=TEST_CODE)
    session_id = done.json()["response"]["created_session_id"]
    token = (await browser.token(session_id)).json()["jwt"]

    assert claims_of(token)["sts"] == "pending"
    assert await refusal(Page(browser, session_id, user["id"], token)) == (401, "authentication_invalid")


async def test_token_of_another_instance_makes_no_key(enabled: TestServer, ada: Page) -> None:
    await enabled.neighbour()

    answer = await ada.browser.http.get(
        "http://clerk.next-door-7.localhost:8787/api_keys",
        params={"subject": ada.user_id},
        headers={"authorization": f"Bearer {ada.token}"},
    )

    assert error_of(answer)[:2] == (401, "authentication_invalid")


async def test_impersonator_sees_and_revokes_keys_and_makes_none(
    enabled: TestServer, ada: Page, backend: Backend
) -> None:
    """A key would outlive the half hour that they are given."""
    made = await ada.create()
    actor = {"sub": (await backend.add_user("support@example.com"))["id"]}
    ticket = (await backend.post("/v1/actor_tokens", user_id=ada.user_id, actor=actor)).json()["token"]
    browser = enabled.browser()
    done = (await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)).json()
    session_id = done["response"]["created_session_id"]
    token = (await browser.token(session_id)).json()["jwt"]
    support = Page(browser, session_id, ada.user_id, token)

    refused = await support.call("POST", "/api_keys", {"name": "back door", "subject": ada.user_id})
    assert error_of(refused)[:2] == (400, "api_key_creation_not_allowed")

    assert await support.names() == ["laptop"]
    await support.call("POST", f"/api_keys/{made['id']}/revoke", {"revocation_reason": "It leaked."})
    assert await ada.names() == []


async def test_page_of_another_origin_may_ask_before_it_sends_the_token(ada: Page) -> None:
    headers = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }

    allowed = await ada.browser.http.options("/api_keys", headers=headers)
    foreign = await ada.browser.http.options(
        "/api_keys", headers=headers | {"origin": "https://evil.example"}
    )

    assert allowed.status_code == 204
    assert allowed.headers["access-control-allow-origin"] == APP_ORIGIN
    wanted = {name.strip().lower() for name in allowed.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type"} <= wanted
    assert "POST" in allowed.headers["access-control-allow-methods"]
    assert foreign.status_code == 403


# --- the switch ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [{}, {"enabled": False}, {"enabled": True, "users": False}])
async def test_users_have_no_keys_of_their_own_unless_the_settings_say_so(
    server: TestServer, rules: dict[str, bool]
) -> None:
    await configure(server, {"api_keys": rules})
    ada, backend = await page_of(server), server.backend()

    assert await refusal(ada) == (400, "api_keys_not_enabled")

    made = await backend.post("/v1/api_keys", name="deploy", subject=ada.user_id)
    verified = await backend.post("/v1/api_keys/verify", secret=made.json()["secret"])
    assert verified.status_code == 200


@pytest.mark.parametrize(
    ("rules", "shown"),
    [
        ({}, (False, False)),
        ({"enabled": True}, (True, True)),
        ({"enabled": True, "users": False}, (True, False)),
    ],
)
async def test_browser_sdk_is_told_whether_users_have_keys(
    server: TestServer, rules: dict[str, bool], shown: tuple[bool, bool]
) -> None:
    await configure(server, {"api_keys": rules})

    settings = (await server.browser().get("/v1/environment")).json()["api_keys_settings"]

    assert (settings["enabled"], settings["user_api_keys_enabled"]) == shown
    assert settings["orgs_api_keys_enabled"] is False
