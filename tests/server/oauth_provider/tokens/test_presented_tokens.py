"""Tokens after they were made: shown, described, revoked, and ended with their user or application."""

from __future__ import annotations

import httpx
import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.oauth.applications import Client, add_application, ask, code_for, works
from tests.support.server import SECRET_KEY, Backend, Browser, JsonObject, TestServer

VERIFY = "/v1/oauth_applications/access_tokens/verify"
DAY = 86_400
KINDS = pytest.mark.parametrize("jwt", [False, True], ids=["opaque", "jwt"])


@pytest.fixture
async def client(server: TestServer, backend: Backend) -> Client:
    return Client(server, await add_application(backend, scopes="openid profile email public_metadata"))


async def user_id_of(browser: Browser) -> str:
    return (await browser.get("/v1/me")).json()["response"]["id"]


# --- verification -------------------------------------------------------------------------------------------


@KINDS
async def test_verified_token_says_whose_it_is(
    server: TestServer, client: Client, ada: Browser, backend: Backend, jwt: bool
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": jwt}})
    token = (await client.tokens(ada, scope="email profile"))["access_token"]

    answer = (await backend.post(VERIFY, access_token=token)).json()

    assert answer["id"].startswith("oat_")
    assert answer["client_id"] == client.application["client_id"]
    assert answer["subject"] == await user_id_of(ada)
    assert answer["scopes"] == ["email", "profile"]
    assert (answer["revoked"], answer["expired"]) == (False, False)
    assert answer["expiration"] - answer["created_at"] in range(DAY * 1000 - 1000, DAY * 1000 + 1)


@pytest.mark.parametrize("name", ["access_token", "token", "secret"])
@pytest.mark.parametrize("prefix", ["/v1", ""])
async def test_token_is_verified_by_every_name_and_path_that_sdks_use(
    server: TestServer, client: Client, ada: Browser, name: str, prefix: str
) -> None:
    token = (await client.tokens(ada))["access_token"]

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(server.app), base_url="http://localhost:8787"
    ) as http:
        response = await http.post(
            f"{prefix}/oauth_applications/access_tokens/verify",
            json={name: token},
            headers={"authorization": f"Bearer {SECRET_KEY}"},
        )

    assert (response.status_code, response.json()["subject"]) == (200, await user_id_of(ada))


async def test_every_token_that_does_not_work_is_not_found(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada, scope="openid email")
    code = await code_for(ada, client.application)
    neighbour = await server.neighbour()

    for wrong in (tokens["refresh_token"], tokens["id_token"], code, "oat_" + "0" * 64, "x", "eyJ.e.x"):
        assert error_of(await backend.post(VERIFY, access_token=wrong))[:2] == (404, "resource_not_found")
    assert (await neighbour.post(VERIFY, access_token=tokens["access_token"])).status_code == 404
    assert (await backend.post(VERIFY)).status_code == 400
    assert await works(backend, tokens["access_token"])


# --- userinfo -----------------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_user_info_has_what_the_scopes_open(
    server: TestServer, client: Client, ada: Browser, backend: Backend, jwt: bool, method: str
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": jwt}})
    user_id = await user_id_of(ada)
    await backend.patch(f"/v1/users/{user_id}", first_name="Ada", last_name="Lovelace")
    everything = (await client.tokens(ada, scope="openid profile email public_metadata"))["access_token"]
    little = (await client.tokens(ada, scope="openid"))["access_token"]

    whole = (await client.user_info(everything, method)).json()
    less = (await client.user_info(little, method)).json()

    assert whole["sub"] == whole["user_id"] == user_id
    assert (whole["name"], whole["given_name"], whole["family_name"]) == ("Ada Lovelace", "Ada", "Lovelace")
    assert (whole["email"], whole["email_verified"]) == ("ada+clerk_test@example.com", True)
    assert whole["picture"].startswith("http://localhost:8787/avatars/")
    assert whole["public_metadata"] == {}
    assert "private_metadata" not in whole
    assert less.keys() == {"object", "instance_id", "user_id", "sub"}


