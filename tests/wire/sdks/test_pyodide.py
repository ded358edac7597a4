"""The SDK on Pyodide (Python in WebAssembly, under Node): no compiled dependency, no sockets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import greffier
from tests.sdk.instances import NOW, production
from tests.support.services.node import FOLDER
from tests.support.services.processes import APP_ORIGIN, Serving

pytestmark = pytest.mark.sdk

SOURCE = Path(greffier.__file__).parents[1]
INSTANCE = production()


def on_pyodide(code: str, **arguments: Any) -> Any:
    """Returns the value of the code's last expression, which must be JSON."""
    wanted = {"folder": str(SOURCE), "code": code, "arguments": arguments}
    node = subprocess.run(
        ["node", "pyodide.mjs"],
        cwd=FOLDER,
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(node.stdout.splitlines()[-1])
    assert "error" not in answer, answer["error"]
    return answer["result"]


def test_tokens_are_verified_without_a_network_and_without_cryptography() -> None:
    token, other = INSTANCE.token(), INSTANCE.token(sub="user_2")
    forged = f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"

    said = on_pyodide(
        """
import importlib.util
from greffier.sdk.errors import TokenVerificationError
from greffier.sdk.tokens.jwt import PemKey, TokenVerifier
from greffier.sdk.steps import run

verifier = TokenVerifier(PemKey(arguments["pem"]), clock=lambda: arguments["now"])
try:
    run(verifier.verify(verifier.decode(arguments["forged"])))
    refused = None
except TokenVerificationError as error:
    refused = error.reason
json.dumps({
    "platform": sys.platform,
    "cryptography": importlib.util.find_spec("cryptography") is not None,
    "user": run(verifier.verify(verifier.decode(arguments["token"])))["sub"],
    "refused": refused,
})
""",
        pem=INSTANCE.pem,
        now=NOW,
        token=token,
        forged=forged,
    )

    assert said == {
        "platform": "emscripten",
        "cryptography": False,
        "user": "user_1",
        "refused": "token-invalid-signature",
    }


def test_requests_are_authenticated_with_keys_and_users_that_are_fetched(dev_server: Serving) -> None:
    person = dev_server.sign_up("pyodide+clerk_test@example.com")

    said = on_pyodide(
        """
from greffier import AuthOptions, AuthRequest, Authenticator
from greffier.sdk.steps import run_async

authenticator = Authenticator(AuthOptions(**arguments["settings"]))
request = AuthRequest.from_url("GET", arguments["url"], [("authorization", "Bearer " + arguments["token"])])
state = await authenticator.authenticate_async(request)
auth = state.to_auth()
user = await run_async(authenticator.backend.user(auth.user_id))
json.dumps({"status": state.status, "session": auth.session_id, "user": user["id"]})
""",
        settings={
            "publishable_key": dev_server.publishable_key,
            "secret_key": dev_server.secret_key,
            "api_url": dev_server.url,
        },
        url=f"{APP_ORIGIN}/reports",
        token=person.token(),
    )

    assert said["status"] == "signed-in"
    assert said["session"] == person.session_id
    assert said["user"].startswith("user_")
