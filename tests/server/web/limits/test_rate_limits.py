"""Rate limits: the documented figures per address, per secret key and per object; who may name an address.
The store in memory has tests of its own, `test_memory_limits.py`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from greffier.server.app import declare_operations
from greffier.server.web.http.proxies import Proxies
from greffier.server.web.limits.rate_limits import (
    network_of,
)
from greffier.server.web.operations.declaration import Face, backend_api, frontend_api
from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.server import (
    DEVELOPMENT,
    LIVE_SECRET_KEY,
    PRODUCTION,
    Backend,
    Browser,
    TestServer,
    running,
)

PROXY = "10.1.2.3"
TRUSTED = ("10.0.0.0/8", "2001:db8:ffff::/48")


@pytest.fixture
async def production(production_database: str) -> AsyncIterator[TestServer]:
    """With the true figures."""
    async with running(
        production_database, PRODUCTION, show_inbox=False, rate_limit_scale=1.0, trusted_proxies=TRUSTED
    ) as started:
        yield started


@pytest.fixture
async def development(development_database: str) -> AsyncIterator[TestServer]:
    async with running(
        development_database, DEVELOPMENT, rate_limit_scale=1.0, trusted_proxies=TRUSTED
    ) as started:
        yield started


def visitor(server: TestServer, address: str, **headers: str) -> Browser:
    """A browser at this network address."""
    browser = server.browser(
        origin="https://example.com", base_url="https://clerk.example.com", headers=headers
    )
    browser.http._transport = httpx.ASGITransport(app=server.app, client=(address, 4711))
    return browser


async def statuses(browser: Browser, times: int, path: str = "/v1/client/sign_ins") -> list[int]:
    return [(await browser.post(path)).status_code for _ in range(times)]


# --- the Frontend API ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/client/sign_ins", "/v1/client/sign_ups"])
async def test_sixth_creation_within_ten_seconds_is_refused(production: TestServer, path: str) -> None:
    browser = visitor(production, "192.0.2.1")

    assert await statuses(browser, 6, path) == [200] * 5 + [429]


async def test_sixth_api_key_within_ten_seconds_is_refused(production: TestServer) -> None:
    browser = visitor(production, "192.0.2.1")

    assert await statuses(browser, 6, "/api_keys") == [400] * 5 + [429]


async def test_refusal_says_when_to_come_back(production: TestServer) -> None:
    browser = visitor(production, "192.0.2.1")
    await statuses(browser, 5)
    production.clock.advance(seconds=3)

    response = await browser.post("/v1/client/sign_ins")

    assert error_of(response)[:2] == (429, "too_many_requests")
    assert response.headers["retry-after"] in ("6", "7")
    assert "Retry-After" in response.headers["access-control-expose-headers"]


async def test_client_that_waits_as_told_is_served(production: TestServer) -> None:
    browser = visitor(production, "192.0.2.1")
    await statuses(browser, 5)
    refused = await browser.post("/v1/client/sign_ins")

    production.clock.advance(seconds=int(refused.headers["retry-after"]))

    assert await statuses(browser, 1) == [200]


async def test_any_span_of_ten_seconds_counts(production: TestServer) -> None:
    browser = visitor(production, "192.0.2.1")
    await statuses(browser, 1)
    production.clock.advance(seconds=9)
    await statuses(browser, 4)
    production.clock.advance(seconds=2)

    assert await statuses(browser, 2) == [200, 429]


@pytest.mark.parametrize(
    "path",
    ["/v1/client/sign_ins/sia_x/attempt_first_factor", "/v1/client/sign_ups/sua_x/attempt_verification"],
)
async def test_fourth_attempt_within_ten_seconds_is_refused(production: TestServer, path: str) -> None:
    browser = visitor(production, "192.0.2.1")

    answers = [(await browser.post(path, strategy="email_code", code="1")).status_code for _ in range(4)]

    assert 429 not in answers[:3]
    assert answers[3] == 429


async def test_other_addresses_are_not_refused(production: TestServer) -> None:
    await statuses(visitor(production, "192.0.2.1"), 6)

    assert await statuses(visitor(production, "192.0.2.2"), 1) == [200]


async def test_one_household_has_one_ipv6_prefix(production: TestServer) -> None:
    for host in range(5):
        await statuses(visitor(production, f"2001:db8:1:2::{host}"), 1)

    assert await statuses(visitor(production, "2001:db8:1:2:ffff::1"), 1) == [429]
    assert await statuses(visitor(production, "2001:db8:1:3::1"), 1) == [200]


def test_address_is_the_same_however_it_is_written() -> None:
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("2001:DB8::1") == network_of("2001:db8:0:0:0::2")


async def test_development_allows_a_hundred_times_as_much(development: TestServer) -> None:
    browser = development.browser()

    answers = await statuses(browser, 501)

    assert answers == [200] * 500 + [429]


async def test_minting_tokens_is_not_limited(development: TestServer) -> None:
    browser = development.browser()
    client = await browser.sign_up()

    answers = [(await browser.token(client["last_active_session_id"])).status_code for _ in range(600)]

    assert set(answers) == {200}


async def test_mailbox_is_not_flooded_with_codes(production: TestServer) -> None:
    answers: list[int] = []
    for number in range(11):
        browser = visitor(production, f"192.0.2.{number}")
        sign_up = await browser.post(
            "/v1/client/sign_ups", email_address="victim@example.com", strategy="email_code"
        )
        answers.append(sign_up.status_code)

    assert answers == [200] * 10 + [429]


# --- reverse proxies ----------------------------------------------------------------------------------------


async def test_spoofed_forwarding_does_not_help(production: TestServer) -> None:
    answers = [
        (await statuses(visitor(production, "192.0.2.1", **{"x-forwarded-for": f"198.51.100.{n}"}), 1))[0]
        for n in range(6)
    ]

    assert answers == [200] * 5 + [429]


async def test_trusted_proxy_names_the_browser(production: TestServer) -> None:
    for _ in range(2):
        await statuses(visitor(production, PROXY, **{"x-forwarded-for": "198.51.100.1"}), 3)

    assert await statuses(visitor(production, PROXY, **{"x-forwarded-for": "198.51.100.1"}), 1) == [429]
    assert await statuses(visitor(production, PROXY, **{"x-forwarded-for": "198.51.100.2"}), 1) == [200]


async def test_what_the_browser_wrote_before_the_trusted_proxies_is_ignored(production: TestServer) -> None:
    chain = "198.51.100.9, 10.9.9.9"
    answers = [
        (await statuses(visitor(production, PROXY, **{"x-forwarded-for": f"203.0.113.{n}, {chain}"}), 1))[0]
        for n in range(6)
    ]

    assert answers == [200] * 5 + [429]


async def host_and_scheme(server: TestServer, address: str) -> str:
    """The server's own URL; in production its key names it."""
    browser = visitor(
        server, address, **{"x-forwarded-host": "outer.localhost", "x-forwarded-proto": "https"}
    )
    browser.http.base_url = "http://inner.localhost:8787"
    del browser.http.headers["origin"]
    environment = (await browser.http.get("/v1/environment", headers={"host": "inner.localhost"})).json()
    return environment["display_config"]["user_profile_url"]


