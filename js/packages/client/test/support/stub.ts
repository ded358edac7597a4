// A stand-in for the server where no real one is needed: it answers `fetch` in the page, in the shapes of the protocol.
// Flows against a real server are tests/browser/client.

import { afterEach, beforeEach, vi } from 'vitest';
import { createGreffier, type Greffier } from '../../src/index.ts';

export const KEY = `pk_test_${btoa('clerk.stub.localhost$').replaceAll('=', '')}`;
export const LIFE = 60;

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
  readonly init: RequestInit;
}

export type Handler = (seen: Seen) => Response | Promise<Response>;

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(value), { status, headers });
}

export function refusal(status: number, code: string, headers: Record<string, string> = {}): Response {
  const error = { code, message: code, long_message: `It is ${code}.`, meta: { param_name: 'code' } };
  return json({ errors: [error] }, status, headers);
}

/** An unsigned token, as the server of this stub would make it now. */
export function token(claims: object, serverNow: number): string {
  const iat = Math.floor(serverNow / 1000);
  const payload = {
    sid: 'sess_1',
    sub: 'user_1',
    iat,
    exp: iat + LIFE,
    jti: String(Math.random()),
    ...claims,
  };
  return ['{}', JSON.stringify(payload), ''].map((part) => btoa(part).replaceAll('=', '')).join('.');
}

/** The stand-in. `ahead`: milliseconds that its clock is ahead of the browser's. */
export class StubServer {
  ahead = 0;
  seen: Seen[] = [];
  isOnline = true;
  sessions: { id: string; status: string; organization: string | null }[] = [
    { id: 'sess_1', status: 'active', organization: null },
  ];
  updatedAt = Date.now() - 5_000;
  memberships: object[] = [];
  handlers = new Map<string, Handler>();

  now(): number {
    return Date.now() + this.ahead;
  }

  client(): object | null {
    return {
      object: 'client',
      id: 'client_1',
      sessions: this.sessions.map((one) => this.session(one.id)),
      sign_in: null,
      sign_up: null,
      last_active_session_id: this.sessions[0]?.id ?? null,
      updated_at: this.updatedAt,
    };
  }

  session(id: string): object {
    const { status, organization } = this.sessions.find((one) => one.id === id) ?? {};
    const jwt = token({ sid: id, ...(organization && { o: { id: organization } }) }, this.now());
    return {
      object: 'session',
      id,
      status,
      last_active_token: { object: 'token', jwt },
      last_active_organization_id: organization,
      user: { object: 'user', id: 'user_1', first_name: 'Ada', organization_memberships: this.memberships },
    };
  }

  on(route: string, handler: Handler): void {
    this.handlers.set(route, handler);
  }

  requests(route: string): Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === route);
  }

  async answer(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    if (!this.isOnline) throw new TypeError('Failed to fetch');
    const url = new URL(String(input));
    const query = Object.fromEntries(url.searchParams);
    const form = init.body instanceof URLSearchParams ? Object.fromEntries(init.body) : {};
    const seen = {
      method: query['_method'] ?? init.method ?? 'GET',
      path: url.pathname.replace('/v1', ''),
      query,
      form,
      init,
    };
    this.seen.push(seen);
    return (this.handlers.get(`${seen.method} ${seen.path}`) ?? ((one) => this.usual(one)))(seen);
  }

  usual({ method, path, form }: Seen): Response {
    const [, id] = /^\/client\/sessions\/([^/]+)\/tokens/.exec(path) ?? [];
    if (id && !this.sessions.some((one) => one.id === id)) return refusal(401, 'signed_out');
    if (id) {
      const organization = form['organization_id'];
      return json({ jwt: token({ sid: id, ...(organization && { o: { id: organization } }) }, this.now()) });
    }
    if (path === '/environment') return json({ user_settings: { sign_up: {} }, display_config: {} });
    if (path === '/dev_browser') return json({ id: 'dvb_1' });
    if (method === 'DELETE' && path === '/client/sessions') this.sessions = [];
    if (method !== 'GET') this.updatedAt = this.now();
    return json({
      response: path === '/client' || path === '/client/sessions' ? this.client() : {},
      client: this.client(),
    });
  }
}

export function forgetCookies(): void {
  for (const pair of document.cookie.split('; ')) {
    // biome-ignore lint/suspicious/noDocumentCookie: as the sources do
    document.cookie = `${pair.split('=')[0]}=; Path=/; Max-Age=0`;
  }
}

/** A stub for each test of a file, and `open()` for the objects of pages, which are closed at the end. */
export function stubServer() {
  const context: { server: StubServer; open(options?: object): Greffier } = {
    server: new StubServer(),
    open(options = {}) {
      const greffier = createGreffier({ publishableKey: KEY, ...options });
      opened.push(greffier);
      return greffier;
    },
  };
  let opened: Greffier[] = [];
  beforeEach(() => {
    forgetCookies();
    context.server = new StubServer();
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
      context.server.answer(input, init),
    );
  });
  afterEach(() => {
    for (const one of opened) one.close();
    opened = [];
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return context;
}

export function cookie(name: string): string | undefined {
  return document.cookie
    .split('; ')
    .find((one) => one.startsWith(`${name}=`))
    ?.slice(name.length + 1);
}
