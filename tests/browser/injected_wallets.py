"""Wallets that pages find in the browser, and that really sign. Their keys are in the test."""

from __future__ import annotations

import base64
import json

from playwright.sync_api import Page

from tests.support.factors.wallets import EthereumWallet, SolanaWallet

_ICON_SOURCE = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'><circle cx='8' cy='8' r='8'/></svg>"
)
_ICON = "data:image/svg+xml;base64," + base64.b64encode(_ICON_SOURCE.encode()).decode()

_ETHEREUM = """
const provider = {
  async request({ method, params }) {
    if (method === "eth_requestAccounts" || method === "eth_accounts") return [$address];
    if (method === "personal_sign") return await window.signWithEthereumWallet(...params);
    throw Object.assign(new Error(method), { code: 4200 });
  },
  on() {}, removeListener() {},
};
"""
_ANNOUNCED = """
const detail = Object.freeze({
  info: { uuid: crypto.randomUUID(), name: $name, icon: $icon, rdns: "io.metamask" }, provider,
});
const announce = () => window.dispatchEvent(new CustomEvent("eip6963:announceProvider", { detail }));
window.addEventListener("eip6963:requestProvider", announce);
announce();
"""
_SOLANA = """
const chains = ["solana:mainnet"];
const publicKey = new Uint8Array($publicKey);
const features = ["solana:signMessage", "solana:signTransaction"];
const account = Object.freeze({ address: $address, publicKey, chains, features });
const wallet = {
  version: "1.0.0", name: $name, icon: $icon, chains, accounts: [],
  features: {
    "standard:connect": {
      version: "1.0.0",
      async connect() { wallet.accounts = [account]; return { accounts: wallet.accounts }; },
    },
    "standard:events": { version: "1.0.0", on: () => () => {} },
    "solana:signTransaction": {
      version: "1.0.0", supportedTransactionVersions: ["legacy", 0],
      async signTransaction() { throw new Error("this wallet signs messages only"); },
    },
    "solana:signMessage": {
      version: "1.0.0",
      async signMessage({ account: chosen, message }) {
        if (chosen.address !== account.address) throw new Error("no such account");
        const signature = new Uint8Array(await window.signWithSolanaWallet([...message]));
        return [{ signedMessage: message, signature }];
      },
    },
  },
};
const register = (api) => api.register(wallet);
window.addEventListener("wallet-standard:app-ready", (event) => register(event.detail));
window.dispatchEvent(new CustomEvent("wallet-standard:register-wallet", { detail: register }));
"""


class InjectedEthereumWallet:
    """A provider by EIP-1193. It is announced by EIP-6963 under a name, or else is a property of the window.

    Args:
        at: `ethereum`, or where the browser extension of Coinbase puts itself.
        in_app: the page is open in the browser of Coinbase's or Base's own app, which says so.

    It names its address in lower case, as some wallets do, and signs bytes for its own address alone.
    """

    def __init__(self, page: Page, *, name: str | None, at: str = "ethereum", in_app: bool = False) -> None:
        self.wallet = EthereumWallet()
        self.signed: list[str] = []
        page.expose_function("signWithEthereumWallet", self._sign)
        said = "provider.isCoinbaseBrowser = true;" if in_app else ""
        placed = _ANNOUNCED if name else f"{said} window.{at} = provider;"
        values = {"address": self.wallet.address.lower(), "name": name, "icon": _ICON}
        page.add_init_script(_script(_ETHEREUM + placed, values))

    def _sign(self, message: str, address: str) -> str:
        assert address.lower() == self.wallet.address.lower()
        text = bytes.fromhex(message.removeprefix("0x")).decode("ascii")
        self.signed.append(text)
        return self.wallet.sign(text)


class InjectedSolanaWallet:
    """A wallet by the wallet standard."""

    def __init__(self, page: Page, *, name: str) -> None:
        self.wallet = SolanaWallet()
        page.expose_function("signWithSolanaWallet", self._sign)
        values = {
            "address": self.wallet.address,
            "publicKey": list(self.wallet.public_key),
            "name": name,
            "icon": _ICON,
        }
        page.add_init_script(_script(_SOLANA, values))

    def _sign(self, message: list[int]) -> list[int]:
        return list(self.wallet.sign_bytes(bytes(message)))


def _script(source: str, values: dict[str, object]) -> str:
    for name, value in values.items():
        source = source.replace(f"${name}", json.dumps(value))
    return f"(() => {{ {source} }})()"
