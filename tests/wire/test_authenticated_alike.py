"""The official SDK for Node.js and ours authenticate the same requests, and must find the same.

The rows are put together by chance, repeatably; what both are meant to answer differently is left out of them
(docs/decisions/2026-11-23-stricter-sdk.md).
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl

import pytest

from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.errors import HandshakeError
from greffier.sdk.http.auth_request import AuthRequest
from tests.sdk.published_words import described, options_in_their_words
from tests.sdk.recorded_backend import RecordedBackend
from tests.support.authentication_rows import Rows
from tests.support.services.node import FOLDER

pytestmark = pytest.mark.sdk
SEEDS = (1, 2, 3)
ROWS_OF_A_SEED = 1000
#: Reasons that the rows of each seed must lead to, or they would show little.
EXPECTED = {
    None,
    "dev-browser-missing",
    "dev-browser-sync",
    "session-token-and-uat-missing",
    "session-token-but-no-client-uat",
    "client-uat-but-no-session-token",
    "session-token-iat-before-client-uat",
    "session-token-missing",
    "session-token-nbf",
    "session-token-iat-in-the-future",
    "primary-responds-to-syncing",
    "primary-domain-cross-origin-sync",
    "satellite-needs-syncing",
    "active-organization-mismatch",
    "jwk-kid-mismatch",
    "token-invalid",
    "token-invalid-algorithm",
    "token-invalid-authorized-parties",
    "token-invalid-signature",
    "token-type-mismatch",
    "token-verification-failed",
    "session-token-expired-refresh-non-eligible-no-refresh-cookie",
    "session-token-expired-refresh-non-eligible-non-get",
}


@pytest.mark.parametrize("seed", SEEDS)
def test_both_find_the_same_in_any_request(seed: int) -> None:
    source = Rows(seed)
    rows = [source.row() for _ in range(ROWS_OF_A_SEED)]
    reasons = Counter[str | None]()
    for row, theirs in zip(rows, authenticated_by_them(rows), strict=True):
        assert authenticated_by_us(row) == comparable(theirs), json.dumps(row, indent=1)
        reasons[theirs.get("reason")] += 1
    assert reasons.keys() >= EXPECTED, EXPECTED - reasons.keys()


def authenticated_by_them(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not (FOLDER / "node_modules").is_dir():
        pytest.fail(f"the SDKs for Node.js are not installed: run `npm ci --prefix {FOLDER}`")
    done = subprocess.run(
        ["node", str(FOLDER / "frozen.mjs")],
        input="".join(json.dumps(row) + "\n" for row in rows),
        capture_output=True,
        text=True,
        cwd=FOLDER,
        check=True,
        timeout=120,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def authenticated_by_us(row: dict[str, Any]) -> dict[str, Any]:
    """Our answer, in the form of `comparable`."""
    client, request = row["client"], row["request"]
    backend = RecordedBackend(row["backend"])
    options = options_in_their_words(
        row["options"],
        publishable_key=client["publishableKey"],
        secret_key=client["secretKey"],
        api_url=client["apiUrl"],
    )
    authenticator = Authenticator(options, transport=backend, clock=lambda: row["now"])
    try:
        state = authenticator.authenticate(
            AuthRequest.from_url(request["method"], request["url"], request["headers"].items())
        )
    except HandshakeError:
        return {"throws": True, "calls": backend.calls()}
    auth = state.to_auth()
    found: dict[str, Any] = {
        "status": state.status,
        "reason": state.reason,
        "token_type": state.token_type,
        "headers": state.headers,
        "calls": backend.calls(),
    }
    machine = auth.machine and {"id": auth.machine.id, "scopes": list(auth.machine.scopes)}
    return comparable({**found, "auth": described(auth) | (machine or {})})


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Returns what both share: all but sentences for developers and members that only one has."""
    if "throws" in found:
        return {"throws": True, "calls": found["calls"]}
    headers = [(name, value) for name, value in found["headers"] if name in _HEADERS]
    auth = found["auth"] if found["status"] != "handshake" else {}
    return {
        **{name: found[name] for name in ("status", "reason", "token_type", "calls")},
        "headers": sorted(
            (name, _location(value) if name == "location" else value) for name, value in headers
        ),
        "auth": {name: auth.get(name) for name in (*_AUTH_MEMBERS, "id", "scopes")},
    }


#: Those that tell what is found are tested with the published rows; theirs are not on every answer.
_HEADERS = ("location", "set-cookie", "cache-control")
_AUTH_MEMBERS = (
    "userId",
    "sessionId",
    "orgId",
    "orgRole",
    "orgSlug",
    "orgPermissions",
    "actor",
    "factorVerificationAge",
    "sessionStatus",
    "isAuthenticated",
)


def _location(url: str) -> str:
    """A location whatever the order of its parameters."""
    base, _, query = url.partition("?")
    return f"{base} {sorted(parse_qsl(query, keep_blank_values=True))}"
