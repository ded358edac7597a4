// The object that an application makes once: state, requests, and the session of this tab.

import type { Tokens } from '../sessions/tokens.ts';
import type { Client, Session } from '../types/clients.ts';
import { cookieSuffix, parsePublishableKey } from '../wire/keys.ts';
import { createSend, type Send } from '../wire/requests.ts';
import { refuseSecretKeys } from '../wire/secretKeys.ts';
import { fetchTransport, type Method } from '../wire/transport.ts';
import { apiBase, isOtherHost, takeFromUrl } from './addresses.ts';
import { loadClient, loadEnvironment } from './boot.ts';
import { type Keeping, specOf, startKeeping } from './keeping.ts';
import type { GreffierOptions, TokenOptions } from './options.ts';
import { createQueue } from './queue.ts';
import { recovery } from './recovery.ts';
import {
  defaultSession,
  derived,
  isLive,
  LOADING,
  liveSessions,
  type Snapshot,
  sessionOfToken,
} from './snapshot.ts';
import { createStore, type Readable } from './store.ts';

export const VERSION = '0.1.0';
const DEV_BROWSER = '__clerk_db_jwt';

export interface Mutation {
  readonly path: string;
  readonly method: Method;
  readonly response: unknown;
}

export interface ActiveParams {
  /** A session of this client or its id; `null` is none, and absent the one at hand. */
  session?: Session | string | null | undefined;
  /** Id or slug of an organization; `null` is the personal account. */
  organization?: string | null | undefined;
}

export interface Greffier extends Readable<Snapshot> {
  readonly options: GreffierOptions;
  readonly apiUrl: string;
  readonly isDevelopment: boolean;
  /** For rendering on a server, where nothing is known. */
  getServerSnapshot(): Snapshot;
  /** Asks for the environment and the client, once. Rejects when the server refuses this page. */
  load(): Promise<void>;
  /** Asks for the client again. */
  reload(): Promise<void>;
  /** A request that changes nothing. */
  read<Resource>(path: string, query?: object): Promise<Resource>;
  /** A request that changes something; resolves with the resource as it is then. */
  mutate<Resource>(path: string, body?: object | FormData, method?: Method): Promise<Resource>;
  /** The layer below `read` and `mutate`. */
  readonly send: Send;
  onMutation(listener: (mutation: Mutation) => void): () => void;
  /** Chooses the session and the organization of this tab, and waits for their token. */
  setActive(params: ActiveParams): Promise<void>;
  /** Only shows another session to readers, as where another SDK has chosen it. */
  choose(sessionId: string | null): void;
  /** Ends one session, or all of this browser. */
  signOut(sessionId?: string): Promise<void>;
  /** A token of the session of this tab; `null` when no user is signed in. */
  getToken(options?: TokenOptions): Promise<string | null>;
  /** The URL of a page elsewhere, for navigations: in development it says which browser comes. */
  urlWithAuth(url: string): string;
  /** Ends timers and subscriptions. */
  close(): void;
}

