// The client: one browser, with its sessions and attempts.

import type { SignIn, SignUp } from './flows.ts';
import type { PublicUserData, User } from './users.ts';

export type SessionStatus =
  | 'active'
  | 'pending'
  | 'abandoned'
  | 'ended'
  | 'expired'
  | 'removed'
  | 'replaced'
  | 'revoked';

export interface SessionTask {
  readonly key: 'choose-organization' | 'reset-password' | 'setup-mfa' | (string & {});
}

export interface Session {
  readonly object: 'session';
  readonly id: string;
  /** `pending`: signed in, with `tasks` to do before the application lets the user in. */
  readonly status: SessionStatus;
  readonly tasks?: readonly SessionTask[] | null;
  readonly expireAt: number;
  readonly abandonAt: number;
  readonly lastActiveAt: number;
  readonly lastActiveToken: { readonly jwt: string } | null;
  readonly lastActiveOrganizationId: string | null;
  /** Set when another person acts as the user. */
  readonly actor: Readonly<Record<string, unknown>> | null;
  /** Minutes since the first and the second factor were verified; -1 is never. */
  readonly factorVerificationAge: readonly [number, number] | null;
  /** Not known while the server was not reached: the session is then taken from its cookie. */
  readonly user: User | null;
  readonly publicUserData?: PublicUserData;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Client {
  readonly object: 'client';
  readonly id: string;
  readonly sessions: readonly Session[];
  readonly signIn: SignIn | null;
  readonly signUp: SignUp | null;
  readonly lastActiveSessionId: string | null;
  readonly lastAuthenticationStrategy: string | null;
  readonly cookieExpiresAt: number | null;
  readonly captchaBypass: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}
