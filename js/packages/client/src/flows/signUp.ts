// Signing up. `missingFields` and `unverifiedFields` of each answer say what is left to do.

import type { Greffier } from '../core/greffier.ts';
import type { AttemptParams, PrepareParams, SignUp, SignUpParams } from '../types/flows.ts';
import { language } from './language.ts';

const PATH = '/client/sign_ups';

async function evidence({ options, getSnapshot }: Greffier): Promise<object | undefined> {
  const snapshot = getSnapshot();
  const isAsked = snapshot.environment?.userSettings.signUp.captchaEnabled && !snapshot.client?.captchaBypass;
  return isAsked ? options.captcha?.('signup', snapshot) : undefined;
}

/** Begins. A CAPTCHA is solved first where the instance asks for one. */
export async function createSignUp(greffier: Greffier, params: SignUpParams): Promise<SignUp> {
  const captcha = await evidence(greffier);
  return greffier.mutate(PATH, { ...params, ...captcha, locale: language() });
}

export function updateSignUp(greffier: Greffier, id: string, params: SignUpParams): Promise<SignUp> {
  return greffier.mutate(`${PATH}/${id}`, params, 'PATCH');
}

export async function reloadSignUp(
  greffier: Greffier,
  id: string,
  rotatingTokenNonce?: string,
): Promise<SignUp> {
  const signUp = await greffier.read<SignUp>(`${PATH}/${id}`, { rotatingTokenNonce });
  await greffier.reload();
  return signUp;
}

export function prepareVerification(greffier: Greffier, id: string, params: PrepareParams): Promise<SignUp> {
  return greffier.mutate(`${PATH}/${id}/prepare_verification`, params);
}

export function attemptVerification(greffier: Greffier, id: string, params: AttemptParams): Promise<SignUp> {
  return greffier.mutate(`${PATH}/${id}/attempt_verification`, params);
}
