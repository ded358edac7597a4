// Verifications and factors. Times are milliseconds since 1970, as on the wire.

import type { ErrorItem } from '../wire/errors.ts';

export type VerificationStatus = 'unverified' | 'verified' | 'transferable' | 'failed' | 'expired';

export type WalletStrategy =
  | 'web3_metamask_signature'
  | 'web3_base_signature'
  | 'web3_coinbase_wallet_signature'
  | 'web3_okx_wallet_signature'
  | 'web3_solana_signature';

export type OAuthStrategy = `oauth_${string}`;

export type Strategy =
  | 'password'
  | 'email_code'
  | 'email_link'
  | 'phone_code'
  | 'passkey'
  | 'ticket'
  | 'totp'
  | 'backup_code'
  | 'reset_password_email_code'
  | 'reset_password_phone_code'
  | 'google_one_tap'
  | 'enterprise_sso'
  | 'trusted_device'
  | OAuthStrategy
  | WalletStrategy
  | (string & {});

export interface Verification {
  readonly status: VerificationStatus;
  readonly strategy: Strategy;
  readonly attempts: number | null;
  readonly expireAt: number | null;
  /** JSON of the options for a passkey; older name of `message` for wallets. */
  readonly nonce?: string | null;
  /** The text that a wallet signs. */
  readonly message?: string | null;
  readonly externalVerificationRedirectUrl?: string | null;
  readonly error?: ErrorItem | null;
  readonly channel?: string | null;
  readonly verifiedAtClient?: string | null;
}

export interface SignUpVerification extends Verification {
  readonly nextAction: 'needs_prepare' | 'needs_attempt' | '';
  readonly supportedStrategies: readonly Strategy[];
}

/** A way to verify; ids say which address, number or wallet it is about. */
export interface Factor {
  readonly strategy: Strategy;
  readonly safeIdentifier?: string;
  readonly emailAddressId?: string;
  readonly phoneNumberId?: string;
  readonly web3WalletId?: string;
  readonly walletName?: string;
  readonly passkeyId?: string;
  readonly enterpriseConnectionId?: string;
  readonly enterpriseConnectionName?: string;
  readonly primary?: boolean;
  readonly default?: boolean;
  readonly channel?: string;
  readonly externalVerificationRedirectUrl?: string;
}
