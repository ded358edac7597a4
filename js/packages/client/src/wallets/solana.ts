// Wallets of Solana, found by the Wallet Standard.

import type { Wallet } from './index.ts';

interface Account {
  readonly address: string;
}

/** What is used of a wallet of the Wallet Standard. */
export interface SolanaWallet {
  readonly name: string;
  readonly icon: string;
  readonly chains: readonly string[];
  readonly features: Readonly<Record<string, unknown>>;
}

interface Connect {
  connect(): Promise<{ readonly accounts: readonly Account[] }>;
}

interface SignMessage {
  signMessage(input: {
    account: Account;
    message: Uint8Array;
  }): Promise<readonly { readonly signature: Uint8Array }[]>;
}

const SIGN = 'solana:signMessage';
const CONNECT = 'standard:connect';

/** The wallets of this page that can sign a text for Solana. */
export function findSolanaWallets(): readonly SolanaWallet[] {
  const found: SolanaWallet[] = [];
  const register = (...wallets: SolanaWallet[]) => {
    found.push(...wallets);
    return () => undefined;
  };
  const api = { register };
  const note = (event: Event) => (event as CustomEvent<(to: typeof api) => void>).detail(api);
  addEventListener('wallet-standard:register-wallet', note);
  dispatchEvent(new CustomEvent('wallet-standard:app-ready', { detail: api }));
  removeEventListener('wallet-standard:register-wallet', note);
  return found.filter(
    ({ chains, features }) =>
      chains.some((chain) => chain.startsWith('solana:')) && SIGN in features && CONNECT in features,
  );
}

export function solanaWallet(found: SolanaWallet): Wallet {
  let account: Account | undefined;
  return {
    name: found.name,
    strategy: 'web3_solana_signature',
    async address() {
      const { accounts } = await (found.features[CONNECT] as Connect).connect();
      account = accounts[0];
      if (!account) throw new Error(`${found.name} gave no account.`);
      return account.address;
    },
    async sign(text) {
      if (!account) throw new Error('The wallet has not been asked for its address.');
      const message = new TextEncoder().encode(text);
      const [output] = await (found.features[SIGN] as SignMessage).signMessage({ account, message });
      return btoa(String.fromCharCode(...(output?.signature ?? [])));
    },
  };
}