async def test_private_metadata_are_told_to_their_scope_alone(
    server: TestServer, ada: Browser, backend: Backend
) -> None:
    client = Client(server, await add_application(backend, scopes="public_metadata private_metadata"))
    path = f"/v1/users/{await user_id_of(ada)}/metadata"
    await backend.patch(path, private_metadata={"plan": "secret"})

    public = (await client.tokens(ada, scope="public_metadata"))["access_token"]
    private = (await client.tokens(ada, scope="private_metadata"))["access_token"]

    assert "secret" not in (await client.user_info(public)).text
    assert (await client.user_info(private)).json()["private_metadata"] == {"plan": "secret"}


async def test_scope_that_the_application_lost_tells_nothing_any_more(
    client: Client, ada: Browser, backend: Backend
) -> None:
    token = (await client.tokens(ada, scope="openid email"))["access_token"]

    await backend.patch(f"/v1/oauth_applications/{client.application['id']}", scopes="openid")

    assert "email" not in (await client.user_info(token)).json()


async def test_user_info_needs_an_access_token_that_works(
    server: TestServer, client: Client, ada: Browser
) -> None:
    tokens = await client.tokens(ada, scope="openid email")

    for wrong in ("", "oat_" + "0" * 64, tokens["refresh_token"], tokens["id_token"]):
        refused = await client.user_info(wrong)
        assert error_of(refused)[:2] == (401, "invalid_token")
        assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert (await ada.get("/oauth/userinfo")).status_code == 401  # a cookie is none
    server.clock.advance(seconds=DAY)
    assert (await client.user_info(tokens["access_token"])).status_code == 401


# --- introspection ------------------------------------------------------------------------------------------


