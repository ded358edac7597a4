// How an application makes its Greffier object.

import type { NotSecret } from '../wire/secretKeys.ts';
import type { Transport } from '../wire/transport.ts';
import type { Snapshot } from './snapshot.ts';

export interface GreffierOptions<Key extends string = string> {
  /** `pk_test_...` or `pk_live_...`. A secret key is an error of types, and refused. */
  publishableKey: NotSecret<Key>;
  /** URL of the server, or a path of this origin, where the key's host is not where it answers. */
  proxyUrl?: string | undefined;
  /** Sends the requests: `nativeTransport` where there are no cookies, `sentBy` of `@greffier/client/official`. */
  transport?: Transport | undefined;
  /** `false`: another SDK of this page keeps the session, its tokens and cookies; see `@greffier/client/official`. */
  keepsSession?: boolean | undefined;
  /** Solves a CAPTCHA where the server wants one. */
  captcha?: CaptchaSolver | undefined;
  /** Whether the server is told when the user comes back to this page. It then notices revoked sessions. */
  touchOnFocus?: boolean | undefined;
}

/** The parameters of a solved CAPTCHA. */
export interface CaptchaAnswer {
  captchaToken?: string;
  captchaWidgetType?: string;
  captchaError?: string;
}

/** Solves the CAPTCHA that `snapshot.environment.displayConfig` describes. */
export type CaptchaSolver = (action: 'signup' | 'verify', snapshot: Snapshot) => Promise<CaptchaAnswer>;

export interface TokenOptions {
  /** Name of a JWT template; without, the session token. */
  template?: string | undefined;
  /** Another organization than the active one; `null` is the personal account. */
  organizationId?: string | null | undefined;
  /** Ask the server in any case. */
  skipCache?: boolean | undefined;
}
