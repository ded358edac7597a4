// Attempts to sign in and to sign up.

import type { Factor, SignUpVerification, Strategy, Verification } from './verifications.ts';

export type SignInStatus =
  | 'needs_identifier'
  | 'needs_first_factor'
  | 'needs_second_factor'
  | 'needs_client_trust'
  | 'needs_new_password'
  | 'needs_protect_check'
  | 'complete'
  | 'abandoned';

export interface SignIn {
  readonly object: 'sign_in_attempt' | 'sign_in';
  readonly id: string;
  readonly status: SignInStatus;
  readonly supportedIdentifiers: readonly string[];
  readonly supportedFirstFactors: readonly Factor[] | null;
  readonly supportedSecondFactors: readonly Factor[] | null;
  readonly firstFactorVerification: Verification | null;
  readonly secondFactorVerification: Verification | null;
  readonly identifier: string | null;
  readonly createdSessionId: string | null;
  readonly userData: {
    readonly firstName: string | null;
    readonly lastName: string | null;
    readonly imageUrl: string;
    readonly hasImage: boolean;
  } | null;
  readonly abandonAt: number;
}

export type SignUpStatus = 'missing_requirements' | 'complete' | 'abandoned';

export interface SignUp {
  readonly object: 'sign_up_attempt' | 'sign_up';
  readonly id: string;
  readonly status: SignUpStatus;
  /** Names of fields are those of forms: `email_address`. */
  readonly requiredFields: readonly string[];
  readonly optionalFields: readonly string[];
  readonly missingFields: readonly string[];
  readonly unverifiedFields: readonly string[];
  /** By the same names. */
  readonly verifications: Readonly<Record<string, SignUpVerification | null>>;
  readonly username: string | null;
  readonly emailAddress: string | null;
  readonly phoneNumber: string | null;
  readonly web3Wallet: string | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly hasPassword: boolean;
  readonly unsafeMetadata: Readonly<Record<string, unknown>>;
  readonly createdSessionId: string | null;
  readonly createdUserId: string | null;
  readonly legalAcceptedAt: number | null;
  readonly abandonAt: number;
}

export interface Reverification {
  readonly object: 'session_reverification';
  readonly status: 'needs_first_factor' | 'needs_second_factor' | 'complete';
  readonly level: ReverificationLevel;
  readonly supportedFirstFactors: readonly Factor[] | null;
  readonly supportedSecondFactors: readonly Factor[] | null;
  readonly firstFactorVerification: Verification | null;
  readonly secondFactorVerification: Verification | null;
}

export type ReverificationLevel = 'first_factor' | 'second_factor' | 'multi_factor';

/** Where an external sign-in comes back to. */
export interface RedirectParams {
  /** The page that goes on where something is left to do. */
  redirectUrl: string;
  /** The page to land on when all is done. */
  actionCompleteRedirectUrl?: string | undefined;
  oidcPrompt?: string | undefined;
  oidcLoginHint?: string | undefined;
  enterpriseConnectionId?: string | undefined;
}

export interface SignInParams extends Partial<RedirectParams> {
  identifier?: string | undefined;
  strategy?: Strategy | undefined;
  password?: string | undefined;
  ticket?: string | undefined;
  token?: string | undefined;
  code?: string | undefined;
  channel?: string | undefined;
  transfer?: boolean | undefined;
  signUpIfMissing?: boolean | undefined;
}

export interface SignUpParams extends Partial<RedirectParams> {
  emailAddress?: string | undefined;
  phoneNumber?: string | undefined;
  web3Wallet?: string | undefined;
  username?: string | undefined;
  password?: string | undefined;
  firstName?: string | undefined;
  lastName?: string | undefined;
  unsafeMetadata?: Readonly<Record<string, unknown>> | undefined;
  legalAccepted?: boolean | undefined;
  strategy?: Strategy | undefined;
  ticket?: string | undefined;
  token?: string | undefined;
  channel?: string | undefined;
  transfer?: boolean | undefined;
}

/** Asks for a code, link, nonce or text to sign. */
export interface PrepareParams extends Partial<RedirectParams> {
  strategy: Strategy;
  emailAddressId?: string | undefined;
  phoneNumberId?: string | undefined;
  web3WalletId?: string | undefined;
  channel?: string | undefined;
}

/** Answers it. */
export interface AttemptParams {
  strategy: Strategy;
  code?: string | undefined;
  password?: string | undefined;
  signature?: string | undefined;
  token?: string | undefined;
  ticket?: string | undefined;
  publicKeyCredential?: string | undefined;
}
