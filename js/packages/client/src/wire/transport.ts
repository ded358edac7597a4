// One exchange with the server. Requests need no preflight (Fetch standard, section 4.8): GET or POST with a form.

import { NetworkError } from './errors.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface WireRequest {
  readonly url: URL;
  /** The operation's path, without `/v1`. */
  readonly path: string;
  /** The operation's method. Those that are neither GET nor POST travel as POST with `_method`. */
  readonly method: Method;
  readonly body: URLSearchParams | FormData | undefined;
  readonly signal: AbortSignal | undefined;
  /** With headers a request has a preflight: only API keys are asked for so, with `authorization`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

export interface WireAnswer {
  readonly status: number;
  /** Parsed JSON; nothing for an answer without a body. */
  readonly json: unknown;
  header(name: string): string | null;
}

/**
 * Sends a request. Raises NetworkError when no answer comes, or one that is not the server's.
 */
export type Transport = (request: WireRequest) => Promise<WireAnswer>;

/** Keeps the client's token where there are no cookies: native applications and extensions. */
export interface TokenStorage {
  read(): string | null | Promise<string | null>;
  write(token: string): void | Promise<void>;
}

async function exchange(request: WireRequest, added: Record<string, string>, withCookies: boolean) {
  const { url, method, body, signal, headers } = request;
  try {
    const response = await fetch(url, {
      method: method === 'GET' ? 'GET' : 'POST',
      credentials: withCookies ? 'include' : 'omit',
      headers: { ...added, ...headers },
      ...(body && { body }),
      ...(signal && { signal }),
    });
    const text = await response.text();
    const json: unknown = text ? JSON.parse(text) : null;
    return { status: response.status, json, header: (name: string) => response.headers.get(name) };
  } catch (cause) {
    if (signal?.aborted) throw signal.reason;
    throw new NetworkError(`No answer from ${url.origin}.`, { cause });
  }
}

/** By `fetch`, with cookies. */
export const fetchTransport: Transport = (request) => exchange(request, {}, request.path !== '/dev_browser');

/** By `fetch`, with the client's token in a header: these requests do have a preflight. */
export function nativeTransport(storage: TokenStorage): Transport {
  return async (request) => {
    request.url.searchParams.set('_is_native', '1');
    const answer = await exchange(request, { authorization: (await storage.read()) ?? '' }, false);
    const token = answer.header('authorization')?.replace(/^Bearer /, '');
    if (token) await storage.write(token);
    return answer;
  };
}
