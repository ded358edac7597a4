// Going to another site and coming back: social sign-in, links of mails, tickets.

import { takeFromUrl } from '../core/addresses.ts';
import type { Greffier } from '../core/greffier.ts';
import type { RedirectParams, SignIn, SignUp, SignUpParams } from '../types/flows.ts';
import type { Verification } from '../types/verifications.ts';
import { isRefusal } from '../wire/errors.ts';
import { createSignIn } from './signIn.ts';
import { createSignUp } from './signUp.ts';

export interface ExternalParams extends RedirectParams {
  strategy: string;
  identifier?: string | undefined;
  legalAccepted?: boolean | undefined;
  unsafeMetadata?: SignUpParams['unsafeMetadata'];
}

/** Begins a sign-in at another site; resolves with the URL to navigate to. */
export async function signInUrl(greffier: Greffier, params: ExternalParams): Promise<string> {
  const { legalAccepted: _, unsafeMetadata: __, ...rest } = params;
  return destination((await createSignIn(greffier, rest)).firstFactorVerification);
}

/** Begins a sign-up at another site; resolves with the URL to navigate to. */
export async function signUpUrl(greffier: Greffier, params: ExternalParams): Promise<string> {
  const { identifier, ...rest } = params;
  const signUp = await createSignUp(greffier, { ...rest, emailAddress: identifier });
  return destination(signUp.verifications['external_account']);
}

/** The URL of a verification elsewhere, as of an account that is being connected. */
export function destination(verification: Verification | null | undefined): string {
  const url = verification?.externalVerificationRedirectUrl;
  if (!url) throw new Error('The server names no page to go to.');
  return url;
}

/** What the address says when a link or another site leads here. */
export interface Landing {
  readonly status: string | undefined;
  readonly createdSessionId: string | undefined;
  readonly ticket: string | undefined;
}

/** Reads it and takes it out of the address, so that a reload does not repeat it. */
export function takeLanding(): Landing {
  return {
    status: takeFromUrl('__clerk_status'),
    createdSessionId: takeFromUrl('__clerk_created_session'),
    ticket: takeFromUrl('__clerk_ticket', '__clerk_invitation_token'),
  };
}

/** How a sign-in elsewhere goes on here. */
export type NextStep =
  | { readonly step: 'set-active'; readonly sessionId: string }
  | { readonly step: 'first-factor' | 'second-factor' | 'new-password'; readonly signIn: SignIn }
  | { readonly step: 'continue-sign-up'; readonly signUp: SignUp }
  /** Back to the form, which shows the error of the verification. */
  | { readonly step: 'sign-in' | 'sign-up'; readonly error: Verification['error'] };

/** Continues after another site has led back: transfers between sign-in and sign-up where that is needed. */
export async function continueFlow(greffier: Greffier, params: SignUpParams = {}): Promise<NextStep> {
  await greffier.load();
  const { client } = greffier.getSnapshot();
  const signIn = client?.signIn ?? undefined;
  const signUp = client?.signUp ?? undefined;
  const external = signUp?.verifications['external_account'];
  const first = signIn?.firstFactorVerification;
  if (signIn?.status === 'complete' && signIn.createdSessionId) return done(signIn.createdSessionId);
  if (external?.status === 'transferable') return stepOfSignIn(await transfer(greffier));
  if (first?.error?.code === 'user_locked') return { step: 'sign-in', error: first.error };
  if (signIn && hasFirstFactor(signIn)) return { step: 'first-factor', signIn };
  if (first?.status === 'transferable') {
    return stepOfSignUp(await createSignUp(greffier, { ...params, transfer: true }));
  }
  const already = first?.error ?? external?.error;
  if (already?.code === 'identifier_already_signed_in' && already.meta.sessionId)
    return done(already.meta.sessionId);
  if (signUp?.status === 'complete' || (signUp && external?.status === 'verified'))
    return stepOfSignUp(signUp);
  if (signIn && (signIn.status === 'needs_second_factor' || signIn.status === 'needs_new_password')) {
    return stepOfSignIn(signIn);
  }
  return external?.error
    ? { step: 'sign-up', error: external.error }
    : { step: 'sign-in', error: first?.error ?? null };
}

function done(sessionId: string): NextStep {
  return { step: 'set-active', sessionId };
}

async function transfer(greffier: Greffier): Promise<SignIn | string> {
  try {
    return await createSignIn(greffier, { transfer: true });
  } catch (error) {
    if (isRefusal(error, 'identifier_already_signed_in') && error.meta.sessionId) return error.meta.sessionId;
    throw error;
  }
}

function hasFirstFactor({ status, supportedFirstFactors }: SignIn): boolean {
  return (
    status === 'needs_first_factor' &&
    !!supportedFirstFactors?.some(({ strategy }) => strategy !== 'enterprise_sso')
  );
}

function stepOfSignIn(signIn: SignIn | string): NextStep {
  if (typeof signIn === 'string') return done(signIn);
  if (signIn.status === 'complete' && signIn.createdSessionId) return done(signIn.createdSessionId);
  if (signIn.status === 'needs_first_factor') return { step: 'first-factor', signIn };
  if (signIn.status === 'needs_new_password') return { step: 'new-password', signIn };
  if (signIn.status === 'needs_identifier') return { step: 'sign-in', error: null };
  return { step: 'second-factor', signIn };
}

function stepOfSignUp(signUp: SignUp): NextStep {
  return signUp.createdSessionId ? done(signUp.createdSessionId) : { step: 'continue-sign-up', signUp };
}