export function createGreffier<Key extends string>(options: GreffierOptions<Key>): Greffier {
  const { publishableKey, keepsSession = true } = options;
  refuseSecretKeys({ publishableKey, proxyUrl: options.proxyUrl });
  const { host, isDevelopment } = parsePublishableKey<string>(publishableKey);
  const base = apiBase(host, options.proxyUrl);
  const store = createStore<Snapshot>(LOADING);
  const listeners = new Set<(mutation: Mutation) => void>();
  const enqueue = createQueue();
  let keeping: Keeping | undefined;
  let loading: Promise<void> | undefined;
  /** Counts requests, so that an answer does not replace that of a later one. */
  let asked = 0;
  let applied = 0;

  const snapshot = store.getSnapshot;

  function parameters(path: string): object {
    const browser =
      isDevelopment && isOtherHost(base) && path !== '/dev_browser'
        ? keeping?.cookies.devBrowser()
        : undefined;
    const acts = !/^\/(client|waitlist|dev_browser|environment)\b/.test(path);
    return { _clerk_session_id: (acts && snapshot().session?.id) || undefined, [DEV_BROWSER]: browser };
  }

  const send = createSend({
    base,
    version: VERSION,
    transport: options.transport ?? fetchTransport,
    parameters,
    onClient: (client, sentAt) => apply(client as Client, sentAt),
    recover: recovery({
      captcha: options.captcha,
      snapshot,
      renewDevBrowser: () => setDevBrowser(true),
      reload: () => self.reload(),
      send: (...request) => send(...request),
    }),
  });

  /** The session that this tab goes on with: another tab signs a user in only where none was. */
  function sessionIn(
    client: Client | null,
    chosen: string | null | undefined,
    adopt: boolean,
  ): Session | null {
    const { session, client: known } = snapshot();
    const id = chosen === undefined ? session?.id : chosen;
    if (id === undefined && (session === undefined || (adopt && !liveSessions(known).length)))
      return defaultSession(client);
    return client?.sessions.find((one) => one.id === id && isLive(one)) ?? null;
  }

  function apply(
    client: Client | null,
    sentAt?: number,
    { chosen, adopt = false, number = ++asked }: Applying = {},
  ): void {
    const known = snapshot().client;
    if (number < applied) return;
    if (client && known?.id === client.id && client.updatedAt < known.updatedAt) return;
    applied = number;
    const session = sessionIn(client, chosen, adopt);
    const { environment } = snapshot();
    const status = environment ? 'ready' : 'degraded';
    store.set({ status, error: undefined, environment, client, ...derived(session) });
    keeping?.follow(sentAt, chosen !== undefined);
  }

  async function setDevBrowser(anew: boolean): Promise<void> {
    const cookies = keeping?.cookies;
    if (!isDevelopment || !cookies) return;
    const token = takeFromUrl(DEV_BROWSER) ?? (anew ? undefined : cookies.devBrowser());
    cookies.setDevBrowser(
      token ?? (await send<{ id: string }>('/dev_browser', { method: 'POST' })).response.id,
    );
  }

  async function begin(): Promise<void> {
    if (typeof document === 'undefined') return;
    if (keepsSession) {
      const suffix = await cookieSuffix(publishableKey);
      keeping = startKeeping({
        cookies: {
          suffix,
          writesUat: isDevelopment && !location.hostname.endsWith(host.replace(/^clerk\./, '')),
          partitioned: () => snapshot().environment?.partitionedCookies === true,
        },
        getSnapshot: snapshot,
        fetchToken,
        reload: () => (snapshot().status === 'ready' ? refresh(true) : ask()),
        touch: options.touchOnFocus === false ? undefined : (session) => touch(session, 'focus'),
      });
    }
    takeFromUrl('__clerk_handshake', '__clerk_handshake_nonce', '__clerk_help', '__clerk_synced');
    await ask();
  }

  /** Asks for all that is needed. */
  async function ask(): Promise<void> {
    const number = ++asked;
    const sentAt = Date.now();
    await setDevBrowser(false).catch(() => undefined);
    const [environment, client] = await Promise.all([
      loadEnvironment(send, isDevelopment && keepsSession),
      loadClient(send),
    ]);
    const refused = environment.refused ?? client.refused;
    if (environment.value) store.set({ ...snapshot(), environment: environment.value });
    if (refused) {
      store.set({ ...snapshot(), status: 'failed', error: refused });
      throw refused;
    }
    if (client.value !== undefined) {
      apply(client.value, sentAt, { number, adopt: true });
      keeping?.tellChanges(false);
      return;
    }
    const session = snapshot().session ?? sessionOfToken(keeping?.cookies.session());
    store.set({ ...snapshot(), status: 'degraded', error: client.error, ...derived(session) });
    keeping?.follow();
  }

  async function refresh(adopt = false): Promise<void> {
    const number = ++asked;
    const { response, sentAt } = await send<Client | null>('/client');
    apply(response, sentAt, { number, adopt });
    // What another tab has told needs no telling.
    keeping?.tellChanges(!adopt);
  }

  async function fetchToken({
    sessionId,
    organizationId,
    template,
  }: Parameters<Tokens['get']>[0]): Promise<string> {
    const path = `/client/sessions/${sessionId}/tokens${template ? `/${template}` : ''}`;
    const body = template ? undefined : { organizationId };
    return (await send<{ jwt: string }>(path, { method: 'POST', body })).response.jwt;
  }

  function touch(session: Session, intent: string, organizationId = session.lastActiveOrganizationId) {
    const body = { activeOrganizationId: organizationId, intent };
    return send<Session>(`/client/sessions/${session.id}/touch`, { method: 'POST', body });
  }

  async function mutate<Resource>(
    path: string,
    body?: object | FormData,
    method: Method = 'POST',
  ): Promise<Resource> {
    await self.load();
    return enqueue(path, method, body, async () => {
      const { response } = await send<Resource>(path, { method, body });
      for (const listener of [...listeners]) listener({ path, method, response });
      keeping?.tellChanges(true);
      return response;
    });
  }

  async function findSession(id: string): Promise<Session> {
    const find = () => liveSessions(snapshot().client).find((one) => one.id === id);
    if (!find()) await refresh();
    const found = find();
    if (!found) throw new Error(`Session ${id} is not one of this client.`);
    return found;
  }

  const self: Greffier = {
    ...store,
    options: options as GreffierOptions,
    apiUrl: base,
    isDevelopment,
    send,
    mutate,
    getServerSnapshot: () => LOADING,
    load() {
      loading ??= begin().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    reload: () => refresh(),
    async read<Resource>(path: string, query?: object) {
      await self.load();
      return (await send<Resource>(path, { query })).response;
    },
    onMutation(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    async setActive({ session: wanted, organization }) {
      await self.load();
      const current = snapshot().session ?? null;
      const id = wanted === undefined ? current?.id : typeof wanted === 'string' ? wanted : wanted?.id;
      if (!id) return self.choose(null);
      const session = await findSession(id);
      const organizationId = organizationOf(session, organization);
      await touch(session, organization === undefined ? 'select_session' : 'select_org', organizationId);
      // The answer brings no client where the server has nothing to tell.
      if ((await findSession(id)).lastActiveOrganizationId !== organizationId) await refresh();
      self.choose(id);
      const { session: active } = snapshot();
      if (active) await keeping?.tokens.get(specOf(active)).catch(() => undefined);
      keeping?.tellChanges(true);
    },
    choose: (chosen) => apply(snapshot().client ?? null, undefined, { chosen }),
    async signOut(sessionId) {
      await self.load();
      if (sessionId) await mutate(`/client/sessions/${sessionId}/remove`);
      else await mutate('/client/sessions', undefined, 'DELETE');
    },
    async getToken({ template, organizationId, skipCache } = {}) {
      await self.load();
      const { session } = snapshot();
      if (!session || !keeping) return null;
      const own = specOf(session);
      const spec = template
        ? { ...own, template }
        : { ...own, ...(organizationId !== undefined && { organizationId }) };
      return skipCache ? keeping.tokens.refresh(spec, true) : keeping.tokens.get(spec);
    },
    urlWithAuth(url) {
      const target = new URL(url, location.href);
      const token = isDevelopment && target.origin !== location.origin && keeping?.cookies.devBrowser();
      if (token && !target.searchParams.has(DEV_BROWSER)) target.searchParams.set(DEV_BROWSER, token);
      return target.href;
    },
    close: () => keeping?.stop(),
  };
  return self;
}

interface Applying {
  /** The session that the application chose. */
  readonly chosen?: string | null;
  readonly adopt?: boolean;
  readonly number?: number;
}

function organizationOf(session: Session, wanted: string | null | undefined): string | null {
  if (wanted === undefined) return session.lastActiveOrganizationId;
  const memberships = session.user?.organizationMemberships ?? [];
  return memberships.find(({ organization: { slug } }) => slug === wanted)?.organization.id ?? wanted;
}
