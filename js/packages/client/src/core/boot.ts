// The first two requests.

import type { Client } from '../types/clients.ts';
import type { Environment } from '../types/environment.ts';
import { isTemporary, NetworkError } from '../wire/errors.ts';
import { type Send, wait } from '../wire/requests.ts';

/** Milliseconds. */
const PATIENCE = 7_000;

/** A value, or why there is none: the server refuses it, or may give it later. */
export interface Loaded<Value> {
  readonly value?: Value | undefined;
  readonly error?: unknown;
  readonly refused?: unknown;
}

async function loaded<Value>(request: Promise<Value>): Promise<Loaded<Value>> {
  const late = wait(PATIENCE).then(() => Promise.reject(new NetworkError('The server takes too long.')));
  try {
    return { value: await Promise.race([request, late]) };
  } catch (error) {
    return isTemporary(error) ? { error } : { refused: error };
  }
}

/** The client; `null` when the server has none for this browser. */
export function loadClient(send: Send): Promise<Loaded<Client | null>> {
  return loaded(send<Client | null>('/client').then(({ response }) => response ?? null));
}

/** The environment. With `isPage`, in development, the server takes note of the page that asks. */
export function loadEnvironment(send: Send, isPage: boolean): Promise<Loaded<Environment>> {
  const method = isPage ? 'PATCH' : 'GET';
  return loaded(send<Environment>('/environment', { method }).then(({ response }) => response));
}
