"""A sign-up with each provider: it is sent what its documentation asks for, and its answer is read."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlencode

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwt
from joserfc.jwk import ECKey

from greffier.server.strategies.oauth import discovery
from greffier.server.strategies.oauth_providers.provider import Profile
from tests.server.strategies.oauth.flows import AWAY, client_of, land, resource, url_in
from tests.server.strategies.oauth.providers.documented import (
    CLIENT_ID,
    CLIENT_SECRET,
    Documented,
    Lookup,
)
from tests.server.strategies.oauth.providers.oauth_sites import OAUTH_SITES
from tests.server.strategies.oauth.providers.openid_sites import OPENID_SITES
from tests.server.strategies.oauth.providers.signing_sites import ACCESS_TOKEN, CODE, Site, fields_of
from tests.server.strategies.oauth.recorded_answers import PLAIN
from tests.server.strategies.oauth.recorded_id_tokens import OPENID
from tests.support.configuring import configure
from tests.support.server import Browser, TestServer
from tests.support.services.stand_in import Received, StandIn, stand_in

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)

SITES = {**OAUTH_SITES, **OPENID_SITES}
RECORDED = {**PLAIN, **OPENID}
APPLE_KEY = ec.generate_private_key(ec.SECP256R1())
APPLE_PEM = APPLE_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(scope="module")
def running_sites() -> Iterator[StandIn]:
    with stand_in() as sites:
        yield sites


@pytest.fixture
def sites(running_sites: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    running_sites.reset()
    running_sites.reached_by(monkeypatch)
    monkeypatch.setattr(discovery, "_kept", {})
    return running_sites


class Trip:
    """A browser that goes to a provider and comes back."""

    def __init__(self, server: TestServer, sites: StandIn, key: str) -> None:
        self.key, self.documented, self.recorded = key, SITES[key], RECORDED[key]
        self.browser: Browser = server.browser()
        self.site = Site(sites, self.documented, self.recorded)
        self._server, self._sites = server, sites

    async def go(self, **asked: str) -> dict[str, str]:
        """The parameters with which the browser arrives at the provider."""
        settings: dict[str, Any] = {
            "provider": self.key,
            "enabled": True,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        }
        if self.key == "apple":
            settings |= {"client_secret": APPLE_PEM, "team_id": "TEAM", "key_id": "KEY"}
        optional = {"email_address": {"required": False, "verify_at_sign_up": False}}
        await configure(self._server, {"social": [settings], "attributes": optional})
        fields = {**AWAY, "strategy": f"oauth_{self.key}", **asked}
        begun = resource(await self.browser.post("/v1/client/sign_ups", **fields))
        self._answer = self.site.authorize(url_in(begun))
        return self.site.asked

    async def come_back(self) -> None:
        """By a form of another site where the provider answers so, as its page sends it."""
        url = f"/v1/oauth_callback?{urlencode(self._answer)}"
        if self.documented.asked.get("response_mode") == "form_post":
            headers = {"origin": "null", "sec-fetch-site": "cross-site"}
            sent = await self.browser.http.post("/v1/oauth_callback", data=self._answer, headers=headers)
            assert sent.status_code == 303
            url = sent.headers["location"]
        await land(self.browser, url)

    async def account(self) -> dict[str, Any]:
        (session,) = (await client_of(self.browser))["sessions"]
        (account,) = session["user"]["external_accounts"]
        return account

    def received(self, url: str) -> Received:
        (found,) = [one for one in self._sites.received if one.url == url]
        return found


@pytest.fixture(params=sorted(RECORDED))
def trip(request: pytest.FixtureRequest, server: TestServer, sites: StandIn) -> Trip:
    return Trip(server, sites, request.param)


async def test_requests_are_as_documented_and_the_answer_makes_the_account(trip: Trip) -> None:
    asked = await trip.go()
    await trip.come_back()

    assert_asked(trip.documented, asked)
    assert_exchanged(trip.documented, asked, trip.received(trip.documented.token))
    for lookup in trip.documented.lookups:
        assert_looked_up(trip.documented, lookup, trip.received(lookup.url))
    assert_described(trip.key, await trip.account(), trip.recorded.profile)


async def test_prompt_and_login_hint_reach_the_provider(trip: Trip) -> None:
    asked = await trip.go(oidc_prompt="login", oidc_login_hint="ada@example.com")

    assert (asked["prompt"], asked["login_hint"]) == ("login", "ada@example.com")
    assert asked.items() >= (trip.documented.asked | {"prompt": "login"}).items()


def assert_asked(documented: Documented, asked: dict[str, str]) -> None:
    """Nothing is missing, and nothing is sent that the provider does not know."""
    of_pkce = {"code_challenge", "code_challenge_method"} if documented.pkce else set[str]()
    of_openid = {"nonce"} if documented.nonce else set[str]()
    secrets = {"state"} | (of_pkce - {"code_challenge_method"}) | of_openid
    assert asked.keys() == documented.asked.keys() | of_pkce | secrets | {"response_type", "redirect_uri"}
    assert asked.items() >= documented.asked.items()
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"].endswith("/v1/oauth_callback")
    assert asked.get("code_challenge_method", "S256") == "S256"
    assert len({asked[name] for name in secrets}) == len(secrets)
    assert all(len(asked[name]) >= 32 for name in secrets)


def assert_exchanged(documented: Documented, asked: dict[str, str], request: Received) -> None:
    fields = dict(fields_of(request))
    expected = {"grant_type": "authorization_code", "code": CODE, "redirect_uri": asked["redirect_uri"]}
    if documented.pkce:
        assert len(fields.pop("code_verifier")) >= 43
    if documented.authentication == "form":
        assert_secret(documented, fields.pop("client_secret"))
        expected[documented.client_id_name] = CLIENT_ID
        assert "authorization" not in request.headers
    else:
        scheme, _, credentials = request.headers["authorization"].partition(" ")
        assert scheme == "Basic"
        names = [unquote(one) for one in b64decode(credentials).decode().split(":")]
        assert names == [CLIENT_ID, CLIENT_SECRET]
    is_json = documented.authentication == "json"
    assert (request.headers["content-type"] == "application/json") == is_json
    assert fields == expected
    assert request.headers.items() >= ({"accept": "application/json"} | documented.token_headers).items()


def assert_secret(documented: Documented, secret: str) -> None:
    if documented is not SITES["apple"]:
        assert secret == CLIENT_SECRET
        return
    token = jwt.decode(secret, ECKey.import_key(APPLE_PEM), algorithms=["ES256"])
    assert token.header["kid"] == "KEY"
    facts = {name: token.claims[name] for name in ("iss", "sub", "aud")}
    assert facts == {"iss": "TEAM", "sub": CLIENT_ID, "aud": "https://appleid.apple.com"}


def assert_looked_up(documented: Documented, lookup: Lookup, request: Received) -> None:
    assert request.headers.items() >= lookup.headers.items()
    if lookup.form:
        expected = {"token": ACCESS_TOKEN, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        assert fields_of(request) == expected
        return
    assert request.headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
    assert (json.loads(request.body) if request.body else None) == lookup.body
    assert ("content-type" in request.headers) == (lookup.body is not None)
    assert CLIENT_SECRET not in str(request)


def assert_described(key: str, account: dict[str, Any], profile: Profile) -> None:
    expected = msgspec.structs.asdict(profile)
    assert account["provider"] == f"oauth_{key}"
    assert account["provider_user_id"] == expected["id"]
    assert account["email_address"] == (expected["email_address"] or "")
    assert account["first_name"] == (expected["first_name"] or "")
    assert account["last_name"] == (expected["last_name"] or "")
    assert account["username"] == expected["username"]
    assert account["image_url"] == expected["image_url"]
    assert account["email_address_verified"] == (
        expected["email_verified"] if expected["email_address"] else None
    )
