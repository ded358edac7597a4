// Reverification: changes of an account ask who is there once more.

import type { Greffier } from '../core/greffier.ts';
import type { AttemptParams, PrepareParams, Reverification, ReverificationLevel } from '../types/flows.ts';
import { type ErrorMeta, isRefusal } from '../wire/errors.ts';

function path(greffier: Greffier, step = ''): string {
  return `/client/sessions/${greffier.getSnapshot().session?.id}/verify${step}`;
}

export function startReverification(greffier: Greffier, level: ReverificationLevel): Promise<Reverification> {
  return greffier.mutate(path(greffier), { level });
}

export function prepareReverification(
  greffier: Greffier,
  factor: 'first_factor' | 'second_factor',
  params: PrepareParams,
): Promise<Reverification> {
  return greffier.mutate(path(greffier, `/prepare_${factor}`), params);
}

export function attemptReverification(
  greffier: Greffier,
  factor: 'first_factor' | 'second_factor',
  params: AttemptParams,
): Promise<Reverification> {
  return greffier.mutate(path(greffier, `/attempt_${factor}`), params);
}

/**
 * Does something that may ask for reverification, and does it again after `verify` has resolved.
 *
 * @param verify shows the user what to verify; it rejects when they give up
 */
export async function withReverification<Result>(
  action: () => Promise<Result>,
  verify: (meta: ErrorMeta) => Promise<unknown>,
): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    if (!isRefusal(error, 'session_reverification_required')) throw error;
    await verify(error.meta);
    return action();
  }
}
