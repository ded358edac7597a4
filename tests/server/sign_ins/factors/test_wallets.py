"""Sign-ins and sign-ups with wallets of both families of chains."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.answers import error_of, errors_of
from tests.support.configuring import configure
from tests.support.factors.authenticator_apps import SECOND_FACTORS, AuthenticatorApp
from tests.support.factors.wallets import (
    ALL,
    METAMASK,
    EthereumWallet,
    SolanaWallet,
    Wallet,
    attempt_sign_in,
    begin_sign_in,
    begin_sign_up,
    prepare_sign_in,
    sign_in_with,
    sign_up_with,
    text_of,
    with_wallets,
)
from tests.support.server import APP_ORIGIN, PASSWORD, TestServer

WALLET_MAKERS = [EthereumWallet, SolanaWallet]


@pytest.fixture(params=WALLET_MAKERS, ids=["ethereum", "solana"])
def wallet(request: pytest.FixtureRequest) -> Wallet:
    return request.param()


@pytest.fixture
async def wallets(server: TestServer) -> TestServer:
    await with_wallets(server)
    return server


async def test_wallet_signs_up_and_in_and_is_all_that_a_person_needs(
    wallets: TestServer, wallet: Wallet
) -> None:
    signed_up = await sign_up_with(wallets.browser(), wallet)
    done = (await sign_in_with(wallets.browser(), wallet)).json()

    assert signed_up["response"]["status"] == "complete"
    assert done["response"]["status"] == "complete"
    user = done["client"]["sessions"][0]["user"]
    assert user["id"] == signed_up["response"]["created_user_id"]
    assert [one["web3_wallet"] for one in user["web3_wallets"]] == [wallet.address]
    assert user["primary_web3_wallet_id"] == user["web3_wallets"][0]["id"]
    assert user["web3_wallets"][0]["verification"]["status"] == "verified"
    assert (user["password_enabled"], user["email_addresses"]) == (False, [])
    assert done["client"]["last_authentication_strategy"] == wallet.strategy


async def test_session_after_it_is_an_ordinary_one(wallets: TestServer) -> None:
    browser = wallets.browser()
    signed_up = (await sign_up_with(browser, EthereumWallet()))["response"]

    token = await browser.token(signed_up["created_session_id"])
    backend = wallets.backend()
    revoked = await backend.post(f"/v1/sessions/{signed_up['created_session_id']}/revoke")
    refused = await browser.token(signed_up["created_session_id"])

    assert token.status_code == 200
    assert revoked.json()["status"] == "revoked"
    assert refused.status_code in (401, 404)


async def test_nonce_and_message_hold_the_same_ascii_text_bound_to_page_chain_and_wallet(
    wallets: TestServer,
) -> None:
    wallet = EthereumWallet()
    await configure(wallets, {"web3": {"networks": {"ethereum": "8453"}}, "application_name": "Ünïcode"})

    sign_up = await begin_sign_up(wallets.browser(), wallet)

    verification = sign_up["verifications"]["web3_wallet"]
    text = verification["message"]
    assert verification["nonce"] == text
    assert text.isascii()
    assert text.startswith(
        f"{APP_ORIGIN.partition('://')[2]} wants you to sign in with your Ethereum account:"
    )
    assert text.split("\n")[1] == wallet.address
    assert "\nChain ID: 8453\n" in text
    assert f"\nURI: {APP_ORIGIN}\n" in text
    assert re.search(r"\nNonce: [0-9a-z]{32}\n", text)
    assert 295_000 < verification["expire_at"] - wallets.clock.now_ms() <= 300_000
    assert verification["next_action"] == "needs_attempt"
    assert METAMASK in verification["supported_strategies"]


async def test_every_strategy_of_the_chain_is_offered_for_a_wallet(
    wallets: TestServer, wallet: Wallet
) -> None:
    await sign_up_with(wallets.browser(), wallet)

    begun = await wallets.browser().post("/v1/client/sign_ins", identifier=wallet.address)

    offered = begun.json()["response"]["supported_first_factors"]
    solana = isinstance(wallet, SolanaWallet)
    assert {one["strategy"] for one in offered} == {one for one in ALL if ("solana" in one) == solana}
    assert {one["safe_identifier"] for one in offered} == {wallet.address}
    assert len({one["web3_wallet_id"] for one in offered}) == 1


async def test_wallet_of_ethereum_is_found_however_its_letters_are_written(wallets: TestServer) -> None:
    wallet = EthereumWallet()
    await sign_up_with(wallets.browser(), wallet)
    wallet.address = wallet.address.lower()

    done = await sign_in_with(wallets.browser(), wallet)

    assert done.json()["response"]["status"] == "complete"


async def test_wallet_of_solana_is_another_one_in_other_letters(wallets: TestServer) -> None:
    wallet = SolanaWallet()
    await sign_up_with(wallets.browser(), wallet)

    answers = [
        await wallets.browser().post("/v1/client/sign_ins", identifier=text)
        for text in (wallet.address.lower(), wallet.address.swapcase())
    ]

    assert {error_of(answer)[0] for answer in answers} == {422}


async def test_unknown_wallet_leads_to_a_sign_up(wallets: TestServer, wallet: Wallet) -> None:
    refused = await wallets.browser().post("/v1/client/sign_ins", identifier=wallet.address)

    assert error_of(refused) == (422, "form_identifier_not_found", "identifier")


async def test_browser_without_a_wallet_is_told_at_the_identifier(wallets: TestServer) -> None:
    refused = await wallets.browser().post("/v1/client/sign_ins", identifier="")

    assert error_of(refused) == (422, "form_param_nil", "identifier")


@pytest.mark.parametrize(
    "address",
    ["0x12", "0x" + "aB" * 19 + "Ab", "11111111111111111111111111111111", "ada@example.com", "+12015550100"],
)
async def test_sign_up_with_what_is_no_wallet_is_refused(wallets: TestServer, address: str) -> None:
    refused = await wallets.browser().post("/v1/client/sign_ups", web3_wallet=address)

    assert errors_of(refused) == {"web3_wallet": "form_param_format_invalid"}


async def test_person_with_a_wallet_chooses_no_password(server: TestServer) -> None:
    """As browser components expect it: they take the field away once the wallet is verified."""
    await configure(server, {"attributes": {"web3_wallet": {"enabled": True}}})
    browser, wallet = server.browser(), EthereumWallet()

    begun = await begin_sign_up(browser, wallet)
    verified = await sign_up_with(browser, wallet)

    assert begun["missing_fields"] == ["email_address", "password"]
    assert begun["unverified_fields"] == ["web3_wallet"]
    assert verified["response"]["missing_fields"] == ["email_address"]
    assert verified["response"]["unverified_fields"] == []


async def test_password_is_required_where_wallets_do_not_sign_in(server: TestServer) -> None:
    off: dict[str, Any] = {"enabled": True, "identifier": False, "first_factors": []}
    await configure(server, {"attributes": {"web3_wallet": off}})

    verified = await sign_up_with(server.browser(), EthereumWallet())

    assert verified["response"]["missing_fields"] == ["email_address", "password"]


async def test_second_factor_follows_a_wallet(wallets: TestServer) -> None:
    await configure(wallets, SECOND_FACTORS)
    browser, wallet = wallets.browser(), EthereumWallet()
    await sign_up_with(browser, wallet)
    created = (await browser.post("/v1/me/totp")).json()["response"]
    app = AuthenticatorApp(wallets, created["secret"])
    set_up = await browser.post("/v1/me/totp/attempt_verification", code=app.code())
    wallets.clock.advance(seconds=60)

    other = wallets.browser()
    first = (await sign_in_with(other, wallet)).json()["response"]
    path = f"/v1/client/sign_ins/{first['id']}/attempt_second_factor"
    second = await other.post(path, strategy="totp", code=app.code())

    assert set_up.status_code == 200, "no reverification: the wallet has just been verified"
    assert first["status"] == "needs_second_factor"
    assert second.json()["response"]["status"] == "complete"


async def test_wallet_is_a_factor_after_another_identifier(wallets: TestServer) -> None:
    browser, wallet = wallets.browser(), EthereumWallet()
    await sign_up_with(browser, wallet, email_address="ada+clerk_test@example.com", password=PASSWORD)
    sign_up = (await browser.get("/v1/client")).json()["response"]["sign_up"]
    path = f"/v1/client/sign_ups/{sign_up['id']}"
    await browser.post(f"{path}/prepare_verification", strategy="email_code")
    await browser.post(f"{path}/attempt_verification", strategy="email_code", code="424242")
    other = wallets.browser()

    begun = await other.post("/v1/client/sign_ins", identifier="ada+clerk_test@example.com")
    sign_in = begun.json()["response"]
    shown = [one for one in sign_in["supported_first_factors"] if one["strategy"] == METAMASK]
    prepared = (await prepare_sign_in(other, sign_in, METAMASK)).json()["response"]
    done = await attempt_sign_in(other, prepared, wallet.sign(text_of(prepared)))

    assert [one["safe_identifier"] for one in shown] == [f"{wallet.address[:6]}***{wallet.address[-4:]}"]
    assert done.json()["response"]["status"] == "complete"


async def test_wallets_that_are_switched_off_sign_no_user_in(wallets: TestServer) -> None:
    browser, wallet = wallets.browser(), EthereumWallet()
    await sign_up_with(browser, wallet)
    sign_in = await begin_sign_in(wallets.browser(), wallet)
    await configure(wallets, {"attributes": {"web3_wallet": {"enabled": False}}})

    begun = await wallets.browser().post("/v1/client/sign_ins", identifier=wallet.address)
    new = await wallets.browser().post("/v1/client/sign_ups", web3_wallet=EthereumWallet().address)

    assert sign_in["status"] == "needs_first_factor"
    assert error_of(begun)[0] == 422
    assert errors_of(new) == {"web3_wallet": "form_param_unknown"}


async def test_environment_shows_the_buttons_that_browser_components_have(wallets: TestServer) -> None:
    environment = (await wallets.browser().get("/v1/environment")).json()

    shown = environment["user_settings"]["attributes"]["web3_wallet"]
    assert (shown["enabled"], shown["used_for_first_factor"]) == (True, True)
    assert shown["first_factors"] == ALL
    assert set(shown["first_factors"]) < set(environment["auth_config"]["first_factors"])
    assert "web3_wallet" in environment["auth_config"]["identification_strategies"]


async def test_any_wallet_of_ethereum_has_a_strategy_that_browser_components_are_not_shown(
    wallets: TestServer,
) -> None:
    """Applications with a wallet button of their own name it; SDKs take it for MetaMask, as they do with
    whatever wallet the browser has."""
    own = ["web3_ethereum_signature"]
    await configure(wallets, {"attributes": {"web3_wallet": {"first_factors": own, "verifications": own}}})
    wallet = EthereumWallet()
    wallet.strategy = own[0]

    signed_up = await sign_up_with(wallets.browser(), wallet)
    signed_in = (await sign_in_with(wallets.browser(), wallet)).json()
    environment = (await wallets.browser().get("/v1/environment")).json()

    assert signed_up["response"]["verifications"]["web3_wallet"]["strategy"] == own[0]
    assert signed_in["client"]["last_authentication_strategy"] == own[0]
    (shown,) = signed_in["client"]["sessions"][0]["user"]["web3_wallets"]
    assert shown["verification"]["strategy"] == METAMASK
    assert environment["user_settings"]["attributes"]["web3_wallet"]["first_factors"] == []


async def test_wallets_are_off_by_default(server: TestServer) -> None:
    shown = (await server.browser().get("/v1/environment")).json()["user_settings"]["attributes"][
        "web3_wallet"
    ]

    refused = await server.browser().post("/v1/client/sign_ups", web3_wallet=EthereumWallet().address)

    assert (shown["enabled"], shown["used_for_first_factor"], shown["first_factors"]) == (False, False, [])
    assert errors_of(refused) == {"web3_wallet": "form_param_unknown"}


async def test_wallet_of_another_chain_takes_no_strategy_of_this_one(wallets: TestServer) -> None:
    browser = wallets.browser()
    begun = await browser.post("/v1/client/sign_ups", web3_wallet=SolanaWallet().address)

    path = f"/v1/client/sign_ups/{begun.json()['response']['id']}/prepare_verification"
    refused = await browser.post(path, strategy=METAMASK)

    assert error_of(refused) == (422, "form_param_value_invalid", "strategy")


async def test_strategy_that_the_settings_do_not_name_is_refused(server: TestServer) -> None:
    await configure(server, {"attributes": {"web3_wallet": {"enabled": True}}})
    browser = server.browser()
    begun = await browser.post("/v1/client/sign_ups", web3_wallet=EthereumWallet().address)

    path = f"/v1/client/sign_ups/{begun.json()['response']['id']}/prepare_verification"
    refused = await browser.post(path, strategy="web3_okx_wallet_signature")

    assert error_of(refused)[0] == 422
