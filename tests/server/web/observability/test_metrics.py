"""`/metrics`: what it counts, and who may read it."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from greffier.server.settings import from_environment
from tests.support.server import DEVELOPMENT, TestServer, running

TOKEN = "a-long-token-for-metrics"


async def ask(
    server: TestServer,
    *,
    address: str = "127.0.0.1",
    base_url: str = "http://localhost:8787",
    **headers: str,
) -> httpx.Response:
    transport = httpx.ASGITransport(app=server.app, client=(address, 4711))
    async with httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers) as http:
        return await http.get("/metrics")


async def values(server: TestServer) -> dict[tuple[str, str, str], float]:
    """By name, operation and status."""
    response = await ask(server)
    assert response.headers["content-type"].startswith("text/plain")
    return {
        (sample.name, sample.labels.get("operation", ""), sample.labels.get("status", "")): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


async def test_requests_are_counted_by_operation_and_status(server: TestServer) -> None:
    await server.browser().get("/v1/client")
    await server.browser().get("/v1/client")
    await server.backend().get("/v1/users/user_unknown")

    counted = await values(server)

    assert counted["greffier_requests_total", "get_client", "200"] == 2
    assert counted["greffier_requests_total", "get_user", "404"] == 1
    assert counted["greffier_request_seconds_total", "get_client", "200"] > 0


async def test_tokens_are_counted(server: TestServer) -> None:
    browser = server.browser()
    session_id = (await browser.sign_up())["last_active_session_id"]
    for _ in range(3):
        await browser.token(session_id)
    await browser.token("sess_unknown")

    assert (await values(server))["greffier_session_tokens_total", "", ""] == 3


async def test_waiting_mail_and_hashes_are_shown(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT, show_inbox=False) as server:
        await server.browser().begin_sign_up("ada@example.com")

        shown = await values(server)

    assert shown["greffier_outbox_backlog", "", ""] == 1
    assert shown["greffier_password_queue", "", ""] == 0


async def test_paths_that_do_not_exist_do_not_make_new_series(server: TestServer) -> None:
    await server.browser().http.get("/v1/nothing/here")
    await server.browser().http.get("/v1/nothing/there")
    before = len(await values(server))

    await server.browser().http.get("/v1/and/nothing/elsewhere")

    assert len(await values(server)) == before + 2  # the first look at /metrics was counted meanwhile


@pytest.mark.parametrize(
    ("address", "base_url", "headers"),
    [
        ("192.0.2.1", "http://localhost:8787", {}),
        ("127.0.0.1", "http://auth.example.com", {}),
        ("127.0.0.1", "http://localhost:8787", {"x-forwarded-for": "192.0.2.1"}),
        ("127.0.0.1", "http://localhost:8787", {"forwarded": "for=192.0.2.1"}),
    ],
)
async def test_metrics_are_for_this_machine_only(
    server: TestServer, address: str, base_url: str, headers: dict[str, str]
) -> None:
    assert (await ask(server, address=address, base_url=base_url, **headers)).status_code == 404


async def test_metrics_need_the_token(development_database: str) -> None:
    async with running(development_database, DEVELOPMENT, metrics_token=TOKEN) as server:
        far = {"address": "192.0.2.1", "base_url": "https://auth.example.com"}

        assert (await ask(server, **far, authorization=f"Bearer {TOKEN}")).status_code == 200
        assert (await ask(server, **far, authorization=f"Bearer {TOKEN}x")).status_code == 404
        assert (await ask(server)).status_code == 404


def test_short_token_is_refused() -> None:
    with pytest.raises(ValueError, match="GREFFIER_METRICS_TOKEN"):
        from_environment({"GREFFIER_METRICS_TOKEN": "short"})
