"""The provider's metadata."""

from __future__ import annotations

from tests.support.configuring import configure
from tests.support.server import JsonObject, TestServer

ISSUER = "https://clerk.tidy-otter-42.localhost"


async def documents(server: TestServer) -> list[JsonObject]:
    browser = server.browser(origin="https://anywhere.example")
    answers = [
        await browser.get(f"/.well-known/{name}")
        for name in ("openid-configuration", "oauth-authorization-server")
    ]
    assert [answer.headers["access-control-allow-origin"] for answer in answers] == ["*", "*"]
    return [answer.json() for answer in answers]


async def test_both_documents_say_the_same(server: TestServer) -> None:
    openid, oauth = await documents(server)

    for name in oauth.keys() & openid.keys():
        assert oauth[name] == openid[name]
    assert oauth["issuer"] == ISSUER
    assert oauth["code_challenge_methods_supported"] == ["S256"]
    assert oauth["authorization_response_iss_parameter_supported"] is True
    assert openid["response_types_supported"] == ["code"]


async def test_every_endpoint_that_is_named_answers(server: TestServer) -> None:
    openid, oauth = await documents(server)
    browser = server.browser(origin=None)

    urls = {url for name, url in (openid | oauth).items() if name.endswith(("_endpoint", "_uri"))}
    for url in urls:
        for method in ("GET", "POST"):
            answer = await browser.http.request(method, url)
            assert answer.status_code not in (404, 501), url


async def test_registration_is_named_only_where_it_is_open(server: TestServer) -> None:
    _, closed = await documents(server)
    await configure(server, {"oauth_provider": {"dynamic_registration": True}})
    _, opened = await documents(server)

    assert "registration_endpoint" not in closed
    assert opened["registration_endpoint"] == "http://localhost:8787/oauth/register"


async def test_production_names_its_own_host_whatever_the_request_says(production: TestServer) -> None:
    browser = production.browser(origin=None, base_url="https://clerk.example.com")

    document = (await browser.get("/.well-known/openid-configuration")).json()

    assert document["issuer"] == "https://clerk.example.com"
    assert document["token_endpoint"] == "https://clerk.example.com/oauth/token"
