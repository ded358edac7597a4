// Signing in. Each step answers with the attempt; `createdSessionId` of a complete one goes to `setActive`.

import type { Greffier } from '../core/greffier.ts';
import type { AttemptParams, PrepareParams, SignIn, SignInParams } from '../types/flows.ts';
import { language } from './language.ts';

const PATH = '/client/sign_ins';

/** Begins, and takes every step that the parameters allow: with `identifier` and `password` it may be complete. */
export function createSignIn(greffier: Greffier, params: SignInParams): Promise<SignIn> {
  return greffier.mutate(PATH, { ...params, locale: language() });
}

/** Asks again, as while the link of a mail is waited for. */
export async function reloadSignIn(
  greffier: Greffier,
  id: string,
  rotatingTokenNonce?: string,
): Promise<SignIn> {
  const signIn = await greffier.read<SignIn>(`${PATH}/${id}`, { rotatingTokenNonce });
  await greffier.reload();
  return signIn;
}

export function prepareFirstFactor(greffier: Greffier, id: string, params: PrepareParams): Promise<SignIn> {
  return greffier.mutate(`${PATH}/${id}/prepare_first_factor`, params);
}

export function attemptFirstFactor(greffier: Greffier, id: string, params: AttemptParams): Promise<SignIn> {
  return greffier.mutate(`${PATH}/${id}/attempt_first_factor`, params);
}

export function prepareSecondFactor(greffier: Greffier, id: string, params: PrepareParams): Promise<SignIn> {
  return greffier.mutate(`${PATH}/${id}/prepare_second_factor`, params);
}

export function attemptSecondFactor(greffier: Greffier, id: string, params: AttemptParams): Promise<SignIn> {
  return greffier.mutate(`${PATH}/${id}/attempt_second_factor`, params);
}

/** Sets the password of an attempt that `needs_new_password`. */
export function resetPassword(
  greffier: Greffier,
  id: string,
  params: { password: string; signOutOfOtherSessions?: boolean | undefined },
): Promise<SignIn> {
  return greffier.mutate(`${PATH}/${id}/reset_password`, params);
}
