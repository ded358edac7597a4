"""JWT templates that bring a signing key of their own."""

from __future__ import annotations

import json
import logging
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tests.support.answers import error_of, errors_of
from tests.support.server import Backend, TestServer

CLAIMS = {"aud": "elsewhere"}
PASSWORDS = {256: "s" * 32, 384: "s" * 48, 512: "s" * 64}


def pem_of(key: Any, password: bytes | None = None) -> str:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption).decode()


RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
RSA = pem_of(RSA_KEY)
EC = {
    256: pem_of(ec.generate_private_key(ec.SECP256R1())),
    384: pem_of(ec.generate_private_key(ec.SECP384R1())),
    512: pem_of(ec.generate_private_key(ec.SECP521R1())),
}
KEYS = (
    {f"RS{size}": RSA for size in EC}
    | {f"HS{size}": secret for size, secret in PASSWORDS.items()}
    | {f"ES{size}": pem for size, pem in EC.items()}
)


def verification_key(algorithm: str) -> Any:
    if algorithm.startswith("HS"):
        return KEYS[algorithm]
    private = load_pem_private_key(KEYS[algorithm].encode(), None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.fixture
def backend(server: TestServer) -> Backend:
    return server.backend()


async def create(backend: Backend, algorithm: str | None, key: str | None, **fields: Any) -> dict[str, Any]:
    response = await backend.post(
        "/v1/jwt_templates",
        name="own",
        claims=CLAIMS,
        custom_signing_key=True,
        signing_algorithm=algorithm,
        signing_key=key,
        **fields,
    )
    assert response.status_code == 200, response.text
    return response.json()


async def token_of(server: TestServer) -> str:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    response = await browser.post(f"/v1/client/sessions/{session_id}/tokens/own")
    assert response.status_code == 200, response.text
    return response.json()["jwt"]


@pytest.mark.parametrize("algorithm", KEYS)
async def test_token_is_verified_by_the_receivers_key(
    server: TestServer, backend: Backend, algorithm: str
) -> None:
    made = await create(backend, algorithm, KEYS[algorithm])

    token = await token_of(server)

    assert (made["custom_signing_key"], made["signing_algorithm"]) == (True, algorithm)
    claims = pyjwt.decode(
        token,
        verification_key(algorithm),
        algorithms=[algorithm],
        audience="elsewhere",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},  # the test has its own clock
    )
    assert claims["sub"].startswith("user_")
    assert pyjwt.get_unverified_header(token) == {
        "alg": algorithm,
        "cat": "cl_B7d4PD222AAA",
        "typ": "JWT",
    }


