"""Tokens for other services, made from JWT templates: who gets them and what they say."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from greffier.sdk.keys import decode_publishable_key
from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.server import (
    APP_ORIGIN,
    PASSWORD,
    PUBLISHABLE_KEY,
    TEST_CODE,
    Backend,
    Browser,
    TestServer,
)

ADA = "ada+clerk_test@example.com"
CATEGORY_TEMPLATE = "cl_B7d4PD222AAA"


def header_of(jwt: str) -> dict[str, Any]:
    head = jwt.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def set_template(backend: Backend, claims: dict[str, Any], **fields: Any) -> None:
    made = await backend.post("/v1/jwt_templates", name="hasura", claims=claims, **fields)
    assert made.status_code == 200, made.text


class SignedIn:
    """A signed-in user, and the tokens they get by the template `hasura`."""

    def __init__(self, browser: Browser, backend: Backend, client: dict[str, Any]) -> None:
        self.browser, self.backend = browser, backend
        self.session: dict[str, Any] = client["sessions"][0]
        self.session_id: str = self.session["id"]
        self.user_id: str = self.session["user"]["id"]

    async def ask(self, template: str = "hasura") -> httpx.Response:
        return await self.browser.post(f"/v1/client/sessions/{self.session_id}/tokens/{template}")

    async def ask_backend(self, template: str = "hasura", **body: Any) -> httpx.Response:
        return await self.backend.post(f"/v1/sessions/{self.session_id}/tokens/{template}", **body)

    async def claims(self, template: dict[str, Any]) -> dict[str, Any]:
        """Returns those claims of a token that this template sets."""
        await set_template(self.backend, template)
        response = await self.ask()
        assert response.status_code == 200, response.text
        said = claims_of(response.json()["jwt"])
        return {name: said[name] for name in template}

    async def change(self, **fields: Any) -> None:
        changed = await self.backend.patch(f"/v1/users/{self.user_id}", **fields)
        assert changed.status_code == 200, changed.text

    async def set_metadata(self, **documents: Any) -> None:
        changed = await self.backend.patch(f"/v1/users/{self.user_id}/metadata", **documents)
        assert changed.status_code == 200, changed.text


@pytest.fixture
async def ada(server: TestServer, backend: Backend) -> SignedIn:
    browser = server.browser()
    return SignedIn(browser, backend, await browser.sign_up(ADA))


# --- what a token says --------------------------------------------------------------------------------------


async def test_token_says_whose_it_is_and_what_the_template_says(
    server: TestServer, backend: Backend, ada: SignedIn
) -> None:
    await set_template(backend, {"aud": "x", "plan": {"seats": 3}}, lifetime=90, allowed_clock_skew=20)

    before = server.clock.now_ms() // 1000
    answer = (await ada.ask()).json()
    after = server.clock.now_ms() // 1000

    claims = claims_of(answer["jwt"])
    now = claims["iat"]
    assert before <= now <= after
    assert set(answer) == {"object", "jwt"}
    assert len(claims.pop("jti")) == 20
    assert claims == {
        "aud": "x",
        "plan": {"seats": 3},
        "azp": APP_ORIGIN,
        "sub": ada.user_id,
        "iss": f"https://{decode_publishable_key(PUBLISHABLE_KEY).frontend_api}",
        "iat": now,
        "exp": now + 90,
        "nbf": now - 20,
    }


async def test_template_token_is_marked_so_that_it_is_never_taken_for_a_session_token(
    backend: Backend, ada: SignedIn
) -> None:
    await set_template(backend, {})

    header = header_of((await ada.ask()).json()["jwt"])

    kids = [key["kid"] for key in (await backend.get("/v1/jwks")).json()["keys"]]
    assert header == {"alg": "RS256", "cat": CATEGORY_TEMPLATE, "kid": kids[0], "typ": "JWT"}
    session_token = (await ada.browser.token(ada.session_id)).json()["jwt"]
    assert header_of(session_token)["cat"] != CATEGORY_TEMPLATE


async def test_each_token_has_an_id_of_its_own(backend: Backend, ada: SignedIn) -> None:
    await set_template(backend, {})

    ids = {claims_of((await ada.ask()).json()["jwt"])["jti"] for _ in range(5)}

    assert len(ids) == 5


async def test_template_may_say_of_a_user_what_they_may_know_themselves(ada: SignedIn) -> None:
    await ada.change(first_name="Ada", last_name="Lovelace", external_id="42")
    await ada.set_metadata(
        public_metadata={"plan": "pro", "limits": {"seats": 3}}, unsafe_metadata={"theme": "dark"}
    )
    user = (await ada.backend.get(f"/v1/users/{ada.user_id}")).json()

    said = await ada.claims(
        {
            name: f"{{{{{path}}}}}"
            for name, path in {
                "id": "user.id",
                "first": "user.first_name",
                "last": "user.last_name",
                "full": "user.full_name",
                "username": "user.username",
                "email": "user.primary_email_address",
                "verified": "user.email_verified",
                "phone": "user.primary_phone_number",
                "reachable": "user.phone_number_verified",
                "picture": "user.image_url",
                "pictured": "user.has_image",
                "external": "user.external_id",
                "created": "user.created_at",
                "updated": "user.updated_at",
                "signed_in": "user.last_sign_in_at",
                "public": "user.public_metadata",
                "plan": "user.public_metadata.plan",
                "seats": "user.public_metadata.limits.seats",
                "theme": "user.unsafe_metadata.theme",
                "session": "session.id",
                "org": "org.id",
            }.items()
        }
    )

    assert said == {
        "id": ada.user_id,
        "first": "Ada",
        "last": "Lovelace",
        "full": "Ada Lovelace",
        "username": None,
        "email": ADA,
        "verified": True,
        "phone": None,
        "reachable": False,
        "picture": user["image_url"],
        "pictured": False,
        "external": "42",
        "created": user["created_at"],
        "updated": user["updated_at"],
        "signed_in": user["last_sign_in_at"],
        "public": {"plan": "pro", "limits": {"seats": 3}},
        "plan": "pro",
        "seats": 3,
        "theme": "dark",
        "session": ada.session_id,
        "org": None,
    }


async def test_shortcodes_stand_for_the_primary_phone_number(ada: SignedIn) -> None:
    number = "+12025550243"
    verified = {"user_id": ada.user_id, "phone_number": number, "verified": True}
    await ada.backend.post("/v1/phone_numbers", **verified)

    said = await ada.claims(
        {
            "phone": "{{user.primary_phone_number}}",
            "published": "{{user.primary_phone_address}}",
            "verified": "{{user.phone_number_verified}}",
        }
    )

    assert said == {"phone": number, "published": number, "verified": True}


async def test_name_that_is_missing_has_a_default_and_is_null_within_text(ada: SignedIn) -> None:
    said = await ada.claims(
        {
            "who": "{{user.full_name || user.username || 'unknown'}}",
            "full": "{{user.full_name}}",
            "text": "{{user.first_name}} <{{user.primary_email_address}}>",
        }
    )

    assert said == {"who": "unknown", "full": None, "text": f"null <{ADA}>"}


async def test_first_name_alone_is_the_full_name(ada: SignedIn) -> None:
    await ada.change(first_name="Ada")

    assert await ada.claims({"full": "{{user.full_name}}"}) == {"full": "Ada"}


async def test_private_metadata_and_secrets_are_in_no_token(ada: SignedIn) -> None:
    await ada.set_metadata(private_metadata={"note": "confidential"})

    said = await ada.claims(
        {
            "all": "{{user}}",
            "private": "{{user.private_metadata}}",
            "note": "{{user.private_metadata.note || 'none'}}",
            "password": "{{user.password_digest}}",
        }
    )

    assert (said["private"], said["note"], said["password"]) == (None, "none", None)
    assert "confidential" not in json.dumps(said)
    assert "digest" not in json.dumps(said)


async def test_what_a_user_says_of_themselves_is_not_read_for_shortcodes(ada: SignedIn) -> None:
    await ada.set_metadata(unsafe_metadata={"nick": "{{user.id}}"})

    assert await ada.claims({"nick": "{{user.unsafe_metadata.nick}}"}) == {"nick": "{{user.id}}"}


async def test_values_are_those_of_the_moment(backend: Backend, ada: SignedIn) -> None:
    await set_template(backend, {"plan": "{{user.public_metadata.plan}}"})
    before = claims_of((await ada.ask()).json()["jwt"])

    await ada.set_metadata(public_metadata={"plan": "pro"})

    assert before["plan"] is None
    assert claims_of((await ada.ask()).json()["jwt"])["plan"] == "pro"


async def test_shortcode_says_who_acts_as_the_user(server: TestServer, backend: Backend) -> None:
    await set_template(backend, {"act": "{{session.actor}}"})
    user = await backend.add_user()
    actor = {"sub": "user_support"}
    made = await backend.post("/v1/actor_tokens", user_id=user["id"], actor=actor)
    browser = server.browser()
    signed_in = await browser.post("/v1/client/sign_ins", strategy="ticket", ticket=made.json()["token"])

    support = SignedIn(browser, backend, signed_in.json()["client"])

    assert claims_of((await support.ask()).json()["jwt"])["act"] == actor


async def test_token_that_metadata_make_too_large_is_refused(backend: Backend, ada: SignedIn) -> None:
    await ada.set_metadata(public_metadata={"big": "x" * 6000})
    await set_template(backend, {str(n): "{{user.public_metadata}}" for n in range(3)})

    from_page, from_backend = await ada.ask(), await ada.ask_backend()

    assert error_of(from_page)[:2] == (422, "jwt_template_claims_too_large")
    assert error_of(from_backend)[:2] == (422, "jwt_template_claims_too_large")


# --- who gets one -------------------------------------------------------------------------------------------


async def test_backend_gets_a_token_with_the_same_claims_but_no_page(backend: Backend, ada: SignedIn) -> None:
    await set_template(backend, {"role": "user"})

    from_page = claims_of((await ada.ask()).json()["jwt"])
    from_backend = claims_of((await ada.ask_backend()).json()["jwt"])

    varying = {"azp", "jti", "iat", "nbf", "exp"}
    assert set(from_page) - set(from_backend) == {"azp"}
    assert {k: v for k, v in from_page.items() if k not in varying} == {
        k: v for k, v in from_backend.items() if k not in varying
    }


async def test_backend_chooses_the_lifetime_within_bounds(backend: Backend, ada: SignedIn) -> None:
    await set_template(backend, {}, lifetime=120)

    def lifetime(response: httpx.Response) -> int:
        claims = claims_of(response.json()["jwt"])
        return claims["exp"] - claims["iat"]

    assert lifetime(await ada.ask_backend()) == 120
    assert lifetime(await ada.ask_backend(expires_in_seconds=None)) == 120
    assert lifetime(await ada.ask_backend(expires_in_seconds=30)) == 30
    long = await ada.ask_backend(expires_in_seconds=301)
    assert lifetime(long) == 301
    assert "301 s" in long.headers["greffier-warning"]
    for wrong in (29, 315_360_001, "60"):
        refused = await ada.ask_backend(expires_in_seconds=wrong)
        assert error_of(refused)[::2] == (422, "expires_in_seconds")


async def test_template_that_does_not_exist_is_not_found(
    server: TestServer, backend: Backend, ada: SignedIn
) -> None:
    await (await server.neighbour()).post("/v1/jwt_templates", name="hasura", claims={})
    ada.browser.http.headers["host"] = decode_publishable_key(PUBLISHABLE_KEY).frontend_api

    from_page, from_backend = await ada.ask(), await ada.ask_backend()

    assert error_of(from_page)[:2] == error_of(from_backend)[:2] == (404, "resource_not_found")


async def test_deleted_template_makes_no_more_tokens(backend: Backend, ada: SignedIn) -> None:
    await set_template(backend, {})
    assert (await ada.ask()).status_code == 200
    (template,) = (await backend.get("/v1/jwt_templates")).json()

    await backend.delete(f"/v1/jwt_templates/{template['id']}")

    assert error_of(await ada.ask())[:2] == (404, "resource_not_found")


@pytest.mark.parametrize("ending", ["revoke", "expire"])
async def test_session_that_is_over_gets_no_token(
    server: TestServer, backend: Backend, ada: SignedIn, ending: str
) -> None:
    await set_template(backend, {})
    if ending == "revoke":
        await backend.post(f"/v1/sessions/{ada.session_id}/revoke")
    else:
        server.clock.advance(seconds=8 * 24 * 3600)

    assert (await ada.ask()).status_code == 401
    assert error_of(await ada.ask_backend())[:2] == (401, "authentication_invalid")


async def test_session_of_another_browser_is_not_found(
    server: TestServer, backend: Backend, ada: SignedIn
) -> None:
    await set_template(backend, {})
    eve = server.browser()
    await eve.sign_up("eve+clerk_test@example.com")
    path = f"/v1/client/sessions/{ada.session_id}/tokens/hasura"

    assert (await eve.post(path)).status_code == 404
    assert (await server.browser().post(path)).status_code == 401
    stranger = SignedIn(ada.browser, await server.neighbour(), {"sessions": [ada.session]})
    assert (await stranger.ask_backend()).status_code == 404


async def test_pending_session_gets_none_because_the_token_could_not_say_so(
    server: TestServer, backend: Backend
) -> None:
    await set_template(backend, {})
    user = await backend.create_user(ADA, password=PASSWORD)
    await backend.post(f"/v1/users/{user['id']}/password/set_compromised")
    browser = server.browser()
    started = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{started.json()['response']['id']}/attempt_first_factor"
    done = await browser.post(path, strategy="email_code", code=TEST_CODE)
    pending = SignedIn(browser, backend, done.json()["client"])

    assert (await backend.get(f"/v1/sessions/{pending.session_id}")).json()["status"] == "pending"
    assert (await pending.ask()).status_code == 401
    assert (await pending.ask_backend()).status_code == 401


async def test_asking_for_a_token_keeps_a_session_active(server: TestServer, backend: Backend) -> None:
    await configure(server, {"session": {"inactivity_timeout": 1800}})
    await set_template(backend, {})
    browser = server.browser()
    ada = SignedIn(browser, backend, await browser.sign_up(ADA))

    for _ in range(3):
        server.clock.advance(seconds=1700)
        assert (await ada.ask()).status_code == 200

    server.clock.advance(seconds=1800)
    assert (await ada.ask()).status_code == 401
