"""Log lines of requests, and what they must not contain."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from greffier.server.web.observability import logs
from greffier.server.web.observability.logs import configure_logging, without_secrets
from tests.server.admission.inviting import invite, ticket_of
from tests.support.machines import add_machine, add_token, as_machine
from tests.support.server import PASSWORD, SECRET_KEY, TEST_CODE, Browser, TestServer

ADA = "ada+clerk_test@example.com"
BOB = "bob@example.com"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, at every level, as a production server writes it."""
    root, ours = logging.getLogger(), logging.getLogger("greffier")
    before = (list(root.handlers), root.level, ours.level)
    stream = io.StringIO()
    configure_logging("json", stream)
    root.setLevel(logging.DEBUG)
    ours.setLevel(logging.DEBUG)
    callers = [logging.getLogger(name) for name in ("httpx", "httpcore")]  # those of the test itself
    for caller in callers:
        caller.disabled = True
    yield stream
    for caller in callers:
        caller.disabled = False
    logs._direct.stream = None
    root.handlers[:] = before[0]
    root.setLevel(before[1])
    ours.setLevel(before[2])


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    logs._direct.flush()  # what waits for the end of this turn of the loop
    return [json.loads(line) for line in log.getvalue().splitlines()]


def requests(log: io.StringIO) -> list[dict[str, Any]]:
    return [line["request"] for line in lines(log) if line["logger"] == "greffier.access"]


async def test_every_request_has_one_line(server: TestServer, log: io.StringIO) -> None:
    browser = server.browser()
    await browser.get("/v1/client")
    await browser.post("/v1/client/sign_ins")
    await browser.http.get("/sign-in")
    await server.backend().get("/v1/users/count")

    said = [(r["method"], r["path"], r["status"], r.get("operation")) for r in requests(log)]
    assert said == [
        ("GET", "/v1/client", 200, "get_client"),
        ("POST", "/v1/client/sign_ins", 200, "create_sign_in"),
        ("GET", "/sign-in", 200, None),
        ("GET", "/v1/users/count", 200, "get_users_count"),
    ]


async def test_line_names_instance_time_and_request(server: TestServer, log: io.StringIO) -> None:
    await server.browser().get("/v1/client")
    await server.browser().get("/v1/client")

    first, second = requests(log)
    assert first["instance_id"].startswith("ins_")
    assert first["ms"] > 0
    assert first["request_id"] != second["request_id"]
    assert lines(log)[0]["level"] == "info"


async def test_error_is_found_by_the_trace_id_that_its_caller_was_told(
    server: TestServer, log: io.StringIO
) -> None:
    response = await server.browser().post("/v1/client/sign_ins", identifier="unknown@example.com")

    assert requests(log)[0]["request_id"] == response.json()["clerk_trace_id"]


async def test_backend_refusal_names_the_instance(server: TestServer, log: io.StringIO) -> None:
    await server.backend().get("/v1/users/user_unknown")

    assert requests(log)[0]["status"] == 404
    assert requests(log)[0]["instance_id"].startswith("ins_")


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/v1/users/user_1", "/v1/users/user_1"),
        ("/v1/users/ada@example.com", "/v1/users/*"),
        ("/v1/sk_test_secret/x", "/v1/*/x"),
        ("/v1/eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "/v1/*"),
        ("/api_keys/ak_" + "0f" * 16 + "/secret", "/api_keys/ak_" + "0f" * 16 + "/secret"),
        ("/api_keys/ak_" + "0f" * 16 + "0/secret", "/api_keys/*/secret"),
        ("/api_keys/ak_" + "0g" * 16, "/api_keys/*"),
        ("/m2m_tokens/mt_secret/revoke", "/m2m_tokens/*/revoke"),
        ("/v1/" + "a" * 65, "/v1/*"),
        ("/v1/line\nbreak", "/v1/*"),
    ],
)
def test_path_is_logged_without_what_may_be_secret(path: str, logged: str) -> None:
    assert without_secrets(path) == logged