@KINDS
async def test_application_is_told_of_its_own_tokens(
    server: TestServer, client: Client, ada: Browser, jwt: bool
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": jwt}})
    tokens = await client.tokens(ada, scope="email")

    for token in (tokens["access_token"], tokens["refresh_token"]):
        answer = (await client.token_info(token)).json()
        assert (answer["active"], answer["scope"]) == (True, "email")
        assert answer["client_id"] == client.application["client_id"]
        assert answer["sub"] == await user_id_of(ada)
    assert (await client.token_info(tokens["access_token"], scope="email profile")).json() == {
        "active": False
    }
    server.clock.advance(seconds=DAY)
    assert (await client.token_info(tokens["access_token"])).json() == {"active": False}


async def test_application_learns_nothing_of_tokens_of_others(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    other = Client(server, await add_application(backend, "Other"))
    token = (await client.tokens(ada))["access_token"]

    for unknown in (token, "oat_unknown"):
        assert (await other.token_info(unknown)).json() == {"active": False}


async def test_only_a_client_with_a_secret_may_ask_of_tokens(
    server: TestServer, ada: Browser, backend: Backend
) -> None:
    public = Client(server, await add_application(backend, public=True))
    token = (await public.tokens(ada))["access_token"]

    for refused in (await public.token_info(token), await ada.post("/oauth/token_info", token=token)):
        assert error_of(refused)[:2] == (401, "invalid_client")
        assert refused.headers["www-authenticate"].startswith("Basic")


async def test_question_without_a_token_is_refused(client: Client) -> None:
    assert error_of(await client.post("/oauth/token_info")) == (422, "form_param_missing", "token")


# --- revocation ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_revoking_one_token_ends_all_of_its_grant(
    server: TestServer, ada: Browser, backend: Backend, public: bool, which: str
) -> None:
    client = Client(server, await add_application(backend, public=public))
    tokens, others = await client.tokens(ada), await client.tokens(ada)

    revoked = await client.revoke(tokens[which])

    assert (revoked.status_code, revoked.content) == (200, b"")
    assert not await works(backend, tokens["access_token"])
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert await works(backend, others["access_token"])
    assert (await client.revoke(tokens[which])).status_code == 200


async def test_token_of_another_application_is_not_revoked(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    other = Client(server, await add_application(backend, "Other"))
    token = (await client.tokens(ada))["access_token"]

    for unknown in (token, "oat_unknown"):
        assert (await other.revoke(unknown)).status_code == 200
    assert (await other.post("/oauth/token/revoke")).json()["error"] == "invalid_request"
    assert await works(backend, token)


async def test_jwt_is_not_revoked_but_ends_with_its_refresh_token_here(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": True}})
    tokens = await client.tokens(ada)
    path = f"/v1/oauth_applications/{client.application['id']}/revoke_token"

    refused = await client.revoke(tokens["access_token"])
    by_backend = await backend.post(path, token=tokens["access_token"])

    assert (refused.status_code, refused.json()["error"]) == (400, "unsupported_token_type")
    assert error_of(by_backend) == (422, "form_param_format_invalid", "token")
    assert await works(backend, tokens["access_token"])
    await client.revoke(tokens["refresh_token"])
    assert not await works(backend, tokens["access_token"])
    assert (await client.user_info(tokens["access_token"])).status_code == 401


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_backend_revokes_a_token_of_an_application(
    server: TestServer, client: Client, ada: Browser, backend: Backend, which: str
) -> None:
    tokens = await client.tokens(ada)
    other = await add_application(backend, "Other")
    path = "/v1/oauth_applications/{}/revoke_token"

    elsewhere = await backend.post(path.format(other["id"]), token=tokens[which])
    unknown = await backend.post(path.format(client.application["id"]), token="oat_unknown")
    assert elsewhere.status_code == unknown.status_code == 404
    assert await works(backend, tokens["access_token"])
    revoked = await backend.post(path.format(client.application["id"]), token=tokens[which])

    assert (revoked.status_code, revoked.content) == (204, b"")
    assert not await works(backend, tokens["access_token"])
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


# --- users and applications ---------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("action", ["ban", "lock"])
async def test_banned_or_locked_user_has_granted_nothing(
    server: TestServer, client: Client, ada: Browser, backend: Backend, jwt: bool, action: str
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": jwt}})
    user_id = await user_id_of(ada)
    tokens, code = await client.tokens(ada), await code_for(ada, client.application)

    await backend.post(f"/v1/users/{user_id}/{action}")
    after = [
        await works(backend, tokens["access_token"]),
        (await client.user_info(tokens["access_token"])).status_code,
        (await client.token_info(tokens["refresh_token"])).json()["active"],
        (await client.refresh(tokens["refresh_token"])).json()["error"],
        (await client.exchange(code)).json()["error"],
    ]
    assert after == [False, 401, False, "invalid_grant", "invalid_grant"]

    await backend.post(f"/v1/users/{user_id}/un{action}")
    assert not await works(backend, tokens["access_token"])
    assert "/sign-in?" in (await ask(ada, client.application)).headers["location"]


@KINDS
async def test_tokens_of_a_deleted_user_are_gone(
    server: TestServer, client: Client, ada: Browser, backend: Backend, jwt: bool
) -> None:
    await configure(server, {"oauth_provider": {"jwt_access_tokens": jwt}})
    tokens, code = await client.tokens(ada), await code_for(ada, client.application)

    await backend.delete(f"/v1/users/{await user_id_of(ada)}")

    assert not await works(backend, tokens["access_token"])
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await client.exchange(code)).json()["error"] == "invalid_grant"


async def test_tokens_of_a_deleted_application_are_gone(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)

    await backend.delete(f"/v1/oauth_applications/{client.application['id']}")

    assert not await works(backend, tokens["access_token"])
    assert (await client.user_info(tokens["access_token"])).status_code == 401
    assert (await client.refresh(tokens["refresh_token"])).json()["error"] == "invalid_client"


async def test_signing_out_of_the_browser_leaves_the_applications_alone(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)

    await ada.delete("/v1/client/sessions")

    assert await works(backend, tokens["access_token"])
    assert (await client.refresh(tokens["refresh_token"])).status_code == 200


async def test_wrong_passwords_of_strangers_leave_the_applications_alone(
    server: TestServer, client: Client, ada: Browser, backend: Backend
) -> None:
    tokens = await client.tokens(ada)
    await configure(server, {"attack_protection": {"lockout": {"max_attempts": 5}}})
    stranger = server.browser()
    form: JsonObject = {"strategy": "password", "identifier": "ada+clerk_test@example.com"}
    for _ in range(5):
        await stranger.post("/v1/client/sign_ins", password="wrong wrong wrong", **form)

    locked = (await backend.get(f"/v1/users/{await user_id_of(ada)}")).json()["locked"]

    assert locked is True
    assert await works(backend, tokens["access_token"])
