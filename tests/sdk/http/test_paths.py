"""Paths and routes: one spelling each, so that no other spelling slips past the gate."""

import re

import pytest

from greffier.sdk.errors import ConfigurationError
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.http.organization_sync import OrganizationSync, OrganizationTarget
from greffier.sdk.http.path_patterns import compile_path_pattern
from greffier.sdk.http.paths import canonical_path
from greffier.sdk.http.routes import RouteMatcher, Routes
from tests.sdk.requests import page


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        ("/", "/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("//a///b//", "/a/b"),
        ("/%61/b", "/a/b"),
        ("/%2561", "/a"),
        ("/a;x=1/b;y", "/a/b"),
        ("/a/./b/../c", "/a/c"),
        ("/a/%2e%2e/b", "/b"),
        ("/a/..;/b", "/b"),
        ("/a%2fb", "/a/b"),
        ("/caf%C3%A9", "/café"),
        ("/100%", "/100%"),
        ("", "/"),
        ("/..", None),
        ("/a/../../b", None),
        ("/a\\b", None),
        ("/a%5cb", None),
        ("/a%00b", None),
        ("/a%0ab", None),
        ("/a%ff", None),
        ("/%252525252561", None),
    ],
)
def test_a_path_has_one_canonical_spelling(path: str, canonical: str | None) -> None:
    assert canonical_path(path) == canonical


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("/", ["/", ""], ["/a", "//"]),
        ("/about", ["/about", "/about/"], ["/about/x", "/abouts", "/ABOUT", "/"]),
        ("/blog/*", ["/blog/a", "/blog/a/"], ["/blog", "/blog/", "/blog/a/b"]),
        ("/docs/**", ["/docs", "/docs/", "/docs/a", "/docs/a/b"], ["/docsx", "/doc"]),
        ("/**", ["/", "/a", "/a/b"], []),
        ("/posts/:id", ["/posts/1"], ["/posts", "/posts/1/edit"]),
        ("/posts/:id/edit", ["/posts/1/edit"], ["/posts/1/2/edit"]),
        ("/posts/:id(\\d+)", ["/posts/12"], ["/posts/x"]),
        ("/posts/:id?", ["/posts", "/posts/1"], ["/posts/1/2"]),
        ("/files/:path*", ["/files", "/files/a/b/c"], ["/filesx"]),
        ("/files/:path+", ["/files/a", "/files/a/b"], ["/files"]),
        ("/sign-in(.*)", ["/sign-in", "/sign-in/factor-one", "/sign-inx"], ["/sign"]),
        ("/sign-in(/.*)?", ["/sign-in", "/sign-in/a/b"], ["/sign-inx"]),
        ("/(a|b)/c", ["/a/c", "/b/c"], ["/c/c"]),
        ("/a.b", ["/a.b"], ["/axb"]),
        ("/a\\*b", ["/a*b"], ["/axb"]),
        ("/api/**/health", ["/api/health", "/api/x/y/health"], ["/api/x"]),
    ],
)
def test_patterns_match_what_they_say(pattern: str, matching: list[str], others: list[str]) -> None:
    compiled = compile_path_pattern(pattern)
    assert [path for path in matching if not compiled.match(path)] == []
    assert [path for path in others if compiled.match(path)] == []


@pytest.mark.parametrize("pattern", ["about", "", "/(a", "/(*)", "/:id/:id"])
def test_a_pattern_that_cannot_work_is_told_at_start_up(pattern: str) -> None:
    with pytest.raises(ConfigurationError):
        compile_path_pattern(pattern)


def covers(routes: Routes, path: str) -> bool:
    return RouteMatcher(routes).matches(page(f"https://example.com{path}"), path)


@pytest.mark.parametrize(
    "path",
    [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/..;/admin",
        "/admin/..;/public",
        "/admin/../public",
        "/admin;/../public",
        "//admin",
        "/public/..%2fadmin",
        "/public\\..\\admin",
        "/publi%63/../admin",
        "/public/%252e%252e/admin",
        "/admin%2f..%2fpublic",
        "/public%00/../admin",
        "/PUBLIC/../admin",
        "/admin/.",
        "/./admin",
        "/admin%20",
        "/admin\n",
    ],
)
def test_no_spelling_of_a_protected_path_looks_public(path: str) -> None:
    assert not covers(["/public/**", "/"], path)


def test_the_root_is_public_and_nothing_below_it() -> None:
    assert covers(["/"], "/")
    assert not covers(["/"], "/a")


def test_routes_may_be_regular_expressions_and_functions() -> None:
    assert covers([re.compile(r"/v\d+/health")], "/v2/health")
    assert not covers([re.compile(r"/v\d+/health")], "/v2/health/x")
    assert covers(lambda request: request.method == "GET", "/anything")

    def is_webhook(request: AuthRequest) -> bool:
        return request.path.startswith("/webhooks/")

    assert covers(["/", is_webhook], "/webhooks/stripe")
    assert not covers(["/", is_webhook], "/admin")


def test_a_single_text_in_place_of_a_list_is_told() -> None:
    with pytest.raises(TypeError, match="list"):
        RouteMatcher("/public")


SYNC = OrganizationSync(
    organization_patterns=["/orgs/:slug", "/orgs/:slug/(.*)?", "/by-id/:id/**"],
    personal_account_patterns=["/me", "/me/(.*)?"],
)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/orgs/acme", OrganizationTarget(slug="acme")),
        ("/orgs/acme/", OrganizationTarget(slug="acme")),
        ("/ORGS/acme/settings/x", OrganizationTarget(slug="acme")),
        ("/by-id/org_1", OrganizationTarget(organization_id="org_1")),
        ("/by-id/org_1/x", OrganizationTarget(organization_id="org_1")),
        ("/me", OrganizationTarget()),
        ("/me/x", OrganizationTarget()),
        ("/orgs", None),
        ("/", None),
    ],
)
def test_a_path_names_the_organization_to_activate(path: str, target: OrganizationTarget | None) -> None:
    assert SYNC.target(path) == target


def test_a_target_knows_when_it_is_active_already() -> None:
    assert OrganizationTarget(slug="acme").is_active(org_id="org_1", org_slug="acme")
    assert not OrganizationTarget(slug="acme").is_active(org_id="org_1", org_slug="other")
    assert OrganizationTarget(organization_id="org_1").is_active(org_id="org_1", org_slug=None)
    assert OrganizationTarget().is_active(org_id=None, org_slug=None)
    assert not OrganizationTarget().is_active(org_id="org_1", org_slug="acme")
