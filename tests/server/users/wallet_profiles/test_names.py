"""Names of the Ethereum Name Service, from contracts on a real chain (`anvil`)."""

from __future__ import annotations

import asyncio
import base64
from io import BytesIO

import pytest
from PIL import Image

from greffier.server.users.wallet_profiles import pictures
from tests.support.factors.wallets import EthereumWallet, sign_in_with
from tests.support.server import TestServer
from tests.support.services.ens import NameService
from tests.support.services.evm import Evm
from tests.support.services.json_rpc import stand_in_rpc
from tests.support.token_gates import holder_of
from tests.support.wallet_names import LIFETIME, named, names_read, read_again, reading, user_of, with_names


def picture(side: int = 30) -> bytes:
    written = BytesIO()
    Image.new("RGB", (side, side), (200, 30, 30)).save(written, "PNG")
    return written.getvalue()


def picture_record(side: int = 30) -> str:
    return "data:image/png;base64," + base64.b64encode(picture(side)).decode()


@pytest.fixture
def names(evm: Evm) -> NameService:
    return NameService(evm)


@pytest.fixture
async def chain(server: TestServer, evm: Evm, names: NameService) -> TestServer:
    await with_names(server, evm.url, names)
    return server


def give(names: NameService, wallet: EthereumWallet, name: str, avatar: str | None = None) -> None:
    names.register(name, wallet.address, avatar=avatar)
    names.claim(wallet.address, name)


async def test_name_and_picture_of_a_wallet_are_those_of_a_new_user(
    chain: TestServer, names: NameService
) -> None:
    wallet = EthereumWallet()
    give(names, wallet, "ada.greffier.eth", picture_record())

    holder, user = await named(chain, wallet)

    assert user["web3_wallets"][0]["ens_name"] == "ada.greffier.eth"
    assert (user["first_name"], user["last_name"], user["has_image"]) == ("ada.greffier.eth", None, True)
    shown = await holder.browser.http.get(user["image_url"])
    assert Image.open(BytesIO(shown.content)).size == (30, 30)


async def test_backend_is_told_the_name(chain: TestServer, names: NameService) -> None:
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth")
    holder, _ = await named(chain, wallet)

    user = (await chain.backend().get(f"/v1/users/{holder.user_id}")).json()

    assert [one["ens_name"] for one in user["web3_wallets"]] == ["ada.eth"]


