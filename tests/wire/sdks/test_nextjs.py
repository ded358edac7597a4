"""An application of the unmodified `@clerk/nextjs`, built and started, in a real browser."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server import PASSWORD
from tests.support.services.node import FOLDER
from tests.support.services.ports import free_port
from tests.support.services.processes import Serving, answers, greffier_dev, listens, running_process
from tests.support.services.reverse_proxies import nginx
from tests.support.sign_in_form import enter_password
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.sdk, pytest.mark.browser]
expect.set_options(timeout=20_000)  # milliseconds; other tests of a run keep every core busy at times
NEXT = FOLDER / "node_modules" / ".bin" / "next"


@pytest.fixture(scope="module")
def app_url(dev_server: Serving) -> Iterator[str]:
    """With the variables of the README."""
    with application(dev_server, NEXT_PUBLIC_CLERK_SIGN_IN_URL=f"{dev_server.url}/sign-in") as url:
        yield url


@pytest.fixture(scope="module")
def quickstart_url(dev_server: Serving) -> Iterator[str]:
    """Without a sign-in URL, which only redirects of the application's server need."""
    with application(dev_server) as url:
        yield url


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """`greffier dev --tls`."""
    with greffier_dev(tmp_path_factory.mktemp("tls"), tls=True) as serving:
        yield serving


@contextmanager
def application(dev_server: Serving, **variables: str) -> Generator[str]:
    """`next build && next start` of `tests/sdk_node/nextjs`, in a copy beside the installed packages."""
    app = Path(mkdtemp(prefix=".nextjs-", dir=FOLDER))
    shutil.copytree(FOLDER / "nextjs", app, ignore=shutil.ignore_patterns(".next"), dirs_exist_ok=True)
    environ = {
        "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY": dev_server.publishable_key,
        "CLERK_SECRET_KEY": dev_server.secret_key,
        "CLERK_API_URL": dev_server.url,
        "NEXT_PUBLIC_CLERK_PROXY_URL": dev_server.url,
        "NEXT_PUBLIC_CLERK_JS_URL": f"{dev_server.url}/npm/@clerk/clerk-js@6/dist/clerk.browser.js",
        "NEXT_PUBLIC_CLERK_UI_URL": f"{dev_server.url}/npm/@clerk/ui@1/dist/ui.browser.js",
        "NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED": "1",
        "NEXT_TELEMETRY_DISABLED": "1",
        **variables,
    }
    try:
        subprocess.run([NEXT, "build"], cwd=app, env=os.environ | environ, check=True)
        port = free_port()
        with running_process([str(NEXT), "start", "-p", str(port)], environ=environ, cwd=app):
            url = f"http://localhost:{port}"
            wait_until(lambda: answers(url), "the Next.js application answers")
            yield url
    finally:
        shutil.rmtree(app)


@pytest.fixture(scope="module")
def app_url_with_tls(tls_server: Serving) -> Iterator[str]:
    """With the variables of the documentation, and the one by which Node.js believes the server."""
    variables = {
        "NEXT_PUBLIC_CLERK_SIGN_IN_URL": f"{tls_server.url}/sign-in",
        "NODE_EXTRA_CA_CERTS": str(tls_server.data / "tls" / "ca.pem"),
    }
    with application(tls_server, **variables) as url:
        yield url


@pytest.fixture(scope="module")
def https_app_url(
    app_url_with_tls: str, tls_server: Serving, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same application, itself at https: behind a proxy with the certificate of the server."""
    port, tls = free_port(), tls_server.data / "tls"
    servers = f"""server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {tls}/server.pem;
        ssl_certificate_key {tls}/server-key.pem;
        location / {{
            proxy_pass {app_url_with_tls};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Proto https;
        }}
    }}"""
    with running_process(nginx(tmp_path_factory.mktemp("https"), servers)):
        wait_until(lambda: listens(port), "the proxy listens")
        yield f"https://localhost:{port}"


@pytest.fixture
def page(chromium: Browser) -> Page:
    return chromium.new_page(ignore_https_errors=True)


def test_public_page_needs_no_session(app_url: str, page: Page) -> None:
    page.goto(app_url)

    expect(page.get_by_role("heading")).to_have_text("Public page")


def test_signed_out_visitor_signs_in_and_comes_back(app_url: str, dev_server: Serving, page: Page) -> None:
    user = dev_server.sign_up("nextjs+clerk_test@example.com")

    page.goto(f"{app_url}/protected")
    assert page.url.startswith(f"{dev_server.url}/sign-in")
    enter_password(page, "nextjs+clerk_test@example.com")

    expect(page.locator("#user")).to_have_text(user.user_id)
    assert page.url.partition("?")[0] == f"{app_url}/protected"


def test_button_of_the_quickstart_opens_the_hosted_page_which_comes_back_signed_in(
    quickstart_url: str, dev_server: Serving, page: Page
) -> None:
    dev_server.sign_up("quickstart+clerk_test@example.com")

    page.goto(quickstart_url)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Email address").wait_for()
    assert page.url.startswith(f"{dev_server.url}/sign-in")
    enter_password(page, "quickstart+clerk_test@example.com")

    expect(page.locator("#signed-in")).to_be_visible()
    assert page.url.partition("?")[0] == f"{quickstart_url}/"


@pytest.mark.parametrize("application_at", ["app_url_with_tls", "https_app_url"])
@pytest.mark.parametrize("begins_at", ["button", "protected page"])
def test_with_tls_people_sign_in_and_the_application_knows_them(
    request: pytest.FixtureRequest, tls_server: Serving, page: Page, begins_at: str, application_at: str
) -> None:
    url: str = request.getfixturevalue(application_at)
    address = f"{begins_at.replace(' ', '-')}+{application_at}@example.com"
    authority = ssl.create_default_context(cafile=str(tls_server.data / "tls" / "ca.pem"))
    user = httpx.post(
        f"{tls_server.url}/v1/users",
        json={"email_address": [address], "password": PASSWORD},
        headers={"authorization": f"Bearer {tls_server.secret_key}"},
        verify=authority,
    ).raise_for_status()

    if begins_at == "button":
        page.goto(url)
        page.get_by_role("button", name="Sign in").click()
    else:
        page.goto(f"{url}/protected")
    page.get_by_label("Email address").wait_for()
    assert page.url.startswith(f"{tls_server.url}/sign-in")
    enter_password(page, address)

    if begins_at == "button":
        expect(page.locator("#signed-in")).to_be_visible()
        page.goto(f"{url}/protected")
    expect(page.locator("#user")).to_have_text(user.json()["id"])
    assert page.url.startswith(f"{url}/protected")


def test_signed_out_request_of_a_script_is_not_answered(app_url: str) -> None:
    response = httpx.get(f"{app_url}/protected", headers={"accept": "application/json"})

    assert "Protected page" not in response.text
