// Publishable keys, which name the API's host, and the suffix of an instance's cookies.

import { type NotSecret, refuseSecretKeys } from './secretKeys.ts';

/** What a publishable key says. */
export interface KeyFacts {
  /** Host of the Frontend API, with its port. */
  readonly host: string;
  readonly isDevelopment: boolean;
}

/**
 * Reads a publishable key.
 *
 * @throws SecretKeyError for a secret key, TypeError for anything else that is no publishable key
 */
export function parsePublishableKey<Key extends string>(key: NotSecret<Key>): KeyFacts {
  refuseSecretKeys({ publishableKey: key });
  const [, environment, encoded] = /^pk_(test|live)_([^_]+)$/.exec(key) ?? [];
  const [, host] = /^([^$]*\.[^$]*)\$$/.exec(decoded(encoded ?? '')) ?? [];
  if (!host) throw new TypeError('publishableKey is no publishable key.');
  return { host, isDevelopment: environment === 'test' };
}

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return '';
  }
}

/**
 * The suffix of cookies: several instances may share a domain. There is none on pages of plain http that are not
 * of localhost, where browsers provide no SHA-1; cookies without it are read as well.
 */
export async function cookieSuffix(key: string): Promise<string> {
  const digest = await globalThis.crypto?.subtle?.digest('SHA-1', new TextEncoder().encode(key));
  if (!digest) return '';
  const text = btoa(String.fromCharCode(...new Uint8Array(digest, 0, 6)));
  return text.replaceAll('+', '-').replaceAll('/', '_');
}
