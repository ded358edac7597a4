"""Users with one factor, for several files of this folder."""

from __future__ import annotations

import pytest

from tests.support.factors.passkeys import (
    Authenticator,
    with_passkey,
)
from tests.support.factors.wallets import (
    EthereumWallet,
    sign_up_with,
    with_wallets,
)
from tests.support.server import TestServer


@pytest.fixture
async def passkey(server: TestServer) -> Authenticator:
    """Of Ada, who has signed up with an address and a password, too."""
    authenticator = Authenticator()
    await with_passkey(server, authenticator)
    return authenticator


@pytest.fixture
async def wallets(server: TestServer) -> TestServer:
    await with_wallets(server)
    return server


@pytest.fixture
async def ada(wallets: TestServer) -> EthereumWallet:
    """The wallet of a user."""
    wallet = EthereumWallet()
    await sign_up_with(wallets.browser(), wallet)
    return wallet
