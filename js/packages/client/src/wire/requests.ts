// Requests in the manner of the protocol: parameters of every request, errors, and retries of those that only read.

import { type ErrorItem, GreffierError, isRefusal, isTemporary } from './errors.ts';
import { fromWire, toWire } from './names.ts';
import type { Method, Transport, WireAnswer } from './transport.ts';

export const API_VERSION = '2026-05-12';
const RETRIES = 3;
/** Milliseconds before the second and the third retry; the first is immediate. */
const PAUSE = 700;
const LONGEST_PAUSE = 5_000;

export interface RequestOptions {
  readonly method?: Method | undefined;
  readonly body?: object | FormData | undefined;
  readonly query?: object | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface Answer<Resource = unknown> {
  readonly response: Resource;
  /** When the request was sent, by this browser's clock. */
  readonly sentAt: number;
  header(name: string): string | null;
}

/** What requests need to know, and whom they tell. */
export interface RequestContext {
  readonly base: string;
  readonly version: string;
  readonly transport: Transport;
  /** Parameters that the browser's state adds to the query of a path. */
  parameters(path: string): object;
  /** An answer, also one that refuses, brought the client of now. `sentAt`: when the request was sent. */
  onClient(client: unknown, sentAt: number): void;
  /** A refusal: whether its cause was removed, so that the request is sent again. */
  recover(error: GreffierError, path: string, method: Method): Promise<boolean>;
}

export type Send = <Resource = unknown>(path: string, options?: RequestOptions) => Promise<Answer<Resource>>;

/** Makes `send`, which resolves with the answer and raises GreffierError or NetworkError. */
export function createSend(context: RequestContext): Send {
  function urlOf(path: string, method: Method, query: object | undefined, retry: number): URL {
    const url = new URL(`${context.base}${path.startsWith('/api_keys') ? '' : '/v1'}${path}`);
    url.search = toWire({
      ...query,
      __clerk_api_version: API_VERSION,
      _clerk_js_version: context.version,
      _method: method === 'GET' || method === 'POST' ? undefined : method,
      ...context.parameters(path),
      _clerk_retry_attempt: retry || undefined,
    }).toString();
    return url;
  }

  async function once<Resource>(
    path: string,
    { method = 'GET', body, query, signal, headers }: RequestOptions,
    retry: number,
  ): Promise<Answer<Resource>> {
    const form = body instanceof FormData || !body ? body : toWire(body);
    const url = urlOf(path, method, query, retry);
    const sentAt = Date.now();
    const answer = await context.transport({ url, path, method, body: form, signal, headers });
    const json = answer.json as Envelope | null;
    const client = json?.client ?? json?.meta?.client;
    if (client && method !== 'GET') context.onClient(fromWire(client), sentAt);
    if (answer.status >= 400) throw refusalOf(answer, json);
    const response = json && 'response' in json ? json.response : json;
    return { response: fromWire(response) as Resource, sentAt, header: answer.header };
  }

  async function persistent<Resource>(path: string, options: RequestOptions): Promise<Answer<Resource>> {
    for (let retry = 0; ; retry++) {
      try {
        return await once<Resource>(path, options, retry);
      } catch (error) {
        const mayRepeat = (options.method ?? 'GET') === 'GET' && retry < RETRIES && isTemporary(error);
        if (!mayRepeat) throw error;
        await pause(error, retry);
      }
    }
  }

  return async <Resource>(path: string, options: RequestOptions = {}) => {
    try {
      return await persistent<Resource>(path, options);
    } catch (error) {
      if (!isRefusal(error) || !(await context.recover(error, path, options.method ?? 'GET'))) throw error;
      return persistent<Resource>(path, options);
    }
  };
}

interface Envelope {
  readonly response?: unknown;
  readonly client?: unknown;
  readonly meta?: { readonly client?: unknown };
  readonly errors?: readonly unknown[];
}

function refusalOf({ status, header }: WireAnswer, json: Envelope | null): GreffierError {
  const errors = fromWire(json?.errors ?? []) as Partial<ErrorItem>[];
  return new GreffierError(status, errors, Number(header('retry-after')) || undefined);
}

function pause(error: unknown, retry: number): Promise<void> {
  const asked = isRefusal(error) ? (error.retryAfter ?? 0) * 1000 : 0;
  // A wait that the user would not sit through is their decision.
  if (asked > LONGEST_PAUSE) throw error;
  return wait(asked || (retry && PAUSE * 2 ** retry));
}

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
