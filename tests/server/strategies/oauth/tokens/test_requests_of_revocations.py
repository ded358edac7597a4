"""Each provider is asked to revoke tokens in the way that it documents."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import pytest

from greffier.server import outgoing
from greffier.server.app import operator_context
from greffier.server.outgoing import Answer
from greffier.server.strategies.oauth.connections import connection_with
from greffier.server.strategies.oauth.tokens.revocation import revoke
from greffier.server.users.external_accounts.provider_tokens.keeping import Tokens
from tests.support.configuring import configure
from tests.support.server import TestServer

TOKENS = Tokens(access_token="access", refresh_token="refresh")
BASIC = f"Basic {base64.b64encode(b'id:secret').decode()}"
FORM = "application/x-www-form-urlencoded"
REFRESH_FORM = b"token=refresh&token_type_hint=refresh_token&client_id=id&client_secret=secret"
ACCESS_FORM = b"token=access&token_type_hint=access_token&client_id=id&client_secret=secret"


class Sent(NamedTuple):
    method: str
    url: str
    body: bytes | None
    authorization: str | None
    content_type: str | None


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Sent]:
    """The requests to providers, which are all answered with 200."""
    found: list[Sent] = []

    async def request(method: str, url: str, body: bytes | None, headers: dict[str, str], **_: Any) -> Answer:
        found.append(Sent(method, url, body, headers.get("authorization"), headers.get("content-type")))
        return Answer(200, b"")

    monkeypatch.setattr(outgoing, "request", request)
    return found


async def revoked_at(server: TestServer, provider: str) -> None:
    entry = {"provider": provider, "enabled": True, "client_id": "id", "client_secret": "secret"}
    await configure(server, {"social": [entry]})
    (instance,) = server.app.instances
    database = server.app.database
    ctx = operator_context(database, database.begin(), instance)
    connection = connection_with(ctx, provider)
    assert connection is not None
    await revoke(ctx, connection, TOKENS)


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("discord", "https://discord.com/api/oauth2/token/revoke"),
        ("gitlab", "https://gitlab.com/oauth/revoke"),
        ("twitch", "https://id.twitch.tv/oauth2/revoke"),
        ("linear", "https://api.linear.app/oauth/revoke"),
    ],
)
async def test_both_tokens_are_revoked_by_a_form(
    server: TestServer, sent: list[Sent], provider: str, url: str
) -> None:
    await revoked_at(server, provider)

    assert sent == [
        Sent("POST", url, REFRESH_FORM, None, FORM),
        Sent("POST", url, ACCESS_FORM, None, FORM),
    ]


async def test_xero_gets_the_credentials_in_the_header(server: TestServer, sent: list[Sent]) -> None:
    await revoked_at(server, "xero")

    assert {(one.url, one.authorization) for one in sent} == {
        ("https://identity.xero.com/connect/revocation", BASIC)
    }


async def test_github_deletes_the_grant(server: TestServer, sent: list[Sent]) -> None:
    await revoked_at(server, "github")

    url, body = "https://api.github.com/applications/id/grant", b'{"access_token":"access"}'
    assert sent == [Sent("DELETE", url, body, BASIC, "application/json")]


async def test_dropbox_disables_the_token_that_carries_the_request(
    server: TestServer, sent: list[Sent]
) -> None:
    await revoked_at(server, "dropbox")

    assert sent == [
        Sent("POST", "https://api.dropboxapi.com/2/auth/token/revoke", None, "Bearer access", None)
    ]


async def test_coinbase_gets_the_access_token_twice(server: TestServer, sent: list[Sent]) -> None:
    await revoked_at(server, "coinbase")

    url = "https://login.coinbase.com/oauth2/revoke"
    assert sent == [Sent("POST", url, b"token=access", "Bearer access", FORM)]


async def test_line_names_the_token_in_its_own_way(server: TestServer, sent: list[Sent]) -> None:
    await revoked_at(server, "line")

    (one,) = sent
    assert one.url == "https://api.line.me/oauth2/v2.1/revoke"
    assert one.body is not None
    assert one.body.startswith(b"access_token=access&")


async def test_notion_gets_json(server: TestServer, sent: list[Sent]) -> None:
    await revoked_at(server, "notion")

    assert [(one.body, one.authorization) for one in sent] == [
        (b'{"token":"refresh"}', BASIC),
        (b'{"token":"access"}', BASIC),
    ]


@pytest.mark.parametrize("provider", ["facebook", "spotify", "microsoft", "atlassian"])
async def test_provider_without_a_revocation_endpoint_is_not_asked(
    server: TestServer, sent: list[Sent], provider: str
) -> None:
    await revoked_at(server, provider)

    assert sent == []
