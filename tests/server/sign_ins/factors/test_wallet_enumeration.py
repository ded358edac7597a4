"""Wallets under enumeration protection: only their owners learn whether there is an account."""

from __future__ import annotations

import pytest

from tests.support.answers import error_of
from tests.support.configuring import configure
from tests.support.factors.wallets import (
    METAMASK,
    EthereumWallet,
    SolanaWallet,
    Wallet,
    attempt_sign_in,
    attempt_sign_up,
    begin_sign_up,
    prepare_sign_in,
    sign_in_with,
    text_of,
)
from tests.support.server import JsonObject, TestServer


@pytest.fixture
async def hidden(wallets: TestServer, ada: EthereumWallet) -> TestServer:
    await configure(wallets, {"attack_protection": {"enumeration_protection": True}})
    return wallets


def shape(answer: JsonObject, wallet: Wallet) -> object:
    """Returns an answer without what is random and the address itself."""
    factors = answer["supported_first_factors"]
    verification = answer["first_factor_verification"] or {}
    return (
        answer["status"],
        [(one["strategy"], one.get("safe_identifier") == wallet.address, sorted(one)) for one in factors],
        (verification.get("status"), verification.get("attempts"), sorted(verification)),
    )


async def test_sign_in_does_not_tell_whether_a_wallet_has_an_account(
    hidden: TestServer, ada: EthereumWallet
) -> None:
    shapes = []
    for wallet in (ada, EthereumWallet()):
        browser = hidden.browser()
        begun = (await browser.post("/v1/client/sign_ins", identifier=wallet.address)).json()["response"]
        prepared = (await prepare_sign_in(browser, begun, METAMASK)).json()["response"]
        wrong = await attempt_sign_in(browser, prepared, EthereumWallet().sign(text_of(prepared)))
        late = await attempt_sign_in(browser, prepared, wallet.sign(text_of(prepared)))
        shapes.append((shape(begun, wallet), shape(prepared, wallet), error_of(wrong), error_of(late)))

    assert shapes[0] == shapes[1]


async def test_only_its_owner_learns_that_a_wallet_has_no_account(hidden: TestServer) -> None:
    """By this answer browser SDKs go on to the sign-up."""
    refused = await sign_in_with(hidden.browser(), EthereumWallet())

    assert error_of(refused) == (422, "form_identifier_not_found", "identifier")


async def test_wallet_signs_in_under_enumeration_protection(hidden: TestServer, ada: EthereumWallet) -> None:
    done = await sign_in_with(hidden.browser(), ada)

    assert done.json()["response"]["status"] == "complete"


async def test_sign_up_tells_only_the_owner_that_a_wallet_is_taken(
    hidden: TestServer, ada: EthereumWallet
) -> None:
    stranger, owner = hidden.browser(), hidden.browser()
    asked = await begin_sign_up(stranger, ada)
    free = await begin_sign_up(hidden.browser(), EthereumWallet())
    wrong = await attempt_sign_up(
        stranger, asked, EthereumWallet().sign(asked["verifications"]["web3_wallet"]["message"])
    )
    own = await begin_sign_up(owner, ada)
    told = await attempt_sign_up(owner, own, ada.sign(own["verifications"]["web3_wallet"]["message"]))

    assert asked["status"] == free["status"]
    assert sorted(asked["verifications"]["web3_wallet"]) == sorted(free["verifications"]["web3_wallet"])
    assert error_of(wrong) == (422, "form_incorrect_signature", "signature")
    assert error_of(told) == (422, "form_identifier_exists", "web3_wallet")


async def test_unknown_wallet_may_sign_up_by_the_sign_in(hidden: TestServer) -> None:
    """With `sign_up_if_missing` the verified wallet is handed on to a sign-up."""
    browser, wallet = hidden.browser(), SolanaWallet()
    begun = await browser.post("/v1/client/sign_ins", identifier=wallet.address, sign_up_if_missing="true")
    prepared = (await prepare_sign_in(browser, begun.json()["response"], wallet.strategy)).json()["response"]
    signature = wallet.sign(text_of(prepared))
    moved = await attempt_sign_in(browser, prepared, signature, wallet.strategy)
    signed_up = await browser.post("/v1/client/sign_ups", transfer="true")

    assert error_of(moved)[1] == "sign_up_if_missing_transfer"
    assert signed_up.json()["response"]["status"] == "complete"