async def test_trusted_proxy_names_host_and_scheme(development: TestServer) -> None:
    assert await host_and_scheme(development, PROXY) == "https://outer.localhost/user"


@pytest.mark.parametrize(
    ("named", "host"), [("example.com", b"clerk.example.com"), ("other.com", b"other.com")]
)
def test_trusted_proxy_of_an_application_names_the_host_of_the_application(named: str, host: bytes) -> None:
    told = {
        "host": "clerk.example.com",
        "clerk-proxy-url": "https://example.com/__clerk",
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-host": named,
    }
    headers = [(name.encode(), value.encode()) for name, value in told.items()]

    seen = Proxies(TRUSTED).unwrap({"client": (PROXY, 1), "headers": headers})

    assert dict(seen["headers"])[b"host"] == host
    assert seen["client"][0] == "203.0.113.9"


async def test_spoofed_host_and_scheme_are_ignored(development: TestServer) -> None:
    assert await host_and_scheme(development, "192.0.2.1") == "http://inner.localhost/user"


# --- the Backend API ----------------------------------------------------------------------------------------


@pytest.fixture
def backend(production: TestServer) -> Backend:
    return production.backend(secret_key=LIVE_SECRET_KEY)


async def get_often(backend: Backend, path: str, times: int) -> list[int]:
    return [(await backend.http.get(path)).status_code for _ in range(times)]


