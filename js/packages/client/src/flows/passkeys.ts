// Passkeys (Web Authentication, level 3): signing in, also by the browser's autofill, and adding one.

import type { Greffier } from '../core/greffier.ts';
import type { SignIn } from '../types/flows.ts';
import type { Passkey } from '../types/users.ts';
import type { Verification } from '../types/verifications.ts';
import { attemptFirstFactor, createSignIn } from './signIn.ts';

/** Whether this browser knows passkeys, and how they are written as JSON. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;
}

/** Whether it offers them in the autofill of a field with `autocomplete="username webauthn"`. */
export async function hasPasskeyAutofill(): Promise<boolean> {
  return hasPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);
}

function optionsOf(verification: Verification | null) {
  return JSON.parse(verification?.nonce ?? '{}');
}

/** The answer of an authenticator to a sign-in, as `publicKeyCredential` of an attempt. */
export async function getPasskey(
  verification: Verification | null,
  { autofill, signal }: { autofill?: boolean; signal?: AbortSignal } = {},
): Promise<string> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(optionsOf(verification));
  const mediation = autofill ? 'conditional' : 'optional';
  return JSON.stringify(await navigator.credentials.get({ publicKey, mediation, ...(signal && { signal }) }));
}

/**
 * Signs in by a passkey without an identifier. With `autofill` it waits until the user picks one in a field; end
 * that by `signal` before any other sign-in begins.
 */
export async function signInWithPasskey(
  greffier: Greffier,
  options: { autofill?: boolean; signal?: AbortSignal } = {},
): Promise<SignIn> {
  const { id, firstFactorVerification } = await createSignIn(greffier, { strategy: 'passkey' });
  const publicKeyCredential = await getPasskey(firstFactorVerification, options);
  return attemptFirstFactor(greffier, id, { strategy: 'passkey', publicKeyCredential });
}

/** Makes a passkey for the user. */
export async function addPasskey(greffier: Greffier): Promise<Passkey> {
  const { id, verification } = await greffier.mutate<Passkey>('/me/passkeys');
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(optionsOf(verification));
  const publicKeyCredential = JSON.stringify(await navigator.credentials.create({ publicKey }));
  return greffier.mutate(`/me/passkeys/${id}/attempt_verification`, {
    strategy: 'passkey',
    publicKeyCredential,
  });
}