async def test_key_is_never_shown_nor_logged_nor_published(
    server: TestServer, backend: Backend, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "never-to-be-seen-again-" + "x" * 32
    with caplog.at_level(logging.DEBUG):
        made = await create(backend, "HS256", secret)
        path = f"/v1/jwt_templates/{made['id']}"
        answers = [
            await backend.get(path),
            await backend.get("/v1/jwt_templates"),
            await backend.patch(path, name="own", claims={}),
            await backend.post("/v1/jwt_templates", name="x", claims={}, signing_key=secret),
            await backend.get("/v1/jwks"),
        ]
        assert secret not in await token_of(server)

    assert secret not in json.dumps(made)
    assert not any(secret in answer.text for answer in answers)
    assert secret not in caplog.text


async def test_own_key_is_not_in_the_key_set(server: TestServer, backend: Backend) -> None:
    before = (await backend.get("/v1/jwks")).json()

    await create(backend, "RS256", RSA)

    assert (await backend.get("/v1/jwks")).json() == before
    assert (await server.browser().get("/.well-known/jwks.json")).json() == before


@pytest.mark.parametrize(
    ("algorithm", "key", "param"),
    [
        (None, PASSWORDS[256], "signing_algorithm"),
        ("HS256", None, "signing_key"),
        ("HS256", "", "signing_key"),
        ("HS256", "s" * 31, "signing_key"),
        ("HS384", "s" * 47, "signing_key"),
        ("HS512", "s" * 63, "signing_key"),
        ("HS256", "s" * 9000, "signing_key"),
        ("RS256", "no key at all", "signing_key"),
        ("RS256", EC[256], "signing_key"),
        ("RS256", pem_of(RSA_KEY, b"secret"), "signing_key"),
        ("RS256", pem_of(rsa.generate_private_key(public_exponent=65537, key_size=1024)), "signing_key"),
        ("ES256", RSA, "signing_key"),
        ("ES256", EC[384], "signing_key"),
        ("ES512", EC[256], "signing_key"),
        (
            "RS256",
            RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
            "signing_key",
        ),
        ("none", PASSWORDS[256], "signing_algorithm"),
        ("hs256", PASSWORDS[256], "signing_algorithm"),
        ("PS256", RSA, "signing_algorithm"),
    ],
)
async def test_key_that_does_not_fit_its_algorithm_is_refused(
    backend: Backend, algorithm: str | None, key: str | None, param: str
) -> None:
    answer = await backend.post(
        "/v1/jwt_templates",
        name="own",
        claims=CLAIMS,
        custom_signing_key=True,
        signing_algorithm=algorithm,
        signing_key=key,
    )

    assert error_of(answer)[::2] == (422, param)
    assert not key or key not in answer.text
    assert (await backend.get("/v1/jwt_templates")).json() == []


@pytest.mark.parametrize("chosen", [False, None])
async def test_key_that_would_not_be_used_is_refused(backend: Backend, chosen: bool | None) -> None:
    body = {"name": "own", "claims": CLAIMS, "custom_signing_key": chosen}

    with_key = await backend.post("/v1/jwt_templates", signing_key=PASSWORDS[256], **body)
    with_algorithm = await backend.post("/v1/jwt_templates", signing_algorithm="HS256", **body)

    assert set(errors_of(with_key)) == set(errors_of(with_algorithm)) == {"custom_signing_key"}


async def test_update_keeps_the_key_until_another_is_given(server: TestServer, backend: Backend) -> None:
    shown = await create(backend, "HS256", PASSWORDS[256])
    path = f"/v1/jwt_templates/{shown['id']}"
    editable = ("name", "claims", "lifetime", "allowed_clock_skew", "custom_signing_key", "signing_algorithm")
    as_shown = {name: shown[name] for name in editable}

    kept = await backend.patch(path, **as_shown)
    unfit = await backend.patch(path, **(as_shown | {"signing_algorithm": "RS256"}))
    unclear = await backend.patch(path, name="own", claims={}, signing_key=PASSWORDS[384])
    pyjwt.decode(
        await token_of(server),
        PASSWORDS[256],
        algorithms=["HS256"],
        audience="elsewhere",
        options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
    )
    replaced = await backend.patch(
        path, **(as_shown | {"signing_algorithm": "HS384", "signing_key": PASSWORDS[384]})
    )

    assert kept.json()["custom_signing_key"] is True
    assert error_of(unfit)[::2] == (422, "signing_key")
    assert error_of(unclear)[::2] == (422, "custom_signing_key")
    assert replaced.json()["signing_algorithm"] == "HS384"


async def test_template_goes_back_to_the_instances_key(server: TestServer, backend: Backend) -> None:
    made = await create(backend, "HS256", PASSWORDS[256])

    path = f"/v1/jwt_templates/{made['id']}"
    back = (await backend.patch(path, name="own", claims=CLAIMS, custom_signing_key=False)).json()

    assert (back["custom_signing_key"], back["signing_algorithm"]) == (False, "RS256")
    header = pyjwt.get_unverified_header(await token_of(server))
    assert header["kid"] in {key["kid"] for key in (await backend.get("/v1/jwks")).json()["keys"]}
    again = await backend.patch(path, name="own", claims=CLAIMS, custom_signing_key=True)
    assert set(errors_of(again)) == {"signing_algorithm", "signing_key"}
