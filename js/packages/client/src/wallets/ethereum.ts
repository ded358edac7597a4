// Wallets of Ethereum: found by their announcements (EIP-6963), asked by requests (EIP-1193).

import type { WalletStrategy } from '../types/verifications.ts';
import type { Wallet } from './index.ts';

export interface EthereumProvider {
  request(request: { method: string; params?: readonly unknown[] }): Promise<unknown>;
}

export interface FoundWallet {
  readonly info: {
    readonly uuid: string;
    readonly name: string;
    readonly icon: string;
    readonly rdns: string;
  };
  readonly provider: EthereumProvider;
}

const STRATEGIES: readonly (readonly [RegExp, WalletStrategy])[] = [
  [/^OKX/, 'web3_okx_wallet_signature'],
  [/^Coinbase/, 'web3_coinbase_wallet_signature'],
  [/^Base\b/, 'web3_base_signature'],
];

/** The wallets that announce themselves. They do so at once. */
export function findEthereumWallets(): readonly FoundWallet[] {
  const found = new Map<string, FoundWallet>();
  const note = (event: Event) => {
    const { detail } = event as CustomEvent<FoundWallet>;
    if (detail?.info?.uuid) found.set(detail.info.uuid, detail);
  };
  addEventListener('eip6963:announceProvider', note);
  dispatchEvent(new Event('eip6963:requestProvider'));
  removeEventListener('eip6963:announceProvider', note);
  return [...found.values()];
}

/** The wallet of this name, else the one that the browser holds; nothing where there is none. */
export function ethereumWallet(name = 'MetaMask', strategy?: WalletStrategy): Wallet | undefined {
  const announced = findEthereumWallets().find(({ info }) => info.name === name)?.provider;
  const provider = announced ?? (globalThis as { ethereum?: EthereumProvider }).ethereum;
  if (!provider) return undefined;
  return {
    name,
    strategy: strategy ?? STRATEGIES.find(([known]) => known.test(name))?.[1] ?? 'web3_metamask_signature',
    async address() {
      const [first] = (await provider.request({ method: 'eth_requestAccounts' })) as string[];
      if (!first) throw new Error(`${name} gave no account.`);
      return first;
    },
    async sign(text, address) {
      const bytes = new TextEncoder().encode(text);
      const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      return String(await provider.request({ method: 'personal_sign', params: [`0x${hex}`, address] }));
    },
  };
}
