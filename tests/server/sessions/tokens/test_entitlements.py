"""The plan and features that an application gives to users and organizations, in their session tokens."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from greffier.sdk.auth_object import session_auth
from greffier.sdk.tokens.claims import session_properties
from greffier.server.organizations.roles.token_claims import MAX_ROLE_CLAIMS
from greffier.server.sessions.tokens.feature_claims import features_v1, features_v2
from greffier.server.token_gates.holdings import Features
from greffier.server.users.profile.entitlements import MAX_LISTED, Entitlements, entitlement_problems
from tests.server.sessions.tokens.test_organization_claims import membership
from tests.support.answers import claims_of, error_of
from tests.support.configuring import configure
from tests.support.organizations import (
    Person,
    add_member,
    add_organization,
    enable_organizations,
    path_of,
    sign_up,
)
from tests.support.server import Backend, JsonObject, TestServer

PRO = {"plan": "pro", "features": ["reports", "export"]}


async def entitle(backend: Backend, path: str, entitlements: JsonObject | None) -> None:
    """Merge them into the private metadata, as any server-side SDK can."""
    response = await backend.patch(f"{path}/metadata", private_metadata={"token_entitlements": entitlements})
    assert response.status_code == 200, response.text


async def next_claims(person: Person, organization_id: str = "") -> JsonObject:
    path = f"/v1/client/sessions/{person.session_id}/tokens"
    minted = await person.browser.post(path, organization_id=organization_id)
    return claims_of(minted.raise_for_status().json()["jwt"])


async def test_next_token_of_a_user_names_plan_and_features(server: TestServer) -> None:
    ada = await sign_up(server, "ada")
    before = await next_claims(ada)

    await entitle(server.backend(), f"/v1/users/{ada.user_id}", PRO)
    claims = await next_claims(ada)

    assert not {"pla", "fea"} & before.keys()
    assert (claims["pla"], claims["fea"]) == ("u:pro", "u:export,u:reports")
    auth = session_auth(claims, "a.b.c", None)
    assert auth.has(plan="pro", feature="export")
    assert auth.has(plan="user:pro")
    assert not auth.has(plan="org:pro")


async def test_what_is_taken_away_is_missing_from_the_next_token(server: TestServer) -> None:
    ada = await sign_up(server, "ada")
    backend = server.backend()
    await entitle(backend, f"/v1/users/{ada.user_id}", PRO)

    await entitle(backend, f"/v1/users/{ada.user_id}", {"plan": None, "features": ["reports"]})
    fewer = await next_claims(ada)
    await entitle(backend, f"/v1/users/{ada.user_id}", None)
    none = await next_claims(ada)

    assert fewer["fea"] == "u:reports"
    assert not {"pla"} & fewer.keys()
    assert not {"pla", "fea"} & none.keys()


async def test_every_session_of_the_user_and_later_ones_have_them(server: TestServer) -> None:
    ada = await sign_up(server, "ada")
    other = server.browser()
    signed_in = await other.sign_in("ada+clerk_test@example.com")
    there = Person(other, ada.user_id, signed_in["sessions"][0]["id"])

    await entitle(server.backend(), f"/v1/users/{ada.user_id}", PRO)
    third = server.browser()
    later = await third.sign_in("ada+clerk_test@example.com")

    assert (await next_claims(there))["pla"] == "u:pro"
    assert (await next_claims(Person(third, ada.user_id, later["sessions"][0]["id"])))["pla"] == "u:pro"
    assert claims_of(later["sessions"][0]["last_active_token"]["jwt"])["pla"] == "u:pro"


async def test_entitlements_of_one_user_are_not_those_of_another(server: TestServer) -> None:
    ada, bob = await sign_up(server, "ada"), await sign_up(server, "bob")

    await entitle(server.backend(), f"/v1/users/{ada.user_id}", PRO)

    assert not {"pla", "fea"} & (await next_claims(bob)).keys()


async def test_active_organization_pays_and_features_of_both_count(server: TestServer) -> None:
    await enable_organizations(server)
    ada, backend = await sign_up(server, "ada"), server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)
    await entitle(backend, f"/v1/users/{ada.user_id}", PRO)
    await entitle(backend, path_of(acme), {"plan": "team", "features": ["export", "audit"]})

    there, alone = await next_claims(ada, acme["id"]), await next_claims(ada)

    assert (there["pla"], there["fea"]) == ("o:team", "o:audit,uo:export,u:reports")
    assert (alone["pla"], alone["fea"]) == ("u:pro", "u:export,u:reports")
    auth = session_auth(there, "a.b.c", None)
    assert auth.has(plan="org:team", feature="org:export")
    assert auth.has(feature="user:export")
    assert auth.has(feature="reports")
    assert not auth.has(plan="pro")
    assert not auth.has(feature="org:reports")


async def test_plan_of_the_user_is_not_that_of_an_organization_without_one(server: TestServer) -> None:
    await enable_organizations(server)
    ada, backend = await sign_up(server, "ada"), server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)
    await entitle(backend, f"/v1/users/{ada.user_id}", PRO)

    assert "pla" not in await next_claims(ada, acme["id"])


async def test_organization_that_stops_paying_is_seen_by_the_next_token_of_a_member(
    server: TestServer,
) -> None:
    await enable_organizations(server)
    ada, backend = await sign_up(server, "ada"), server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)
    await entitle(backend, path_of(acme), {"plan": "team"})
    paid = await next_claims(ada, acme["id"])

    await entitle(backend, path_of(acme), None)

    assert paid["pla"] == "o:team"
    assert "pla" not in await next_claims(ada, acme["id"])


async def test_token_of_version_1_has_claims_of_our_own(server: TestServer) -> None:
    await enable_organizations(server)
    ada, backend = await sign_up(server, "ada"), server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)
    await entitle(backend, f"/v1/users/{ada.user_id}", PRO)
    await entitle(backend, path_of(acme), {"plan": "team", "features": ["audit"]})

    await configure(server, {"session": {"token_version": 1}})

    there, alone = await next_claims(ada, acme["id"]), await next_claims(ada)

    assert (there["plan"], there["features"]) == ("team", ["audit", "export", "reports"])
    assert (alone["plan"], alone["features"]) == ("pro", ["export", "reports"])
    assert not {"pla", "fea"} & (there.keys() | alone.keys())


async def test_browser_can_neither_read_nor_write_them(server: TestServer) -> None:
    ada = await sign_up(server, "ada")
    await entitle(server.backend(), f"/v1/users/{ada.user_id}", {"plan": "free"})

    for name in ("private_metadata", "public_metadata", "unsafe_metadata"):
        await ada.browser.patch("/v1/me", **{name: '{"token_entitlements": {"plan": "pro"}}'})
    shown = await ada.browser.get("/v1/me")

    assert (await next_claims(ada))["pla"] == "u:free"
    assert "private_metadata" not in shown.json()["response"]


@pytest.mark.parametrize(
    "entitlements",
    [
        "pro",
        ["pro"],
        {"plan": "u:pro"},
        {"plan": "pro,o:team"},
        {"plan": ""},
        {"plan": 1},
        {"plan": "pro\n"},
        {"plan": "x" * 65},
        {"features": "export"},
        {"features": ["a,o:b"]},
        {"features": ["a b"]},
        {"features": [None]},
        {"features": {"export": True}},
        {"plans": ["pro"]},
    ],
)
async def test_entitlements_that_no_token_can_name_are_refused(server: TestServer, entitlements: Any) -> None:
    backend = server.backend()
    user = await backend.add_user(private_metadata={"kept": True})
    path, given = f"/v1/users/{user['id']}/metadata", {"token_entitlements": entitlements}

    merged = await backend.patch(path, private_metadata=given)
    replaced = await backend.put(path, private_metadata=given)
    created = await backend.post("/v1/users", email_address=["eve@example.com"], private_metadata=given)

    for response in (merged, replaced, created):
        assert error_of(response) == (422, "form_param_format_invalid", "private_metadata")
    assert (await backend.get(f"/v1/users/{user['id']}")).json()["private_metadata"] == {"kept": True}


async def test_organization_is_refused_them_likewise(server: TestServer) -> None:
    await enable_organizations(server)
    backend = server.backend()
    acme = await add_organization(backend)

    response = await backend.patch(
        path_of(acme, "metadata"), private_metadata={"token_entitlements": {"plan": "a,b"}}
    )

    assert error_of(response) == (422, "form_param_format_invalid", "private_metadata")


async def test_more_features_than_a_token_holds_are_refused(server: TestServer) -> None:
    backend = server.backend()
    user = await backend.add_user()
    many = {"features": [f"feature-{n:02}" for n in range(40)]}

    response = await backend.patch(
        f"/v1/users/{user['id']}/metadata", private_metadata={"token_entitlements": many}
    )

    assert error_of(response) == (422, "form_param_exceeds_allowed_size", "private_metadata")


async def test_changes_at_once_and_sign_ins_meanwhile_end_alike(server: TestServer) -> None:
    ada, backend = await sign_up(server, "ada"), server.backend()
    browsers = [server.browser() for _ in range(4)]

    async def change(n: int) -> None:
        await entitle(backend, f"/v1/users/{ada.user_id}", {"plan": f"plan{n}"})

    clients, *_ = await asyncio.gather(
        asyncio.gather(*(browser.sign_in("ada+clerk_test@example.com") for browser in browsers)),
        *(change(n) for n in range(4)),
    )

    kept = (await backend.get(f"/v1/users/{ada.user_id}")).json()["private_metadata"]["token_entitlements"]
    people = [
        Person(browser, ada.user_id, client["sessions"][0]["id"])
        for browser, client in zip(browsers, clients, strict=True)
    ]
    plans = {(await next_claims(one))["pla"] for one in [ada, *people]}
    assert plans == {f"u:{kept['plan']}"}


def test_most_that_is_accepted_fits_beside_the_largest_role() -> None:
    most = Entitlements(plan="p" * 64, features=tuple(f"{n:02}{'x' * 8}" for n in range(30)))
    ours = Entitlements(plan="p" * 64, features=tuple(f"{n:02}{'y' * 8}" for n in range(30)))
    given = {"token_entitlements": msgspec.to_builtins(most)}

    claims = features_v2(None, Features(), most) | features_v2(None, Features(), ours)

    assert entitlement_problems(given) == []
    assert len(claims["fea"]) <= MAX_LISTED
    sizes = MAX_ROLE_CLAIMS + 2 * MAX_LISTED + len(claims["pla"])
    assert sizes <= 2500 - 350  # beside what every token says


def test_permissions_are_read_back_beside_features_of_both() -> None:
    member = membership(["org:teams:read", "org:dashboard:manage", "org:dashboard:read"])
    own = Entitlements(plan="pro", features=("teams", "audit"))
    gates = Features(of_organization=("art", "zoo"), of_user=("zoo",), permissions=("org:art:see",))

    claims = features_v2(member, gates, own)

    assert claims["fea"] == "o:art,o:dashboard,uo:teams,uo:zoo,u:audit"
    read = session_properties({"v": 2, **claims})
    assert set(read.org_permissions or ()) == {*member.permissions, "org:art:see"}


@pytest.mark.parametrize("written", ["pro", {"plan": "a,b"}, {"unknown": 1}, [], 7])
def test_malformed_ones_of_former_times_are_no_claims(written: Any) -> None:
    member = membership([])
    member.organization.private_metadata["token_entitlements"] = written
    try:
        assert not {"pla", "fea"} & features_v2(member, Features()).keys()
        assert not {"plan", "features"} & features_v1(member, Features()).keys()
    finally:
        del member.organization.private_metadata["token_entitlements"]
