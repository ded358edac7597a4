// Secret keys have no place in a browser: what looks like one is refused wherever a value enters.

const SECRET_KEY = /\b(?:sk|rk|whsec)_[A-Za-z0-9]/;

/** A string type without secret keys: for parameters, where a literal key is an error of types. */
export type NotSecret<Text extends string> = Text extends `sk_${string}` | `rk_${string}` ? never : Text;

/** Raised when a secret key was passed to code that runs in browsers. The message does not repeat it. */
export class SecretKeyError extends Error {
  override name = 'SecretKeyError';

  constructor(where: string) {
    super(
      `${where} is or contains a secret key. Secret keys belong on the server alone: replace this one, it may be public.`,
    );
  }
}

/**
 * Refuses values that are or contain a secret key.
 *
 * @throws SecretKeyError naming the value by its key
 */
export function refuseSecretKeys(values: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'string' && SECRET_KEY.test(value)) throw new SecretKeyError(name);
  }
}
