"""Destinations to which hosted pages redirect, and those that they refuse."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from greffier.server.hosted_pages.mounting import destination_patterns
from greffier.server.web.http.origins import origin_allowed
from greffier.server.web.instance.instance import Satellite
from tests.server.hosted_pages.pages import visitor
from tests.support.instances import instance
from tests.support.server import TestServer

pytestmark = pytest.mark.parametrize("new_database", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "destination",
    [
        "http://localhost:3000/dashboard?tab=1#top",
        "http://127.0.0.1:5173/",
        "http://[::1]:3000/",
        "https://app.localhost/",
        "http://localhost:8787/user",
        "/dashboard?tab=1",
        "",
    ],
)
async def test_destinations_of_allowed_origins_are_accepted(http: httpx.AsyncClient, destination: str):
    assert (await http.get("/sign-in", params={"redirect_url": destination})).status_code == 200


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "http:evil.example",
        "http:///evil.example",
        "https://localhost@evil.example/",
        "https://localhost:3000@evil.example/",
        "https://localhost.evil.example/",
        "https://evil.example\\@localhost/",
        "https://evil.example#.localhost",
        "javascript:alert(1)//localhost",
        "data:text/html,hello",
        "dashboard",
        "\x01https://evil.example/",
    ],
)
async def test_destinations_anywhere_else_are_refused(http: httpx.AsyncClient, destination: str):
    response = await http.get("/sign-in", params={"redirect_url": destination})
    assert response.status_code == 422
    assert "<script" not in response.text
    assert "evil" not in response.text


@pytest.mark.parametrize(
    "name",
    [
        "redirect_url",
        "after_sign_in_url",
        "after_sign_up_url",
        "sign_in_force_redirect_url",
        "sign_in_fallback_redirect_url",
        "sign_up_force_redirect_url",
        "sign_up_fallback_redirect_url",
        "__clerk_satellite_url",
        "__clerk_redirect_url",
        "return_url",
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-up/continue", "/user"])
async def test_every_parameter_that_the_ui_may_follow_is_checked(
    http: httpx.AsyncClient, path: str, name: str
):
    assert (await http.get(path, params={name: "https://evil.example/"})).status_code == 422


async def test_a_second_value_of_a_parameter_is_checked_too(http: httpx.AsyncClient):
    query = "redirect_url=http://localhost:3000/&redirect_url=https://evil.example/"
    assert (await http.get(f"/sign-in?{query}")).status_code == 422


async def test_a_program_reads_the_refusal_in_the_published_envelope(http: httpx.AsyncClient):
    response = await http.get("/sign-in?redirect_url=https://evil.example", headers={"accept": "*/*"})
    assert response.json()["errors"][0]["code"] == "redirect_url_not_associated_with_instance"


async def test_in_production_only_its_own_domains_are_accepted(production: TestServer):
    async with visitor(production.app, "https://clerk.example.com") as http:
        for destination, status in {
            "https://example.com/": 200,
            "https://app.example.com/x": 200,
            "https://clerk.example.com/user": 200,
            "http://app.example.com/": 422,
            "http://localhost:3000/": 422,
            "https://notexample.com/": 422,
        }.items():
            response = await http.get("/sign-in", params={"redirect_url": destination})
            assert response.status_code == status, destination


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_browser_is_given_the_same_rule_for_what_only_it_can_see(environment: str, new_database: Any):
    """Parameters behind `#` never reach the server. Origins are as browsers write them."""
    checked = msgspec.structs.replace(
        instance(environment, allowed_origins=("https://partner.example", "http://a+b.example:8080")),
        satellites=(Satellite(domain="example.dev", host="clerk.example.dev"),),
    )
    patterns = [re.compile(pattern) for pattern in destination_patterns(checked)]
    for origin in (
        "http://localhost",
        "http://localhost:3000",
        "https://app.localhost:8443",
        "https://a.b.localhost",
        "http://127.0.0.1:5173",
        "http://[::1]:3000",
        "https://example.com",
        "https://app.example.com",
        "https://a.b.example.com:8443",
        "http://example.com",
        "https://partner.example",
        "http://a+b.example:8080",
        "http://partner.example",
        "https://partner.example:444",
        "https://partnerxexample",
        "https://example.dev",
        "http://app.example.dev",
        "https://app.example.dev:8443",
        "https://notexample.dev",
        "https://examplexdev",
        "https://example.dev.evil.example",
        "https://notexample.com",
        "https://example.com.evil.example",
        "https://evil.example",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://127x0x0x1",
        "null",
    ):
        matches = any(pattern.search(origin) for pattern in patterns)
        assert matches == origin_allowed(checked, origin), origin
