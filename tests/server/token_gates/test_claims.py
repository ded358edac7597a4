"""The features of token gates in session tokens of both versions."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.sdk.auth_object import session_auth
from greffier.server.organizations.roles.token_claims import compact_permissions
from greffier.server.sessions.tokens.feature_claims import features_v2
from greffier.server.token_gates.holdings import Features
from tests.support.factors.wallets import EthereumWallet
from tests.support.organizations import add_member, add_organization, enable_organizations
from tests.support.server import TestServer
from tests.support.services.evm import Evm
from tests.support.token_gates import Holder, gate, holder_of, with_gates

OLD = "2021-02-05"


async def rich(server: TestServer, evm: Evm, *gates: dict[str, Any], **options: Any) -> Holder:
    """A user whose wallet has enough for every gate."""
    await with_gates(server, evm.url, *gates)
    wallet = EthereumWallet()
    evm.give(wallet.address, 10**18)
    holder = await holder_of(server, wallet, **options)
    await holder.read_again()
    return holder


async def test_feature_of_an_organization_is_one_where_an_organization_is_active(
    server: TestServer, evm: Evm
) -> None:
    await enable_organizations(server)
    gates = (
        gate("gold", scope="organization", actions=["enter", "invite"]),
        gate("silver", scope="organization"),
        gate("bronze"),
    )
    ada = await rich(server, evm, *gates)
    backend = server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)

    there, alone = await ada.claims(acme["id"]), await ada.claims()

    assert there["fea"] == "o:gold,o:silver,u:bronze"
    assert (there["o"]["per"], there["o"]["fpm"]) == ("enter,invite", "3,0")
    assert alone["fea"] == "u:bronze"
    assert "o" not in alone
    auth, personal = session_auth(there, "a.b.c", None), session_auth(alone, "a.b.c", None)
    assert all(auth.has(feature=name) for name in ("gold", "org:silver", "user:bronze"))
    assert auth.has(permission="org:gold:enter")
    assert not auth.has(permission="org:silver:enter")
    assert not personal.has(feature="gold")
    assert personal.has(feature="bronze")


async def test_token_of_version_1_has_a_claim_of_our_own(server: TestServer, evm: Evm):
    await enable_organizations(server)
    gates = (gate("gold", scope="organization", actions=["enter"]), gate("bronze"))
    ada = await rich(server, evm, *gates, version=OLD)
    backend = server.backend()
    acme = await add_organization(backend)
    await add_member(backend, acme, ada.user_id)

    there, alone = await ada.claims(acme["id"]), await ada.claims()

    assert there["features"] == ["bronze", "gold"]
    assert there["org_permissions"] == ["org:gold:enter"]
    assert alone["features"] == ["bronze"]
    assert "fea" not in there


async def test_two_gates_of_one_feature_need_only_one_of_them(server: TestServer, evm: Evm):
    unreachable = gate("gold", minimum=str(10**30))
    ada = await rich(server, evm, unreachable, gate("gold"))

    assert await ada.features() == "u:gold"


@pytest.mark.parametrize("own", [[], ["org:reports:read"]])
def test_features_without_permissions_keep_those_of_others_in_their_places(own: list[str]) -> None:
    listed, masks = compact_permissions([*own, "org:zoo:feed"], ["art"])

    features = listed.split(",")
    assert features == ["o:art", *(["o:reports"] if own else []), "o:zoo"]
    granted = [
        (feature, action)
        for feature, mask in zip(features, masks["fpm"].split(","), strict=True)
        for bit, action in enumerate(masks["per"].split(","))
        if int(mask) >> bit & 1
    ]
    assert granted == [*([("o:reports", "read")] if own else []), ("o:zoo", "feed")]


def test_token_without_gates_has_no_claim_of_them():
    assert features_v2(None, Features()) == {}
