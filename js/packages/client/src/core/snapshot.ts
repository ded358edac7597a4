// What readers see: the client, and from it the session of this tab.

import { claimsOf } from '../sessions/claims.ts';
import type { Client, Session } from '../types/clients.ts';
import type { Environment } from '../types/environment.ts';
import type { Organization, OrganizationMembership } from '../types/organizations.ts';
import type { User } from '../types/users.ts';

/**
 * `loading`: nothing is known yet. `ready`: all is. `degraded`: the server is not reached, and the session is
 * the one that the cookie names. `failed`: the server refuses this page; `error` says why.
 */
export type Status = 'loading' | 'ready' | 'degraded' | 'failed';

/** `undefined` is not known yet, `null` is none. */
export interface Snapshot {
  readonly status: Status;
  readonly error: unknown;
  readonly environment: Environment | undefined;
  readonly client: Client | null | undefined;
  readonly session: Session | null | undefined;
  readonly user: User | null | undefined;
  readonly organization: Organization | null | undefined;
  readonly membership: OrganizationMembership | null | undefined;
}

export const LOADING = { status: 'loading' } as Snapshot;

export function isLive(session: Session | null | undefined): session is Session {
  return session?.status === 'active' || session?.status === 'pending';
}

export function liveSessions(client: Client | null | undefined): readonly Session[] {
  return (client?.sessions ?? []).filter(isLive);
}

/** What follows from a session. */
export function derived(session: Session | null) {
  const user = session?.user ?? null;
  const id = session?.lastActiveOrganizationId;
  const membership = (id && user?.organizationMemberships.find((one) => one.organization.id === id)) || null;
  return { session, user, membership, organization: membership?.organization ?? null };
}

/** The session with which the browser was used last. */
export function defaultSession(client: Client | null): Session | null {
  const live = liveSessions(client);
  return live.find((one) => one.id === client?.lastActiveSessionId) ?? live[0] ?? null;
}

/** What a token says of its session: for as long as the server is not reached. */
export function sessionOfToken(jwt: string | undefined): Session | null {
  const claims = claimsOf(jwt);
  if (!jwt || !claims?.sid) return null;
  return {
    object: 'session',
    id: claims.sid,
    status: claims.sts === 'pending' ? 'pending' : 'active',
    lastActiveToken: { jwt },
    lastActiveOrganizationId: claims.o?.id ?? claims.org_id ?? null,
    user: null,
  } as Session;
}
