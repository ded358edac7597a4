// Beside the published browser SDK in one page: that SDK keeps the session, its tokens and cookies, and this client
// does the flows. Readers of that SDK see the user that our flows have signed in.

import { createGreffier, type Greffier } from '../core/greffier.ts';
import type { GreffierOptions } from '../core/options.ts';
import { NetworkError } from '../wire/errors.ts';
import type { Transport } from '../wire/transport.ts';

/** What is used of `window.Clerk`, once it is loaded. */
export interface PublishedSdk {
  readonly client?: { readonly updatedAt?: Date | null; reload(): Promise<unknown> } | undefined;
  readonly session?:
    | { readonly id: string; getToken(options?: object): Promise<string | null> }
    | null
    | undefined;
  setActive(params: object): Promise<void>;
  signOut(options?: object): Promise<void>;
  addListener(listener: () => void): () => void;
  getFapiClient(): {
    request(request: object): Promise<
      | {
          readonly status: number;
          readonly headers: Headers;
          readonly payload: unknown;
        }
      | undefined
    >;
  };
}

/** The options of the application; the session is that SDK's. */
export type BesideOptions<Key extends string> = Omit<GreffierOptions<Key>, 'keepsSession' | 'touchOnFocus'>;

/**
 * A Greffier object whose sessions are chosen and ended by the published SDK, which is loaded already. Of our flows it
 * learns before it is told to choose their session.
 */
export function createGreffierBeside<Key extends string>(
  sdk: PublishedSdk,
  options: BesideOptions<Key>,
): Greffier {
  const own = createGreffier<Key>({ ...options, keepsSession: false } as GreffierOptions<Key>);
  let seen = '';
  async function look(): Promise<void> {
    await own.reload();
    own.choose(sdk.session?.id ?? null);
  }
  const stop = sdk.addListener(() => {
    const now = `${sdk.client?.updatedAt?.getTime()} ${sdk.session?.id}`;
    if (now === seen) return;
    seen = now;
    look().catch(() => undefined);
  });
  return {
    ...own,
    async setActive({ session, organization }) {
      await own.load();
      await sdk.client?.reload();
      const id = typeof session === 'object' ? (session?.id ?? null) : session;
      await sdk.setActive({
        ...(id !== undefined && { session: id }),
        ...(organization !== undefined && { organization }),
      });
      await look();
    },
    getToken: async (asked) => (await sdk.session?.getToken(asked)) ?? null,
    async signOut(sessionId) {
      await sdk.signOut(sessionId ? { sessionId } : undefined);
      await look();
    },
    close() {
      stop();
      own.close();
    },
  };
}

/** Added by that SDK itself. */
const ITS_OWN = [
  '__clerk_api_version',
  '_clerk_js_version',
  '_clerk_session_id',
  '_method',
  '__clerk_db_jwt',
];

/** For `transport`: requests go out by that SDK, with its hooks and in its environment, as in native applications. */
export function sentBy(sdk: PublishedSdk): Transport {
  return async ({ url, path, method, body, headers }) => {
    const search = new URLSearchParams(url.search);
    for (const name of ITS_OWN) search.delete(name);
    const form = body instanceof URLSearchParams ? objectOf(body) : body;
    try {
      const answer = await sdk.getFapiClient().request({ path, method, search, body: form, headers });
      if (!answer) throw new NetworkError('No answer by the published SDK.');
      return { status: answer.status, json: answer.payload, header: (name) => answer.headers.get(name) };
    } catch (cause) {
      throw cause instanceof NetworkError
        ? cause
        : new NetworkError(`No answer from ${url.origin}.`, { cause });
    }
  };
}

/** That SDK makes a form of an object. */
function objectOf(form: URLSearchParams): Record<string, string | string[]> {
  const names = [...new Set(form.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = form.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}
