"""An authenticator that keeps passkeys in software, and people who have one."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.configuring import configure
from tests.support.server import APP_ORIGIN, Browser, JsonObject, TestServer

ADA = "ada+clerk_test@example.com"
PASSKEYS: JsonObject = {"attributes": {"passkey": {"enabled": True}}}
ICLOUD_KEYCHAIN = "fbfc3007-154e-4ecc-8c0b-6e020557d7bd"
_UP, _UV, _BE, _BS, _AT = 0x01, 0x04, 0x08, 0x10, 0x40  # flags (WebAuthn Level 3 section 6.1)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class Authenticator:
    """Answers both ceremonies as a browser with one passkey would: each argument is what an attacker changes.

    Args:
        origin: the page.
        counts: it counts uses; one whose passkeys are synchronised says 0.
    """

    def __init__(
        self, *, origin: str = APP_ORIGIN, aaguid: str = ICLOUD_KEYCHAIN, counts: bool = False
    ) -> None:
        self.origin = origin
        self.aaguid = aaguid
        self.counts = counts
        self.sign_count = 0
        self.backup = _BE | _BS
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(16)
        self.user_handle: str | None = None
        self.rp_id = ""

    def create(self, options: JsonObject, **changes: Any) -> str:
        """The JSON of a new credential."""
        self.rp_id = options["rp"]["id"]
        self.user_handle = options["user"]["id"]
        x, y = self._coordinates()
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes.fromhex(self.aaguid.replace("-", ""))
        attested += len(self.credential_id).to_bytes(2) + self.credential_id + cose
        data = self._authenticator_data(_AT, changes) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options, changes)
        return self._credential(
            clientDataJSON=base64url(client_data),
            attestationObject=base64url(attestation),
            transports=["internal", "hybrid"],
        )

    def get(self, options: JsonObject, **changes: Any) -> str:
        """The JSON of the credential's use."""
        data = self._authenticator_data(0, changes)
        client_data = self._client_data("webauthn.get", options, changes)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            clientDataJSON=base64url(client_data),
            authenticatorData=base64url(data),
            signature=base64url(signature),
            userHandle=changes.get("user_handle", self.user_handle),
        )

    def _credential(self, **response: Any) -> str:
        own_id = base64url(self.credential_id)
        credential = {"type": "public-key", "id": own_id, "rawId": own_id, "response": response}
        return json.dumps(credential | {"authenticatorAttachment": "platform"})

    def _coordinates(self) -> tuple[bytes, bytes]:
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(32), numbers.y.to_bytes(32)

    def _authenticator_data(self, more: int, changes: JsonObject) -> bytes:
        if self.counts and "sign_count" not in changes:
            self.sign_count += 1
        flags = (_UP if changes.get("up", True) else 0) | (_UV if changes.get("uv", True) else 0)
        flags |= more | changes.get("backup", self.backup)
        rp_id = changes.get("rp_id", self.rp_id)
        counter = changes.get("sign_count", self.sign_count)
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + counter.to_bytes(4)

    def _client_data(self, kind: str, options: JsonObject, changes: JsonObject) -> bytes:
        client_data = {
            "type": changes.get("type", kind),
            "challenge": changes.get("challenge", options["challenge"]),
            "origin": changes.get("origin", self.origin),
            "crossOrigin": changes.get("cross_origin", False),
        }
        return json.dumps(client_data).encode()


def options_in(verification: JsonObject) -> JsonObject:
    return json.loads(verification["nonce"])


async def register(browser: Browser, authenticator: Authenticator, **changes: Any) -> httpx.Response:
    """Both steps of a registration in a signed-in browser; the answer to the second."""
    begun = await browser.post("/v1/me/passkeys")
    assert begun.status_code == 200, begun.text
    passkey = begun.json()["response"]
    credential = authenticator.create(options_in(passkey["verification"]), **changes)
    return await attempt_registration(browser, passkey, credential)


async def attempt_registration(browser: Browser, passkey: JsonObject, credential: str) -> httpx.Response:
    path = f"/v1/me/passkeys/{passkey['id']}/attempt_verification"
    return await browser.post(path, strategy="passkey", public_key_credential=credential)


async def begin_sign_in(browser: Browser, **fields: Any) -> JsonObject:
    """A sign-in with a challenge, without an identifier unless the fields have one."""
    begun = await browser.post("/v1/client/sign_ins", strategy="passkey", **fields)
    assert begun.status_code == 200, begun.text
    return begun.json()["response"]


def options_of(sign_in: JsonObject) -> JsonObject:
    return options_in(sign_in["first_factor_verification"])


async def attempt_sign_in(
    browser: Browser, sign_in: JsonObject, credential: str, step: str = "first"
) -> httpx.Response:
    path = f"/v1/client/sign_ins/{sign_in['id']}/attempt_{step}_factor"
    return await browser.post(path, strategy="passkey", public_key_credential=credential)


async def sign_in_with(browser: Browser, authenticator: Authenticator, **changes: Any) -> httpx.Response:
    """A whole sign-in without an identifier; the answer to its attempt."""
    sign_in = await begin_sign_in(browser)
    return await attempt_sign_in(browser, sign_in, authenticator.get(options_of(sign_in), **changes))


async def signed_up_by_mail(server: TestServer, address: str) -> Browser:
    """A browser with a new user whose address, unlike a test address, gets mail."""
    browser = server.browser()
    started = await browser.begin_sign_up(address)
    path = f"/v1/client/sign_ups/{started['id']}/attempt_verification"
    code = (await server.messages(address))[0]["code"]
    assert (await browser.post(path, strategy="email_code", code=code)).status_code == 200
    return browser


async def with_passkey(
    server: TestServer, authenticator: Authenticator, address: str = ADA
) -> tuple[Browser, JsonObject]:
    """The browser in which a new user has registered a passkey, and the passkey."""
    await configure(server, PASSKEYS)
    browser = server.browser()
    await browser.sign_up(address)
    registered = await register(browser, authenticator)
    assert registered.status_code == 200, registered.text
    return browser, registered.json()["response"]
