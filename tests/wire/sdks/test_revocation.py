"""The end of a session as an application with the Python SDK sees it."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.steps import Steps, run
from greffier.sdk.tokens.jwt import TokenRules, TokenVerifier, decode_jwt
from greffier.sdk.tokens.signatures import SigningKey, signing_key_from_jwk
from tests.support.server import TestServer


class OnlyKey:
    """The one key that an instance publishes."""

    def __init__(self, jwk: dict[str, Any]) -> None:
        self._key = signing_key_from_jwk(jwk)

    def known(self, kid: object) -> SigningKey:
        return self._key

    def find(self, kid: object) -> Steps[SigningKey]:
        raise AssertionError("the key is known")


async def test_within_a_minute_of_a_revocation_every_verifier_refuses(server: TestServer) -> None:
    browser, backend = server.browser(), server.backend()
    session_id = (await browser.sign_up())["last_active_session_id"]
    token = decode_jwt((await browser.token(session_id)).json()["jwt"])
    (key,) = (await backend.get("/v1/jwks")).json()["keys"]
    verifier = TokenVerifier(OnlyKey(key), TokenRules(), clock=lambda: server.clock.now_ms() / 1000)

    await backend.post(f"/v1/sessions/{session_id}/revoke")

    assert (await browser.token(session_id)).status_code == 401
    assert run(verifier.verify(token))["sid"] == session_id  # stateless: good until it expires
    server.clock.advance(seconds=60 + TokenRules().clock_skew)
    with pytest.raises(TokenVerificationError, match="expired"):
        run(verifier.verify(token))
    assert (await browser.token(session_id)).status_code == 401
