// Tokens: cached, asked for once for all callers and tabs, and replaced before they expire.

import { isRefusal, isTemporary } from '../wire/errors.ts';
import { wait } from '../wire/requests.ts';
import { type Claims, claimsOf, keyOfClaims, tokenKey } from './claims.ts';
import type { Tabs } from './tabs.ts';

/** A token is not given out in the last milliseconds of its life: it still has to travel. */
const LEEWAY = 5_000;
/** Milliseconds before its end at which it is replaced; at most this part of its life. */
const AHEAD = 17_000;
const AHEAD_PART = 0.4;
const RETRIES = 3;

export interface TokenSpec {
  readonly sessionId: string;
  readonly organizationId: string | null;
  readonly template?: string | undefined;
}

export interface Entry {
  readonly jwt: string;
  readonly claims: Claims;
  /** When it ends, by the browser's clock, which may be wrong and may be set ... */
  readonly until: number;
  /** ... and by the time since the page began, which may stand still while the computer sleeps. */
  readonly steadyUntil: number;
}

export interface KeepOptions {
  /** When the request was sent that brought the token: it was made after that. Absent for tokens of other tabs. */
  readonly sentAt?: number | undefined;
  /** Of a template's token, which does not say whose it is. */
  readonly key?: string | undefined;
}

export interface TokenContext {
  fetchToken(spec: TokenSpec): Promise<string>;
  /** The token that all tabs share. */
  sharedToken(): string | undefined;
  onToken(jwt: string, claims: Claims): void;
  readonly tabs: Tabs;
}

export type Tokens = ReturnType<typeof createTokens>;

export function createTokens({ fetchToken, sharedToken, onToken, tabs }: TokenContext) {
  const entries = new Map<string, Entry>();
  const underway = new Map<string, Promise<string>>();
  /** Milliseconds that this clock is ahead of the server's, at least. */
  let skew = 0;

  /** Keeps a token unless a newer one is known. */
  function keep(jwt: string, { sentAt, key }: KeepOptions = {}): void {
    const claims = claimsOf(jwt);
    if (!claims) return;
    const at = key ?? keyOfClaims(claims);
    const known = entries.get(at);
    if (known && (known.jwt === jwt || isOlder(claims, known.claims))) return;
    if (sentAt !== undefined) skew = sentAt - claims.iat * 1000;
    const until = claims.exp * 1000 + skew;
    entries.set(at, { jwt, claims, until, steadyUntil: until - Date.now() + performance.now() });
    if (!key) onToken(jwt, claims);
  }

  async function ask(spec: TokenSpec): Promise<{ jwt: string; sentAt: number }> {
    for (let retry = 0; ; retry++) {
      const sentAt = Date.now();
      try {
        return { jwt: await fetchToken(spec), sentAt };
      } catch (error) {
        if (retry >= RETRIES || !isTemporary(error) || navigator.onLine === false) throw error;
        const asked = isRefusal(error) && error.retryAfter;
        await wait(1000 * (asked || 2 ** retry));
      }
    }
  }

  async function replace(
    spec: TokenSpec,
    key: string,
    former: string | undefined,
    force: boolean,
  ): Promise<string> {
    const ofSession = spec.template === undefined;
    const shared = ofSession ? sharedToken() : undefined;
    // Another tab had its turn first: its token is in the cookie, or has been told.
    if (shared !== former && ofKey(shared, key)) keep(shared);
    const found = entries.get(key);
    if (!force && found && found.jwt !== former && !isDue(found)) return found.jwt;
    const { jwt, sentAt } = await ask(spec);
    keep(jwt, { sentAt, key: ofSession ? undefined : key });
    if (ofSession) tabs.tell({ type: 'token', jwt });
    return jwt;
  }

  function refresh(spec: TokenSpec, force = false): Promise<string> {
    const key = keyOf(spec);
    const flight = `${key}:${force}`;
    const running = underway.get(flight);
    if (running) return running;
    const former = entries.get(key)?.jwt;
    const task = () => replace(spec, key, former, force);
    const turn = spec.template === undefined ? tabs.inTurn(key, task) : task();
    const started = turn.finally(() => underway.delete(flight));
    underway.set(flight, started);
    return started;
  }

  return {
    keep,
    /** A new token; also one that another tab got meanwhile, unless `force`. */
    refresh,
    /** A token that is good for a while: the one at hand, or a new one. */
    get(spec: TokenSpec): Promise<string> {
      const entry = entries.get(keyOf(spec));
      if (!entry || left(entry) <= LEEWAY) return refresh(spec);
      if (isDue(entry)) refresh(spec).catch(() => undefined);
      return Promise.resolve(entry.jwt);
    },
    peek: (spec: TokenSpec): Entry | undefined => entries.get(keyOf(spec)),
    /** Milliseconds until a token is to be replaced. */
    dueIn(spec: TokenSpec): number {
      const entry = entries.get(keyOf(spec));
      return entry ? Math.max(0, left(entry) - ahead(entry)) : 0;
    },
    /** Removes the cached tokens of sessions that have ended. */
    forget(living: readonly string[]): void {
      for (const key of entries.keys()) if (!living.includes(key.split(':')[0] ?? '')) entries.delete(key);
    },
  };
}

function keyOf({ sessionId, organizationId, template }: TokenSpec): string {
  return tokenKey(sessionId, organizationId, template);
}

function isOlder(claims: Claims, known: Claims): boolean {
  const read = (claims.oiat ?? 0) - (known.oiat ?? 0);
  return read < 0 || (read === 0 && claims.iat < known.iat);
}

/** Milliseconds that a token still has: the less of what the two clocks say. */
function left({ until, steadyUntil }: Entry): number {
  return Math.min(until - Date.now(), steadyUntil - performance.now());
}

function isDue(entry: Entry): boolean {
  return left(entry) <= ahead(entry);
}

function ofKey(jwt: string | undefined, key: string): jwt is string {
  const claims = claimsOf(jwt);
  return claims !== undefined && keyOfClaims(claims) === key;
}

function ahead({ claims }: Entry): number {
  return Math.min(AHEAD, (claims.exp - claims.iat) * 1000 * AHEAD_PART);
}
