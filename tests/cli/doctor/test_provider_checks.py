"""The lines of `greffier doctor` and `greffier serve` about providers of social sign-in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from greffier.cli import main
from greffier.cli.doctor import host_checks
from greffier.server.app import Server, development_server
from tests.cli.commands import Installation
from tests.support.server import ENCRYPTION_KEY
from tests.support.services.openid_provider import OpenIdProvider, openid_provider

ACME = "clerk.example.com custom_acme"


@pytest.fixture(autouse=True)
def hosts_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_checks, "check_hosts", lambda *_, **__: [])  # pyright: ignore[reportUnknownLambdaType]
    monkeypatch.setattr("greffier.cli.processes.supervising.supervise", lambda *_, **__: None)  # pyright: ignore[reportUnknownLambdaType]


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with openid_provider() as provider:
        yield provider


def switch_on(installation: Installation, **entry: Any) -> None:
    document = json.dumps([{"enabled": True, **entry}])
    installation.execute(
        f"UPDATE instances SET settings = json_set(settings, '$.social', json('{document}'))"
    )


def switch_on_acme(installation: Installation, url: str, **entry: Any) -> None:
    own = {"client_id": "own", "client_secret": "own", "private_addresses": True}
    document = f"{url}/.well-known/openid-configuration"
    switch_on(installation, provider="custom_acme", **own | {"discovery_url": document} | entry)


def doctor(installation: Installation, **environ: str) -> dict[str, list[tuple[str, str]]]:
    """Level and text by subject."""
    keys = {"GREFFIER_DATABASE_URL": installation.database_url, "GREFFIER_ENCRYPTION_KEYS": ENCRYPTION_KEY}
    result = CliRunner().invoke(main, ["doctor", "--json"], env=keys | environ)
    found: dict[str, list[tuple[str, str]]] = {}
    for check in json.loads(result.stdout):
        found.setdefault(check["subject"], []).append((check["level"], check["text"]))
    return found


def test_redirect_uri_and_endpoints_are_named(installation: Installation, provider: OpenIdProvider) -> None:
    switch_on_acme(installation, provider.url)

    assert doctor(installation)[ACME] == [
        ("ok", "the redirect URI to register is https://clerk.example.com/v1/oauth_callback"),
        ("ok", f"authorizes at {provider.url}/authorize"),
    ]


def test_redirect_uri_is_below_the_configured_public_url(
    installation: Installation, provider: OpenIdProvider
) -> None:
    switch_on_acme(installation, provider.url)

    found = doctor(installation, GREFFIER_PUBLIC_URL="http://localhost:9/__clerk")

    assert found[ACME][0][1].endswith(" http://localhost:9/__clerk/v1/oauth_callback")


def test_provider_that_does_not_answer_is_a_problem(installation: Installation) -> None:
    switch_on_acme(installation, "http://127.0.0.1:9")

    level, text = doctor(installation)[ACME][1]
    assert (level, text.partition("(")[0]) == ("problem", "sign-in with it fails: no answer ")


def test_private_address_in_production_is_a_problem(
    installation: Installation, provider: OpenIdProvider
) -> None:
    switch_on_acme(installation, provider.url, private_addresses=False)

    assert doctor(installation)[ACME][1][0] == "problem"


def test_document_of_another_issuer_is_a_problem(
    installation: Installation, provider: OpenIdProvider
) -> None:
    switch_on_acme(installation, provider.url.replace("127.0.0.1", "localhost"))

    assert doctor(installation)[ACME][1] == (
        "problem",
        "sign-in with it fails: the discovery document is another issuer's",
    )


def test_provider_without_credentials_is_warned_about(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_on(installation, provider="google")

    ((level, text),) = doctor(installation)["clerk.example.com settings.social[0]"]
    assert level == "warning"
    assert "google has no client_id and client_secret" in text

    monkeypatch.setenv("GREFFIER_DATABASE_URL", installation.database_url)
    monkeypatch.setenv("GREFFIER_ENCRYPTION_KEYS", ENCRYPTION_KEY)
    assert "google has no client_id and client_secret" in CliRunner().invoke(main, ["serve"]).output


def test_provider_that_is_not_switched_on_is_not_asked(installation: Installation) -> None:
    switch_on_acme(installation, "http://127.0.0.1:9", enabled=False)

    assert ACME not in doctor(installation)


def test_development_provider_is_named_in_development(tmp_path: Path) -> None:
    asyncio.run(_start(development_server(tmp_path)))
    run = CliRunner().invoke
    document = '[[social]]\nprovider = "google"\nenabled = true'
    run(main, ["config", "apply", "--data", str(tmp_path), "--file", "-"], input=document)

    found = json.loads(run(main, ["doctor", "--json", "--data", str(tmp_path)]).stdout)

    (check,) = [check for check in found if check["subject"].endswith(" google")]
    assert check["level"] == "ok"
    assert "the development provider stands in for it" in check["text"]


async def _start(server: Server) -> None:
    await server.start()
    await server.stop()