async def test_picture_at_a_public_address_is_fetched_once_and_kept_here(
    chain: TestServer, names: NameService, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return picture()

    monkeypatch.setattr(pictures, "fetch_picture", fetch)
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth", "https://pictures.example/ada.png")

    holder, user = await named(chain, wallet)
    again = await read_again(holder, wallet)

    assert asked == ["https://pictures.example/ada.png"]
    assert "pictures.example" not in str(user)
    assert again["image_url"] == user["image_url"]


async def test_names_are_off_by_default(server: TestServer, evm: Evm, names: NameService) -> None:
    with stand_in_rpc() as rpc:
        await with_names(server, rpc.url, names, enabled=False)
        holder = await holder_of(server, EthereumWallet())
        (await holder.browser.get("/v1/me")).raise_for_status()

        assert (await reading(server, holder.user_id), rpc.batches) == ([None], [])


async def test_name_and_picture_that_a_user_chose_stay(chain: TestServer, names: NameService) -> None:
    wallet = EthereumWallet()
    holder = await holder_of(chain, wallet)
    await names_read(chain, holder.user_id)
    await holder.browser.patch("/v1/me", first_name="Ada")
    query = {"__clerk_api_version": holder.browser.version}
    files = {"file": ("me.png", picture(9))}
    await holder.browser.http.post("/v1/me/profile_image", params=query, files=files)
    before = await user_of(holder)
    give(names, wallet, "ada.eth", picture_record())

    user = await read_again(holder, wallet)

    assert user["web3_wallets"][0]["ens_name"] == "ada.eth"
    assert (user["first_name"], user["image_url"]) == ("Ada", before["image_url"])


async def test_name_that_the_user_removed_does_not_come_back(chain: TestServer, names: NameService) -> None:
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth", picture_record())
    holder, _ = await named(chain, wallet)
    await holder.browser.patch("/v1/me", first_name="")
    await holder.browser.delete("/v1/me/profile_image")

    user = await read_again(holder, wallet)

    assert (user["first_name"], user["has_image"]) == (None, False)


async def test_profile_follows_another_name_and_picture_of_the_wallet(
    chain: TestServer, names: NameService
) -> None:
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth", picture_record(30))
    holder, before = await named(chain, wallet)
    give(names, wallet, "countess.eth", picture_record(40))

    user = await read_again(holder, wallet)

    assert (user["first_name"], user["web3_wallets"][0]["ens_name"]) == ("countess.eth", "countess.eth")
    assert user["image_url"] != before["image_url"]
    shown = await holder.browser.http.get(user["image_url"])
    assert Image.open(BytesIO(shown.content)).size == (40, 40)


async def test_name_that_leads_to_another_wallet_by_now_is_gone(
    chain: TestServer, names: NameService
) -> None:
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth", picture_record())
    holder, _ = await named(chain, wallet)
    names.register("ada.eth", EthereumWallet().address)

    user = await read_again(holder, wallet)

    assert "ens_name" not in user["web3_wallets"][0]
    assert (user["first_name"], user["has_image"]) == (None, False)


async def test_profile_is_left_alone_where_the_settings_say_so(
    server: TestServer, evm: Evm, names: NameService
) -> None:
    await with_names(server, evm.url, names, fill_profile=False)
    wallet = EthereumWallet()
    give(names, wallet, "ada.eth", picture_record())

    _, user = await named(server, wallet)

    assert user["web3_wallets"][0]["ens_name"] == "ada.eth"
    assert (user["first_name"], user["has_image"]) == (None, False)


async def test_wallet_that_is_added_in_the_profile_brings_its_name(
    chain: TestServer, names: NameService
) -> None:
    holder, _ = await named(chain, EthereumWallet())
    second = EthereumWallet()
    give(names, second, "second.eth")

    await holder.add(second)
    await names_read(chain, holder.user_id)

    user = await user_of(holder)
    assert [one.get("ens_name") for one in user["web3_wallets"]] == [None, "second.eth"]
    assert user["first_name"] == "second.eth"


async def test_name_of_a_wallet_that_is_not_verified_is_not_read(
    chain: TestServer, names: NameService
) -> None:
    holder, _ = await named(chain, EthereumWallet())
    other = EthereumWallet()
    give(names, other, "other.eth")
    await holder.add(other, verify=False)
    third = EthereumWallet()
    give(names, third, "third.eth")
    await holder.add(third)

    async with asyncio.timeout(20):
        while (await reading(chain, holder.user_id)).count(None) > 1:
            await asyncio.sleep(0.01)

    user = await user_of(holder)
    assert [one.get("ens_name") for one in user["web3_wallets"]] == [None, None, "third.eth"]


async def test_four_batches_read_the_names_of_all_wallets_and_no_more_for_a_day(
    server: TestServer, evm: Evm, names: NameService
) -> None:
    first, second = EthereumWallet(), EthereumWallet()
    give(names, first, "first.eth")
    give(names, second, "second.eth")
    with stand_in_rpc() as rpc:
        rpc.answer = lambda method, params: evm.call(method, *params)
        await with_names(server, rpc.url, names)
        holder, _ = await named(server, first)
        await holder.add(second)
        await names_read(server, holder.user_id)
        assert [len(batch) for batch in rpc.batches] == [2, 2, 2, 3, 3, 3, 3, 5]

        await sign_in_with(server.browser(), first)
        server.clock.advance(seconds=LIFETIME / 2)
        (await sign_in_with(server.browser(), first)).raise_for_status()
        rpc.batches.clear()
        await read_again(holder, first)

    assert [len(batch) for batch in rpc.batches] == [3, 3, 3, 5]