async def test_development_key_asks_as_often_as_one_of_production(development: TestServer) -> None:
    backend = development.backend()

    assert await get_often(backend, "/v1/users/count", 1001) == [200] * 1000 + [429]
    development.clock.advance(seconds=10)
    assert await get_often(backend, "/v1/users/count", 1) == [200]


async def test_production_key_asks_a_thousand_times_in_ten_seconds(backend: Backend) -> None:
    assert await get_often(backend, "/v1/users/count", 1001) == [200] * 1000 + [429]


async def test_public_keys_are_not_limited(development: TestServer) -> None:
    backend = development.backend()

    assert set(await get_often(backend, "/v1/jwks", 150)) == {200}
    assert await get_often(backend, "/v1/users/count", 1) == [200]


@pytest.mark.parametrize(("method", "path"), [("PATCH", ""), ("PATCH", "/metadata"), ("PUT", "/metadata")])
async def test_one_user_is_changed_ten_times_in_ten_seconds(backend: Backend, method: str, path: str) -> None:
    ada, bob = await backend.add_user("ada@example.com"), await backend.add_user("bob@example.com")

    answers = [
        (await backend.call(method, f"/v1/users/{ada['id']}{path}", {})).status_code for _ in range(11)
    ]

    assert answers == [200] * 10 + [429]
    assert (await backend.call(method, f"/v1/users/{bob['id']}{path}", {})).status_code == 200


# --- the figures and their store ----------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "times"), [("/v1/invitations", 100), ("/v1/invitations/bulk", 25)])
async def test_only_so_many_invitations_are_made_in_an_hour(
    production: TestServer, backend: Backend, path: str, times: int
) -> None:
    answers = [(await backend.call("POST", path, {})).status_code for _ in range(times)]
    one_more = await backend.call("POST", path, {})
    production.clock.advance(seconds=3601)
    later = await backend.call("POST", path, {})

    assert 429 not in answers
    assert error_of(one_more)[:2] == (429, "too_many_requests")
    assert 3590 <= int(one_more.headers["retry-after"]) <= 3600
    assert later.status_code != 429


def test_limits_count_what_their_face_knows_of_a_caller() -> None:
    declare_operations()

    def counted(face: Face) -> set[str]:
        return {operation.limit.each for operation in face.operations if operation.limit}

    assert counted(frontend_api) == {"address"}
    assert counted(backend_api) == {"object", "instance"}


def test_every_proof_that_a_browser_asks_for_or_tries_is_limited() -> None:
    declare_operations()
    proofs = [one for one in frontend_api.operations if one.name.startswith(("attempt_", "prepare_"))]

    assert len(proofs) > 8
    assert [one.name for one in proofs if one.limit is None] == []


async def test_new_clients_are_limited_per_address(production: TestServer) -> None:
    async def put(address: str) -> int:
        return (await visitor(production, address).call("PUT", "/v1/client")).status_code

    crowd = [await put("192.0.2.1") for _ in range(32)]

    assert crowd == [200] * 30 + [429] * 2
    assert await put("192.0.2.2") == 200


async def test_handshakes_that_are_kept_are_limited_per_address(production: TestServer) -> None:
    async def ask(address: str) -> int:
        query = {"redirect_url": "https://example.com/", "format": "nonce"}
        path = "/v1/client/handshake"
        return (await visitor(production, address).http.get(path, params=query)).status_code

    crowd = [await ask("192.0.2.1") for _ in range(302)]

    assert crowd == [307] * 300 + [429] * 2
    assert await ask("192.0.2.2") == 307


async def test_development_browsers_are_limited_per_address(development: TestServer) -> None:
    browser = development.browser()

    made = [(await browser.http.post("/v1/dev_browser")).status_code for _ in range(3001)]

    assert (made.count(200), made[-1]) == (3000, 429)


async def test_client_that_is_known_may_be_asked_for_again(production: TestServer) -> None:
    browser = visitor(production, "192.0.2.1")

    assert [(await browser.call("PUT", "/v1/client")).status_code for _ in range(40)] == [200] * 40


async def test_limit_of_secret_keys_is_a_setting_of_the_instance_and_named_when_reached(
    development: TestServer,
) -> None:
    await configure(development, {"rate_limits": {"backend_api": 3}})
    backend = development.backend()

    answers = [await backend.http.get("/v1/users/count") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "rate_limits.backend_api" in answers[-1].json()["errors"][0]["long_message"]
