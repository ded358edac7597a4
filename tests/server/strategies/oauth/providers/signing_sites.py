"""A provider at the stand-in: answers as documented, and refuses a code without what was promised for it."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.server.strategies.oauth.providers.documented import CLIENT_ID, CLIENT_SECRET, Documented
from tests.server.strategies.oauth.recorded_answers import Recorded
from tests.support.services.stand_in import Received, StandIn

ACCESS_TOKEN, CODE = "access-1", "code-1"
_KEY = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256", "use": "sig"})
_TOKEN_CLAIMS = (
    "iss",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "jti",
    "sid",
    "amr",
    "auth_time",
)


class Site:
    """One provider. `asked` are the parameters with which the browser came."""

    def __init__(self, sites: StandIn, documented: Documented, recorded: Recorded) -> None:
        self._documented, self._recorded = documented, recorded
        self.asked: dict[str, str] = {}
        sites.on("POST", documented.token, self._exchange)
        for lookup, answer in zip(documented.lookups, self._descriptions(), strict=True):
            sites.on(lookup.method, lookup.url, lambda _, answer=answer: answer)
        if documented.jwks and documented.jwks.startswith("https:"):
            sites.on("GET", documented.jwks, lambda _: {"keys": [_KEY.as_dict(private=False)]})
        if documented.discovery:
            issuer, document = documented.discovery
            described = {"issuer": issuer, **document}
            sites.on("GET", f"{issuer}/.well-known/openid-configuration", lambda _: described)

    def _descriptions(self) -> list[Any]:
        """The recorded answers, in the order of the look-ups; the claims, where nothing but a token is."""
        claims = self._recorded.answers.get("claims", {})
        described = {name: value for name, value in claims.items() if name not in _TOKEN_CLAIMS}
        answers = [
            self._recorded.answers.get("profile", described),
            *self._recorded.answers.get("more", {}).values(),
        ]
        return answers[: len(self._documented.lookups)]

    def authorize(self, url: str) -> dict[str, str]:
        """The parameters of the answer, once the person has consented."""
        base, _, query = url.partition("?")
        assert base == self._documented.authorize
        self.asked = {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}
        user = self._recorded.answers.get("form", {}).get("user")
        return {"code": CODE, "state": self.asked["state"], **({"user": user} if user else {})}

    def _exchange(self, request: Received) -> dict[str, Any]:
        if self._documented.pkce:
            digest = hashlib.sha256(fields_of(request)["code_verifier"].encode()).digest()
            expected = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            assert expected == self.asked["code_challenge"]
        answer = {**self._recorded.answers.get("token", {}), "access_token": ACCESS_TOKEN}
        if self._documented.jwks:
            answer["id_token"] = self._id_token()
        return answer | self._documented.granted

    def _id_token(self) -> str:
        now = int(time.time())
        claims = self._recorded.answers["claims"] | {"aud": CLIENT_ID, "iat": now, "exp": now + 300}
        claims = (
            claims
            | ({"azp": CLIENT_ID} if "azp" in claims else {})
            | ({"nbf": now} if "nbf" in claims else {})
        )
        claims.pop("nonce", None)
        if "nonce" in self.asked:
            claims["nonce"] = self.asked["nonce"]
        if self._documented.jwks == "secret":
            return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET))
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, _KEY)


def fields_of(request: Received) -> dict[str, str]:
    """The fields of a form, or of a JSON object."""
    if request.headers["content-type"] == "application/json":
        return json.loads(request.body)
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    text = request.body.decode()
    return {name: values[0] for name, values in parse_qs(text, strict_parsing=True).items()}


def place_of(url: str) -> str:
    """An URL without its query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
