"""The wrappers of `@clerk/nextjs` 4.5 (2022) around endpoints and pages, unmodified, at today's server."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.services.node import FOLDER
from tests.support.services.processes import Serving, SignedIn, running_process

pytestmark = pytest.mark.sdk

BROWSER = {"user-agent": "Mozilla/5.0"}


@pytest.fixture(scope="module")
def application(dev_server: Serving) -> Iterator[httpx.Client]:
    environ = {
        "CLERK_API_KEY": dev_server.secret_key,
        "CLERK_API_URL": dev_server.url,
        "NODE_ENV": "production",
    }
    if not (FOLDER / "node_modules" / "clerk-nextjs-4").is_dir():
        pytest.fail(f"the SDKs for Node.js are not installed: run `npm ci --prefix {FOLDER}`")
    command = ["node", str(FOLDER / "older_wrappers.cjs")]
    with running_process(command, environ=environ, cwd=FOLDER) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
            yield http


@pytest.fixture(scope="module")
def signed_in(dev_server: Serving) -> SignedIn:
    return dev_server.sign_up("wrapped+clerk_test@example.com")


def credentials(token: str) -> list[dict[str, str]]:
    """As a script sends it, and as a browser does."""
    return [{"authorization": f"Bearer {token}"}, {"cookie": f"__session={token}; __client_uat=1", **BROWSER}]


@pytest.mark.parametrize("path", ["/with-auth", "/require-auth"])
def test_wrapped_endpoints_know_the_signed_in_user(
    application: httpx.Client, signed_in: SignedIn, path: str
) -> None:
    token = signed_in.token()
    for headers in credentials(token):
        answer = application.get(path, headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {
            "userId": signed_in.user_id,
            "sessionId": signed_in.session_id,
            "token": token,
        }


def test_signed_out_one_wrapper_has_no_user_and_the_other_refuses(application: httpx.Client) -> None:
    open_to_all, required = application.get("/with-auth"), application.get("/require-auth")

    assert open_to_all.json() == {"userId": None, "sessionId": None, "token": None}
    assert (required.status_code, required.json()) == (401, {"error": "Unauthenticated"})


def test_wrapped_pages_have_the_user_loaded(application: httpx.Client, signed_in: SignedIn) -> None:
    for headers in credentials(signed_in.token()):
        props = application.get("/page", headers=headers).json()
        assert props["userId"] == signed_in.user_id
        assert props["addresses"] == ["wrapped+clerk_test@example.com"]
        assert props["__clerk_ssr_state"]["sessionId"] == signed_in.session_id


@pytest.mark.parametrize("path", ["/with-auth", "/require-auth", "/page"])
def test_browser_in_an_unknown_state_gets_the_interstitial(
    application: httpx.Client, dev_server: Serving, path: str
) -> None:
    answer = application.get(path, headers=BROWSER)

    assert (answer.status_code, answer.headers["auth-result"]) == (401, "uat-missing")
    assert answer.headers["content-type"].startswith("text/html")
    assert f"{dev_server.url}/npm/@clerk/clerk-js@4/dist/clerk.browser.js" in answer.text
    assert dev_server.publishable_key in answer.text
