// Keeps the session of this tab: its token is replaced before it expires, its cookies are those of now, and
// other tabs, sleep and lost connections are noticed.

import { type Claims, keyOfClaims, tokenKey } from '../sessions/claims.ts';
import { type CookieFacts, createCookies } from '../sessions/cookies.ts';
import { type Message, openTabs } from '../sessions/tabs.ts';
import { createTokens, type TokenSpec } from '../sessions/tokens.ts';
import type { Client, Session } from '../types/clients.ts';
import { isTemporary } from '../wire/errors.ts';
import { liveSessions, type Snapshot } from './snapshot.ts';

/** Milliseconds. */
const SHORTEST_TURN = 5_000;
const LONGEST_PAUSE = 60_000;
const TOUCH_EVERY = 5_000;

export interface KeepingContext {
  readonly cookies: CookieFacts;
  getSnapshot(): Snapshot;
  fetchToken(spec: TokenSpec): Promise<string>;
  /** Another tab has changed the client, or the server may be reached again. */
  reload(): Promise<unknown>;
  touch?: ((session: Session) => Promise<unknown>) | undefined;
}

export type Keeping = ReturnType<typeof startKeeping>;

export function specOf(session: Session): TokenSpec {
  return { sessionId: session.id, organizationId: session.lastActiveOrganizationId };
}

function contextOf(session: Session): string {
  return `${session.id}:${session.lastActiveOrganizationId ?? ''}`;
}

export function startKeeping(context: KeepingContext) {
  const { getSnapshot, reload } = context;
  const cookies = createCookies(context.cookies);
  const tabs = openTabs(`greffier.${context.cookies.suffix}`, hear);
  const tokens = createTokens({
    fetchToken: context.fetchToken,
    sharedToken: cookies.session,
    onToken,
    tabs,
  });
  const stopping = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let touchedAt = Date.now();
  let told: string | undefined;

  /** Seconds since 1970 when the client changed. A token must not be older, or servers ask for another. */
  function changedAt(client: Client | null | undefined): number {
    return liveSessions(client).length ? Math.floor((client?.updatedAt ?? 0) / 1000) : 0;
  }

  /** Tabs may have different sessions: the cookie is that of the tab in front. */
  function mayWrite(session: Session): boolean {
    const front = cookies.context();
    return !front || front === contextOf(session) || document.hasFocus();
  }

  function writeCookies(session: Session, jwt: string, claims: Claims): void {
    if (!mayWrite(session)) return;
    cookies.setContext(contextOf(session));
    cookies.setSession(jwt);
    const { client } = getSnapshot();
    const uat = changedAt(client);
    if (client && claims.iat >= uat) cookies.setUat(uat);
  }

  function onToken(jwt: string, claims: Claims): void {
    const { session } = getSnapshot();
    if (!session || keyOfClaims(claims) !== tokenKey(session.id, session.lastActiveOrganizationId)) return;
    writeCookies(session, jwt, claims);
    schedule();
  }

  function schedule(pause?: number): void {
    clearTimeout(timer);
    const { session, status } = getSnapshot();
    if (stopping.signal.aborted || (!session && status !== 'degraded')) return;
    const due = session ? tokens.dueIn(specOf(session)) : 0;
    timer = setTimeout(turn, pause ?? Math.max(due, SHORTEST_TURN));
  }

  /** Does what is due; where the server is not reached, again later, for as long as it takes. */
  async function turn(): Promise<void> {
    const { session, status } = getSnapshot();
    try {
      if (status === 'degraded') await reload();
      else if (session && tokens.dueIn(specOf(session)) === 0) await tokens.refresh(specOf(session));
      failures = 0;
      schedule();
    } catch (error) {
      if (isTemporary(error)) schedule(Math.min(SHORTEST_TURN * 2 ** failures++, LONGEST_PAUSE));
    }
  }

  function hear(message: Message): void {
    if (message.type === 'token') tokens.keep(message.jwt);
    else reload().catch(() => undefined);
  }

  /** The user is here again, or the network is. */
  function comeBack({ type }: Event): void {
    const { session, status } = getSnapshot();
    const entry = session && tokens.peek(specOf(session));
    if (entry) writeCookies(session, entry.jwt, entry.claims);
    void turn();
    if (!session || type !== 'focus' || status !== 'ready' || Date.now() - touchedAt < TOUCH_EVERY) return;
    touchedAt = Date.now();
    context.touch?.(session).catch(() => undefined);
  }

  for (const type of ['online', 'pageshow', 'visibilitychange', 'focus']) {
    addEventListener(type, comeBack, { signal: stopping.signal });
  }

  return {
    cookies,
    tabs,
    tokens,
    /**
     * After the state has changed: cookies and tokens follow.
     *
     * @param sentAt of the request that brought it
     * @param isChosen the user has chosen the session in this tab, which is in front therefore
     */
    follow(sentAt?: number, isChosen?: boolean): void {
      const { client, session } = getSnapshot();
      if (session && isChosen) cookies.setContext(contextOf(session));
      const live = liveSessions(client);
      if (client !== undefined) tokens.forget(live.map((one) => one.id));
      for (const { lastActiveToken } of live)
        if (lastActiveToken) tokens.keep(lastActiveToken.jwt, { sentAt });
      if (session) followSession(session, client);
      else if (client !== undefined) {
        const shared = cookies.session();
        // The cookie of another session, which another tab has, stays.
        if (shared && !live.some((one) => tokens.peek(specOf(one))?.jwt === shared)) cookies.setSession(null);
        if (!live.length) cookies.setContext('');
        cookies.setUat(changedAt(client));
      }
      schedule();
    },
    /** Tells other tabs when sessions or users have changed since the last time; `false`: only takes note. */
    tellChanges(aloud: boolean): void {
      const { client } = getSnapshot();
      const live = liveSessions(client);
      const now = live.map((one) => [contextOf(one), one.status, one.user?.updatedAt].join()).join(' ');
      if (aloud && told !== undefined && told !== now) tabs.tell({ type: 'changed' });
      told = now;
    },
    stop(): void {
      stopping.abort();
      clearTimeout(timer);
      tabs.close();
    },
  };

  function followSession(session: Session, client: Client | null | undefined): void {
    const entry = tokens.peek(specOf(session));
    if (entry && entry.claims.iat >= changedAt(client)) writeCookies(session, entry.jwt, entry.claims);
    else if (client) tokens.refresh(specOf(session), true).catch(() => undefined);
  }
}
