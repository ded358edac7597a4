// Signing in with a wallet, and adding one to an account. An entry of its own: applications without wallets do not load it.

import type { Greffier } from '../core/greffier.ts';
import { attemptFirstFactor, createSignIn, prepareFirstFactor } from '../flows/signIn.ts';
import { attemptVerification, createSignUp, prepareVerification } from '../flows/signUp.ts';
import type { SignIn, SignUp, SignUpParams } from '../types/flows.ts';
import type { Web3Wallet } from '../types/users.ts';
import type { Verification, WalletStrategy } from '../types/verifications.ts';
import { isRefusal } from '../wire/errors.ts';

export { type EthereumProvider, ethereumWallet, type FoundWallet, findEthereumWallets } from './ethereum.ts';
export { findSolanaWallets, type SolanaWallet, solanaWallet } from './solana.ts';

/** What can name an address and sign a text. */
export interface Wallet {
  readonly name: string;
  readonly strategy: WalletStrategy;
  address(): Promise<string>;
  sign(text: string, address: string): Promise<string>;
}

function textOf(verification: Verification | null | undefined): string {
  const text = verification?.message ?? verification?.nonce;
  if (!text) throw new Error('The server gave no text to sign.');
  return text;
}

/** Signs in, or up where no account has the wallet. `params` are for the sign-up. */
export async function signInWithWallet(
  greffier: Greffier,
  wallet: Wallet,
  params: SignUpParams = {},
): Promise<SignIn | SignUp> {
  const address = await wallet.address();
  let signIn: SignIn;
  try {
    signIn = await createSignIn(greffier, { identifier: address });
  } catch (error) {
    if (!isRefusal(error, 'form_identifier_not_found')) throw error;
    return signUpWithWallet(greffier, wallet, address, params);
  }
  const { strategy } = wallet;
  const factor = signIn.supportedFirstFactors?.find((one) => one.strategy === strategy);
  if (!factor) throw new Error(`This account is not signed in to by ${wallet.name}.`);
  const web3WalletId = factor.web3WalletId;
  const prepared = await prepareFirstFactor(greffier, signIn.id, { strategy, web3WalletId });
  const signature = await wallet.sign(textOf(prepared.firstFactorVerification), address);
  return attemptFirstFactor(greffier, signIn.id, { strategy, signature });
}

async function signUpWithWallet(
  greffier: Greffier,
  wallet: Wallet,
  address: string,
  params: SignUpParams,
): Promise<SignUp> {
  const { strategy } = wallet;
  const { id } = await createSignUp(greffier, { ...params, web3Wallet: address });
  const prepared = await prepareVerification(greffier, id, { strategy });
  const signature = await wallet.sign(textOf(prepared.verifications['web3_wallet']), address);
  return attemptVerification(greffier, id, { strategy, signature });
}

/** Adds a wallet to the user's account. */
export async function addWallet(greffier: Greffier, wallet: Wallet): Promise<Web3Wallet> {
  const address = await wallet.address();
  const { id } = await greffier.mutate<Web3Wallet>('/me/web3_wallets', { web3Wallet: address });
  const path = `/me/web3_wallets/${id}`;
  const prepared = await greffier.mutate<Web3Wallet>(`${path}/prepare_verification`, {
    strategy: wallet.strategy,
  });
  const signature = await wallet.sign(textOf(prepared.verification), address);
  return greffier.mutate(`${path}/attempt_verification`, { signature });
}
