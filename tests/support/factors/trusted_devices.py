"""A device whose key stays in it, as a native app would use it, and people who have one."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.configuring import configure
from tests.support.factors.passkeys import base64url
from tests.support.server import Browser, JsonObject, TestServer

ADA, GRACE = "ada+clerk_test@example.com", "grace+clerk_test@example.com"
APP = "com.example.orchard"
DEVICES: JsonObject = {"native": {"trusted_devices": True, "ios": [APP], "android": [APP]}}


class Device:
    """Signs challenges by its key."""

    def __init__(self, *, platform: str = "ios", app_identifier: str = APP) -> None:
        self.platform = platform
        self.app_identifier = app_identifier
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = ""

    @property
    def jwk(self) -> JsonObject:
        numbers = self.key.public_key().public_numbers()
        x, y = (base64url(number.to_bytes(32)) for number in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def described(self, **changes: Any) -> JsonObject:
        return {
            "platform": self.platform,
            "app_identifier": self.app_identifier,
            "name": "Ada's phone",
            "algorithm": "ES256",
            "public_key_jwk": json.dumps(self.jwk),
        } | changes

    def sign(self, text: str) -> str:
        r, s = decode_dss_signature(self.key.sign(text.encode(), ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(32) + s.to_bytes(32))

    def proof(self, challenge: JsonObject, **changes: Any) -> JsonObject:
        """The answer to a challenge of a sign-in."""
        text = challenge["client_data"]
        answer = {
            "strategy": "trusted_device",
            "trusted_device_id": self.id,
            "client_data": text,
            "signature": self.sign(text),
            "algorithm": "ES256",
        }
        return answer | changes

    @property
    def thumbprint(self) -> str:
        """RFC 7638 section 3."""
        text = json.dumps(self.jwk, sort_keys=True, separators=(",", ":"))
        return base64url(hashlib.sha256(text.encode()).digest())


async def prepare(browser: Browser, device: Device, **changes: Any) -> httpx.Response:
    return await browser.post("/v1/me/trusted_devices/prepare", **device.described(**changes))


async def attempt(browser: Browser, device: Device, challenge: JsonObject, **changes: Any) -> httpx.Response:
    text = challenge["client_data"]
    given = device.described(client_data=text, signature=device.sign(text)) | changes
    return await browser.post("/v1/me/trusted_devices/attempt", **given)


async def enroll(browser: Browser, device: Device) -> JsonObject:
    prepared = await prepare(browser, device)
    assert prepared.status_code == 200, prepared.text
    enrolled = await attempt(browser, device, prepared.json()["response"])
    assert enrolled.status_code == 200, enrolled.text
    device.id = enrolled.json()["response"]["id"]
    return enrolled.json()["response"]


async def with_device(server: TestServer, device: Device, address: str = ADA) -> Browser:
    """The browser of a person who has signed up and enrolled a device."""
    await configure(server, DEVICES)
    browser = server.browser()
    await browser.sign_up(address)
    await enroll(browser, device)
    return browser


async def begin_sign_in(browser: Browser, device_id: str) -> JsonObject:
    answer = await browser.post("/v1/client/sign_ins", strategy="trusted_device", trusted_device_id=device_id)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]


def challenge_of(sign_in: JsonObject) -> JsonObject:
    return sign_in["first_factor_verification"]["trusted_device_challenge"]


async def attempt_sign_in(browser: Browser, sign_in: JsonObject, proof: JsonObject) -> httpx.Response:
    return await browser.post(f"/v1/client/sign_ins/{sign_in['id']}/attempt_first_factor", **proof)
