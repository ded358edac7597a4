"""The section `web3` of an instance's settings: wallets, how chains are asked, and token gates."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from greffier.server.web.instance.feature_settings import HttpUrl, Name

Network = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9:_-]{1,64}$")]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_-]{1,32}$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^0x[0-9a-fA-F]{40}$")]
Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,78}$")]
"""A number of up to 256 bits, which TOML has no type for."""


class RpcServers(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON-RPC servers of one chain, in the order in which they are asked."""

    chain: Name = "ethereum"
    """The family of chains."""
    network: Network = "1"
    """The chain: its chain id, or its name where the family has names."""
    urls: Annotated[tuple[HttpUrl, ...], msgspec.Meta(min_length=1, max_length=5)]
    secret_key: str | None = None
    """Replaces `{secret_key}` in the URLs."""
    timeout_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 3000
    """Milliseconds for the answer of one server."""
    private_addresses: bool = False
    """Servers in the operator's own network, whose addresses production otherwise refuses."""

    def __repr__(self) -> str:
        return f"RpcServers(chain={self.chain!r}, network={self.network!r})"  # no secret key


class TokenGate(msgspec.Struct, frozen=True, kw_only=True):
    """A feature that users have while their wallets together hold enough of a token. A feature of several
    gates needs one of them."""

    feature: Slug
    scope: Literal["user", "organization"] = "user"
    """`organization`: only where an organization is active."""
    actions: Annotated[tuple[Slug, ...], msgspec.Meta(max_length=8)] = ()
    """With scope `organization`: the permissions `org:<feature>:<action>` come with it."""
    chain: Name = "ethereum"
    network: Network = "1"
    standard: Name = "native"
    """`native`, `erc20`, `erc721`, `erc1155` or, on Solana, `native` or `spl`."""
    contract: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    """The address of the token; absent for the chain's own coin."""
    token_id: Digits | None = None
    """Of `erc1155`, and of `erc721` where one certain token is meant."""
    minimum: Digits = "1"
    """In the smallest unit, such as wei."""


class EnsRules(msgspec.Struct, frozen=True, kw_only=True):
    """Names and pictures of the Ethereum Name Service, for wallets of Ethereum that are verified."""

    enabled: bool = False
    network: Network = "1"
    """The chain whose names count, whatever chain the wallet is used on; `rpc` says its servers."""
    registry: Address = "0x00000000000C2E074eC69A0dFb2997BA6C7d2e1e"
    """The contract that knows the resolver of each name (ENSIP-1)."""
    lifetime: Annotated[int, msgspec.Meta(ge=60, le=30 * 86_400)] = 86_400
    """Seconds after which a name is read again, at the next sign-in."""
    fill_profile: bool = True
    """Users without a name or a picture get those of their wallet."""


class Web3Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Wallets of blockchains."""

    networks: dict[str, Network] = {}
    """By family of chains, the chain that the texts for wallets name; absent: `1` of `ethereum` (its chain
    id), `mainnet` of `solana`."""
    rpc: tuple[RpcServers, ...] = ()
    gates: Annotated[tuple[TokenGate, ...], msgspec.Meta(max_length=20)] = ()
    balance_lifetime: Annotated[int, msgspec.Meta(ge=10, le=86_400)] = 300
    """Seconds after which a balance is read again."""
    balance_grace: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = 300
    """Seconds beyond that for which a balance counts while no server answers. Then gates are shut."""
    ens: EnsRules = EnsRules()