async def test_crash_is_logged_and_its_request_too(
    server: TestServer, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(type(server.app.services.ports.caller), "identify", fail)
    await server.browser().http.post("/v1/client/sign_ins")

    crash, request = lines(log)
    assert "the disk is full" in crash["exception"]
    assert request["request"]["status"] == 500


async def all_flows(server: TestServer) -> set[str]:
    """Goes through everything that handles secrets; the secrets that were seen on the way."""
    secrets = {PASSWORD, SECRET_KEY, ADA, BOB, "a wrong password", "another long password"}
    backend = server.backend()
    first = server.browser()
    client = await first.sign_up(ADA, first_name="Ada")
    session_id = client["last_active_session_id"]
    secrets.add((await first.token(session_id)).json()["jwt"])
    secrets.add(first.http.cookies["__client"])
    await first.post("/v1/me/change_password", current_password="a wrong password", new_password="x" * 9)
    await first.post(
        "/v1/me/change_password", current_password=PASSWORD, new_password="another long password"
    )
    await first.post("/v1/me/email_addresses", email_address=BOB)
    await first.post("/v1/client/sign_ins", identifier=ADA, _authorization=SECRET_KEY)
    await first.http.get("/v1/client", params={"_authorization": SECRET_KEY})
    await first.http.get("/v1/client", headers={"authorization": "Bearer eyJhbGciOiJub25lIn0.e30."})
    await first.http.get(f"/v1/users/{ADA}")
    await first.delete("/v1/client/sessions")
    await wrong_and_right_proofs(server.browser())
    user_id = client["sessions"][0]["user"]["id"]
    ticket = (await backend.post("/v1/sign_in_tokens", user_id=user_id)).json()["token"]
    secrets.add(ticket)
    third = server.browser()
    await third.http.get("/v1/client", params={"__clerk_ticket": ticket})
    await third.post("/v1/client/sign_ins", strategy="ticket", ticket=ticket)
    secrets.add(third.http.cookies["__client"])
    secrets.add((await backend.post("/v1/testing_tokens")).json()["token"])
    secrets.add(invitation := ticket_of(await invite(backend, "lin@example.com")))
    await third.get("/v1/tickets/accept", ticket=invitation)
    await server.browser().post("/v1/client/sign_ups", strategy="ticket", ticket=invitation)
    mailed = server.browser()
    await mailed.begin_sign_up(BOB)
    secrets.update(message["code"] for message in await server.messages(BOB) if message["code"])
    await backend.create_user("kim@example.com", password="another long password")
    await server.backend(secret_key=SECRET_KEY[:-1]).get("/v1/users")
    secrets.add(SECRET_KEY[:-1])
    return secrets | await machines_and_their_tokens(server)


async def machines_and_their_tokens(server: TestServer) -> set[str]:
    backend = server.backend()
    machine = await add_machine(backend)
    asking = as_machine(server, machine)
    opaque, jwt = [(await add_token(asking, token_format=kind))["token"] for kind in ("opaque", "jwt")]
    for token in (opaque, jwt, machine["secret_key"]):
        await backend.post("/v1/m2m_tokens/verify", token=token)
        await backend.post(f"/v1/m2m_tokens/{token}/revoke")
        await server.backend(secret_key=token).get("/v1/users")
    path = f"/v1/machines/{machine['id']}/secret_key/rotate"
    rotated = (await backend.post(path, previous_token_ttl=0)).json()["secret"]
    await asking.post("/v1/m2m_tokens")  # by a key that works no longer
    return {machine["secret_key"], opaque, jwt, rotated}


async def wrong_and_right_proofs(browser: Browser) -> None:
    begun = await browser.post("/v1/client/sign_ins", identifier=ADA, strategy="email_code")
    path = f"/v1/client/sign_ins/{begun.json()['response']['id']}/attempt_first_factor"
    await browser.post(path, strategy="password", password="a wrong password")
    await browser.post(path, strategy="email_code", code="000000")
    assert (await browser.post(path, strategy="email_code", code=TEST_CODE)).status_code == 200


async def test_refused_authorization_of_a_query_is_not_logged(server: TestServer, log: io.StringIO) -> None:
    await server.browser().http.post("/v1/client?_authorization=hush-hush")

    assert [(r["path"], r["status"]) for r in requests(log)] == [("/v1/client", 400)]
    assert "hush-hush" not in log.getvalue()


async def test_no_secret_is_logged_on_any_way(server: TestServer, log: io.StringIO) -> None:
    secrets = await all_flows(server)

    assert len(secrets) >= 12
    assert len(requests(log)) > 20
    told = log.getvalue()
    assert [secret for secret in secrets if secret in told] == []
    assert "?" not in told


@pytest.mark.parametrize("style", ["json", "text"])
def test_trace_is_bounded_however_long_it_is(style: Any) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter() if style == "json" else logs.TextFormatter())
    logger = logging.Logger("greffier.test")
    logger.addHandler(handler)

    logs.log_failure(logger, ValueError("x" * 100_000), "%s failed", "it")
    try:
        raise ValueError("y" * 100_000)
    except ValueError:
        logger.exception("it failed")

    assert len(stream.getvalue()) < 3 * logs.MAX_TRACE
    assert stream.getvalue().count("characters left out") == 2


def test_trace_is_bounded_in_an_application_that_formats_its_log_itself() -> None:
    stream = io.StringIO()
    logger = logging.Logger("greffier.test")
    logger.addHandler(logging.StreamHandler(stream))

    logs.log_failure(logger, ValueError("x" * 100_000), "%s failed", "it")

    assert "ValueError" in stream.getvalue()
    assert len(stream.getvalue()) < 2 * logs.MAX_TRACE
