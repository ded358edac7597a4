"""Wallets of users, as an application's backend sees them."""

from __future__ import annotations

import httpx
import pytest

from tests.support.answers import error_of, errors_of
from tests.support.factors.wallets import (
    EthereumWallet,
    SolanaWallet,
    add_wallet,
    sign_in_with,
    sign_up_with,
    with_wallets,
)
from tests.support.server import Backend, TestServer


@pytest.fixture
async def backend(server: TestServer) -> Backend:
    await with_wallets(server)
    return server.backend()


async def create(backend: Backend, wallets: list[str]) -> httpx.Response:
    return await backend.post("/v1/users", web3_wallet=wallets, skip_password_requirement=True)


async def test_user_is_created_with_wallets_that_sign_in(server: TestServer, backend: Backend) -> None:
    wallets = [EthereumWallet(), SolanaWallet()]

    created = await create(backend, [wallets[0].address.lower(), wallets[1].address])
    signed_in = [await sign_in_with(server.browser(), wallet) for wallet in wallets]

    user = created.json()
    ids = {one["web3_wallet"]: one["id"] for one in user["web3_wallets"]}
    assert set(ids) == {one.address for one in wallets}
    assert user["primary_web3_wallet_id"] == ids[wallets[0].address]
    assert {one["verification"]["strategy"] for one in user["web3_wallets"]} == {"admin"}
    assert {one.json()["response"]["status"] for one in signed_in} == {"complete"}


@pytest.mark.parametrize("address", ["", "0x0", "0x" + "aB" * 19 + "Ab", "1" * 32])
async def test_what_is_no_wallet_is_refused(backend: Backend, address: str) -> None:
    refused = await create(backend, [address])

    assert error_of(refused)[::2] == (422, "web3_wallet")


async def test_wallet_of_another_user_is_refused_however_it_is_written(
    server: TestServer, backend: Backend
) -> None:
    wallet = EthereumWallet()
    await sign_up_with(server.browser(), wallet)

    refused = await create(backend, [wallet.address.lower()])

    assert errors_of(refused) == {"web3_wallet": "form_identifier_exists"}


async def test_users_are_found_by_their_wallets(server: TestServer, backend: Backend) -> None:
    ethereum, solana = EthereumWallet(), SolanaWallet()
    first = (await sign_up_with(server.browser(), ethereum))["response"]["created_user_id"]
    second = (await sign_up_with(server.browser(), solana))["response"]["created_user_id"]

    async def found(**query: object) -> list[str]:
        users = (await backend.get("/v1/users", **query)).json()
        count = (await backend.get("/v1/users/count", **query)).json()["total_count"]
        assert count == len(users)
        return [user["id"] for user in users]

    assert await found(web3_wallet=[ethereum.address.lower()]) == [first]
    assert await found(web3_wallet=[solana.address]) == [second]
    assert await found(web3_wallet=[solana.address.swapcase()]) == []
    assert set(await found(web3_wallet=[ethereum.address, solana.address, "0x0"])) == {first, second}
    assert await found(query=ethereum.address[:12]) == [first]
    assert await found(query=solana.address[3:20]) == [second]


async def test_users_are_sorted_by_their_primary_wallets(server: TestServer, backend: Backend) -> None:
    wallets = sorted((EthereumWallet() for _ in range(3)), key=lambda one: one.address.lower())
    for wallet in wallets:
        await sign_up_with(server.browser(), wallet)

    users = (await backend.get("/v1/users", order_by="-web3wallet")).json()

    assert [one["web3_wallets"][0]["web3_wallet"] for one in users] == [one.address for one in wallets[::-1]]


async def test_backend_chooses_the_primary_wallet(server: TestServer, backend: Backend) -> None:
    created = await create(backend, [EthereumWallet().address, SolanaWallet().address])
    user = created.json()
    wanted = next(one["id"] for one in user["web3_wallets"] if one["id"] != user["primary_web3_wallet_id"])

    changed = await backend.patch(f"/v1/users/{user['id']}", primary_web3_wallet_id=wanted)
    refused = await backend.patch(f"/v1/users/{user['id']}", primary_web3_wallet_id="idn_x")

    assert changed.json()["primary_web3_wallet_id"] == wanted
    assert error_of(refused)[::2] == (422, "primary_web3_wallet_id")


async def test_wallet_is_deleted_of_its_own_user_alone(server: TestServer, backend: Backend) -> None:
    addresses = [EthereumWallet().address, SolanaWallet().address]
    user = (await create(backend, addresses)).json()
    other = await backend.create_user("grace@example.com")
    first, second = (one["id"] for one in user["web3_wallets"])

    of_other = await backend.delete(f"/v1/users/{other['id']}/web3_wallets/{first}")
    of_no_user = await backend.delete(f"/v1/users/user_x/web3_wallets/{first}")
    address = await backend.delete(
        f"/v1/users/{other['id']}/web3_wallets/{other['primary_email_address_id']}"
    )
    deleted = await backend.delete(f"/v1/users/{user['id']}/web3_wallets/{first}")
    last = await backend.delete(f"/v1/users/{user['id']}/web3_wallets/{second}")

    assert [one.status_code for one in (of_other, of_no_user, address)] == [404] * 3
    assert deleted.json() == {"object": "web3_wallet", "id": first, "deleted": True}
    assert error_of(last)[0] == 400
    left = (await backend.get(f"/v1/users/{user['id']}")).json()
    assert [one["id"] for one in left["web3_wallets"]] == [second]
    assert left["primary_web3_wallet_id"] == second


async def test_wallet_of_another_instance_is_not_found(server: TestServer, backend: Backend) -> None:
    user = (await create(backend, [EthereumWallet().address])).json()
    next_door = await server.neighbour()

    wallet_id = user["web3_wallets"][0]["id"]
    refused = await next_door.delete(f"/v1/users/{user['id']}/web3_wallets/{wallet_id}")

    assert refused.status_code == 404


async def test_unverified_wallet_is_shown(server: TestServer, backend: Backend) -> None:
    browser = server.browser()
    signed_up = (await sign_up_with(browser, EthereumWallet()))["response"]
    await add_wallet(browser, SolanaWallet())

    user = (await backend.get(f"/v1/users/{signed_up['created_user_id']}")).json()

    assert [one["verification"]["status"] for one in user["web3_wallets"]] == ["verified", "unverified"]
